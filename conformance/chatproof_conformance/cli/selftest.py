"""``chatproof selftest``: check that the harness finds what it must, and only that."""

import argparse
import os

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import count, folder, seconds, whole_number
from chatproof_conformance.cli.completions import implementations

_DESCRIPTION = """\
Tries the harness itself: it checks servers and clients that each break the protocol in one way, and conforming ones
that are unusual. Every faulty one must be found under a right id, and no conforming one may fail."""

_EXAMPLES = """\
examples:
  chatproof selftest                           all servers and clients; the matrix of faults and requirements
  chatproof selftest --only baseline           some, by name
  chatproof selftest --clients --seed 3        those of one kind, with another seed
  chatproof selftest --list                    all of them, and what each does
  chatproof selftest --json -                  the same for programs, on standard output
  chatproof selftest --save alarms             keep what shows each false alarm, for `chatproof replay`

exit codes:
  0  every faulty one was found under a right id, and nothing was found falsely
  1  the harness was wrong on some of them
  2  nothing can be said: bad options, nothing to try"""

_BUDGET = 2.0


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="try these only")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--servers", action="store_const", dest="of", const="server", help="try the servers only")
    kinds.add_argument("--clients", action="store_const", dest="of", const="client", help="try the clients only")
    kinds.add_argument(
        "--clusters", action="store_const", dest="of", const="cluster", help="try the servers of several nodes only"
    )
    parser.add_argument("--list", action="store_true", help="list them, try none")
    parser.add_argument(
        "--json", metavar="FILE", help="write the result as JSON; - is standard output, with nothing else on it"
    )
    parser.add_argument(
        "--save",
        metavar="FOLDER",
        help="save what shows each false alarm: recording, diagram, standalone script",
    )
    parser.add_argument("--seed", type=whole_number, default=0, metavar="N", help="of the generated input (default: 0)")
    parser.add_argument(
        "--budget",
        type=seconds,
        default=_BUDGET,
        metavar="SECONDS",
        help=f"about how long drawn input may take on each (default: {_BUDGET:g})",
    )
    parser.add_argument(
        "--jobs",
        type=count,
        metavar="N",
        help="how many to try at once (default: two a core; they wait more than they compute)",
    )
    parser.add_argument(
        "--generated",
        action="store_true",
        help="try generated input alone: of a server no hand-written lane, of a client no other case",
    )


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.selftest import session  # noqa: PLC0415  imported when it is needed: it takes a while
    from chatproof_conformance.apps.selftest.trials import Trials  # noqa: PLC0415  the same

    if arguments.list:
        return session.list_implementations(arguments.only, arguments.of)
    trials = Trials(
        seed=arguments.seed,
        budget=arguments.budget,
        jobs=arguments.jobs or 2 * (os.cpu_count() or 1),
        generated=arguments.generated,
        save=folder(arguments.save) if arguments.save else None,
    )
    return session.run_selftest(arguments.only, trials, arguments.of, json_file=arguments.json)


COMMAND = Command(
    summary="check that the harness finds every faulty server and client, and no fault in a conforming one",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
    values={"only": implementations},
)
