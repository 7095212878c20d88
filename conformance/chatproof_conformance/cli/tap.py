"""``chatproof tap``: show, record and judge what passes between any client and any server."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.files import NamedFile
from chatproof_common.command_line.values import count, seconds, whole_number
from chatproof_conformance.cli.conclusions import add_conclusion_options, named_file, read_policy
from chatproof_conformance.core.options import flag
from chatproof_conformance.core.roles import Role

if TYPE_CHECKING:
    from chatproof_conformance.apps.tap.options import TapOptions

_DESCRIPTION = """\
A proxy between any client and any server of the TCP chat protocol. It passes everything on as it arrives, not one byte
and not one boundary changed, and shows it; at the end it judges what the server did, and what the clients sent.
It ends at Ctrl+C, SIGTERM or SIGHUP, at the end of the COMMAND after `--`, or after --connections or --seconds (these
end the COMMAND too)."""

_EXAMPLES = """\
examples:
  chatproof tap --listen :12346 --to localhost:12345          clients connect to port 12346 now; watch them
  chatproof tap --listen :12346 --to localhost:12345 --record run.ndjson
                                                              keep what passed, for check --transcript and replay
  chatproof tap --listen :12346 --to localhost:12345 --pcap run.pcapng
                                                              the packets, for Wireshark
  chatproof tap --to localhost:12345 -- ./e2e-tests           run tests through it: CHATPROOF_TAP is HOST:PORT
  chatproof tap --to localhost:12345 -- ./e2e --port {port}   the same, with the port among their words
  chatproof tap --to localhost:12345 --report junit=tap.xml,html=tap.html -- ./e2e-tests
                                                              the verdict for CI and for people
  chatproof tap --listen :12346 --to localhost:12345 --fault client:split=1 --fault delay=50ms
                                                              what clients send arrives byte by byte, all 50 ms late

faults (docs/tap.md), of both directions, or with client: or server: before it of what that side sends:
  split[=N]          in pieces of N bytes, or of random sizes, 1 ms apart
  delay=TIME         so much later; a TIME is written 50ms or 1.5s
  jitter=TIME        later by chance, at most so much; the order is kept
  coalesce=TIME      gathered for so long, then in one piece
  cut[=N][:fin]      the connection is reset (or ended in order) after N bytes, or a random number
  stall[=N][:TIME]   nothing more passes after N bytes, or a random number; for so long, or for ever

exit codes:
  0  what passed keeps the protocol
  1  a MUST is broken (with --strict, a SHOULD too)
  2  nothing can be said: bad options, no traffic
  and if all is well but the COMMAND failed, its own"""


_LISTEN, _FRAMING, _JUDGE, _RECORD_MIB = ":0", "lf", "both", 1024
"""The defaults."""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("command", nargs="*", metavar="-- COMMAND", help="run this, with the tap's address; then end")
    parser.add_argument(
        "--listen",
        default=_LISTEN,
        metavar="[HOST:]PORT",
        help="where clients connect (default: 127.0.0.1, any free port)",
    )
    parser.add_argument("--to", required=True, metavar="HOST:PORT", help="the server")
    parser.add_argument("--record", metavar="FILE", help="write what passes to a transcript, as it passes")
    parser.add_argument("--pcap", metavar="FILE", help="write what passes as packets, for Wireshark, as it passes")
    parser.add_argument("--fault", action="append", default=[], metavar="FAULT", help="worsen the network, see below")
    parser.add_argument("--seed", type=whole_number, metavar="N", help="repeat what is random in the faults")
    parser.add_argument(
        "--framing",
        choices=("lf", "none"),
        default=_FRAMING,
        help="none: programs of the original kind, objects with no LF (default: lf)",
    )
    shown = parser.add_argument_group("what is shown")
    shown.add_argument("--quiet", action="store_true", help="show the verdict only, not what passes")
    shown.add_argument("--json", action="store_true", help="lines for programs: frames, happenings, the verdict")
    run = parser.add_argument_group("run")
    run.add_argument(
        "--judge",
        choices=(*(role.value for role in Role), "both"),
        default=_JUDGE,
        help="whose faults count (default: both)",
    )
    run.add_argument(
        "--settle",
        type=seconds,
        metavar="SECONDS",
        help="with no traffic for this long at the end, what has not arrived counts as missing (default: 5)",
    )
    run.add_argument("--connections", type=count, metavar="N", help="end when N connections have been opened and ended")
    run.add_argument("--seconds", type=seconds, metavar="SECONDS", help="end after so long")
    run.add_argument(
        "--record-mib",
        type=count,
        default=_RECORD_MIB,
        metavar="MIB",
        help="memory that the record may take; what passes after that is not judged (default: %(default)s)",
    )
    add_conclusion_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.tap.session import run_tap  # noqa: PLC0415  only when a command runs

    policy = read_policy(arguments, written=_written(arguments))
    return run_tap(_options(arguments), policy)


def _written(arguments: argparse.Namespace) -> tuple[NamedFile, ...]:
    return (*named_file("--record", arguments.record), *named_file("--pcap", arguments.pcap))


def _options(arguments: argparse.Namespace) -> "TapOptions":
    import secrets  # noqa: PLC0415  only when a command runs

    from chatproof_conformance.apps.tap.options import SETTLE_SECONDS, TapOptions  # noqa: PLC0415  the same
    from chatproof_conformance.apps.tap.proxy.faults import read_faults  # noqa: PLC0415  the same
    from chatproof_conformance.core.addresses import parse_address  # noqa: PLC0415  the same

    seed = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    without_host = re.fullmatch(":?([0-9]+)", arguments.listen)
    listen = f"127.0.0.1:{without_host[1]}" if without_host else arguments.listen
    return TapOptions(
        listen=parse_address(listen, "--listen", lowest_port=0),
        to=parse_address(arguments.to, "--to"),
        faults=read_faults(arguments.fault),
        seed=seed,
        record=Path(arguments.record) if arguments.record else None,
        pcap=Path(arguments.pcap) if arguments.pcap else None,
        framing=arguments.framing,
        judged=tuple(Role) if arguments.judge == "both" else (Role(arguments.judge),),
        quiet=arguments.quiet,
        json=arguments.json,
        settle=arguments.settle or SETTLE_SECONDS,
        connections=arguments.connections,
        seconds=arguments.seconds,
        record_mib=arguments.record_mib,
        command=tuple(arguments.command),
        words=_again(arguments, seed),
    )


def _again(arguments: argparse.Namespace, seed: int) -> str:
    """Return the words that change what passes or how it is judged, as a command line has them."""
    from chatproof_common.system.shell_words import join_words  # noqa: PLC0415  only when a command runs

    names = ("to", "listen", "framing", "judge", "settle", "connections", "seconds", "record_mib")
    given = {name: getattr(arguments, name) for name in names}
    defaults = {"listen": _LISTEN, "framing": _FRAMING, "judge": _JUDGE, "record_mib": _RECORD_MIB}
    words = [f"{flag(name)}={value}" for name, value in given.items() if value not in (None, defaults.get(name))]
    if arguments.fault:
        words += [*(f"--fault={fault}" for fault in arguments.fault), f"--seed={seed}"]
    if arguments.command:
        words += ["--", *arguments.command]
    return f" {join_words(words)}"


COMMAND = Command(
    summary="show, record and judge what passes between any client and any server",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
