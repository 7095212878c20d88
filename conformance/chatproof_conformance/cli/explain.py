"""``chatproof explain``: what a requirement, an error code or a word of a report means, and what breaks it."""

import argparse

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import CommandError
from chatproof_conformance.cli.completions import explained

_DESCRIPTION = """\
Explains a requirement: its sentence, why it is there, an example, the usual causes in code, and how it is tested.
Explains a section, an error code, a cause, or a word of reports, too.
With no word it explains what failed in the last check, what to mend first comes first."""

_EXAMPLES = """\
examples:
  chatproof explain JOIN-4                       a requirement
  chatproof explain JOIN-4 --language go         with its usual causes in full, and their code
  chatproof explain JOIN                         a section
  chatproof explain username_taken               an error code
  chatproof explain one-read-one-message         a cause
  chatproof explain fence                        a word
  chatproof explain level 4                      what a level adds
  chatproof explain messages                     the types of messages
  chatproof explain                              what failed last
  chatproof explain --list                       all that can be explained"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help="a requirement, section, cause, error code or term")
    parser.add_argument(
        "--language",
        choices=("python", "javascript", "go"),
        help="show causes in full, with code in this language (default: all for a cause, none for a requirement)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "markdown", "json"),
        default="text",
        help="markdown and json: for programs (default: text)",
    )
    parser.add_argument("--list", action="store_true", help="list what can be explained")


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.explain import explaining  # noqa: PLC0415  rich's Markdown takes a while to import

    if arguments.list:
        if arguments.words:
            raise CommandError("give --list or a word, not both")
        return explaining.list_topics(arguments.format)
    return explaining.explain(arguments.words, arguments.format, arguments.language)


COMMAND = Command(
    summary="explain a requirement, an error code, a word of a report, or what failed last",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
    values={"words": explained},
)
