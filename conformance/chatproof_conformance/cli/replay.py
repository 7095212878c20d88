"""``chatproof replay``: play a recording again, and judge whether it breaks the protocol this time."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.files import NamedFile, require_separate
from chatproof_common.command_line.values import CommandError, count, seconds
from chatproof_conformance.cli.conclusions import named_file
from chatproof_conformance.cli.targets import add_target_options, require_words
from chatproof_conformance.core.addresses import read_address
from chatproof_conformance.core.options import DEFAULT_WAIT
from chatproof_conformance.core.roles import Role

if TYPE_CHECKING:
    from chatproof_conformance.apps.replay.replaying import Replayer
    from chatproof_schemas.transcript import Transcript

_DESCRIPTION = """\
Plays the clients' side of a recording against a server, judges what the server sends, and prints where it differs.
`chatproof check --save FOLDER` makes such recordings. With no target it plays against the bundled reference server.
A recording of `chatproof check-client --save FOLDER` is played the other way round: server and user, to a client.
A server that runs already is met under other user names than the recorded ones, so that neither its memory nor other
people on it matter; a server that is started is fresh for each play, and meets the recorded names."""

_EXAMPLES = """\
examples:
  chatproof replay failures/PUBLIC-1-each_exactly_once.ndjson localhost:12345
  chatproof replay FILE --command "./myserver {port}" --times 20     how often does it fail?
  chatproof replay FILE --save again.ndjson                          keep this time's traffic
  chatproof replay failures/CLIENT-3-many_frames_at_once.ndjson --command "node my_driver.js"    a client's failure

exit codes:
  0  the traffic keeps the protocol
  1  it breaks the protocol
  2  nothing can be said: bad options, no recording, no connection"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the recording (NDJSON)")
    parser.add_argument("address", metavar="HOST:PORT", nargs="?", help="a server that runs already")
    add_target_options(parser)
    parser.add_argument(
        "--times", type=count, default=1, metavar="N", help="play it N times; print how often it fails (default: 1)"
    )
    parser.add_argument(
        "--wait",
        type=seconds,
        metavar="SECONDS",
        help=f"how long a server may take to start (default: {DEFAULT_WAIT:g}; HOST:PORT: 0)",
    )
    parser.add_argument("--save", metavar="FILE", help="write the recording of the last play to a file")


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.replay.replaying import replay  # noqa: PLC0415  only when a command runs
    from chatproof_schemas.transcript import TranscriptError, read_transcript  # noqa: PLC0415  the same

    try:
        require_separate([NamedFile(arguments.file, arguments.file)], named_file("--save", arguments.save))
        recorded = read_transcript(Path(arguments.file))
        if not recorded.holds_traffic:
            raise CommandError(f"{arguments.file}: holds no traffic: there is nothing to play")
        make = _client_replayer if Role(recorded.checked) is Role.CLIENT else _server_replayer
        replayer = make(arguments, recorded)
        return replay(recorded, arguments.file, replayer, times=arguments.times, save=arguments.save)
    except TranscriptError as error:
        raise CommandError(str(error)) from None


def _server_replayer(arguments: argparse.Namespace, _: "Transcript") -> "Replayer":
    from chatproof_conformance.apps.replay.server_replayer import ServerReplayer  # noqa: PLC0415  only if it is one
    from chatproof_conformance.endpoints.process.source import ServerSource  # noqa: PLC0415  the same
    from chatproof_conformance.endpoints.process.stopping import require_stop  # noqa: PLC0415  the same

    address = read_address(arguments.address, arguments.command, arguments.announce)
    require_stop(arguments.stop, arguments.command)
    source = ServerSource(address, arguments.command, arguments.announce, stop=arguments.stop)
    return ServerReplayer(source.reach(arguments.wait))


def _client_replayer(arguments: argparse.Namespace, recorded: "Transcript") -> "Replayer":
    from chatproof_conformance.apps.replay import client_replayer  # noqa: PLC0415  only if it is one

    if arguments.address or arguments.announce or arguments.stop:
        raise CommandError(f"{arguments.file} is a recording of a client: give --command with its driver, or nothing")
    require_words(arguments.command)
    client_replayer.require_driver(recorded, arguments.file)
    return client_replayer.ClientReplayer(arguments.command)


COMMAND = Command(
    summary="play a recorded failure again, and judge whether it still breaks the protocol",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
