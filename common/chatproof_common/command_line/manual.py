"""The manual page, from the parsers: ``man chatproof``, if the wheel's files are on the manual's path."""

import argparse
import re
import textwrap
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, version

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.interface import arguments_of, help_of, takes_many, value_of

_DATE = "2026-11-28"
"""When the page last said something new about the project as a whole."""

_INPUT_WIDTH = 70
"""With what escaping adds, no line is above the 80 bytes that mandoc likes."""

_DESCRIPTION = """\
chatproof is the specification and conformance kit of a TCP chat protocol: one JSON object a line.
It checks servers and clients in whatever language over their sockets, validates recorded messages, and brings along a
reference server and client. The specification is SPEC.md in the package chatproof_schemas."""

_COMMON_STATUS = {
    "0": "good",
    "1": "a finding",
    "2": "nothing can be said",
    "129": "ended by SIGHUP",
    "130": "ended by SIGINT (Ctrl+C)",
    "141": "nobody reads what it prints",
    "143": "ended by SIGTERM",
}


def manual_page(found: Mapping[str, EntryPoint]) -> str:
    """Return the page in the man(7) language of roff, for these subcommands."""
    commands: dict[str, Command] = {name: entry.load() for name, entry in found.items()}
    lines = [
        f'.TH CHATPROOF 1 {_DATE} "chatproof {version("chatproof")}" "User Commands"',
        *(".SH NAME", r"chatproof \- test whether a chat server or client keeps its protocol"),
        *(".SH SYNOPSIS", r".B chatproof", r"\fICOMMAND\fR [\fIOPTION\fR]..."),
        *(".SH DESCRIPTION", *_text(_DESCRIPTION)),
        *(".SH COMMANDS", *(line for name, command in commands.items() for line in _command(name, command))),
        *(".SH EXIT STATUS", "Of every command, unless it says more above:"),
        *(line for code, meaning in _COMMON_STATUS.items() for line in (".TP", code, *_text(meaning))),
    ]
    return "\n".join(lines) + "\n"


def _command(name: str, command: Command) -> Iterator[str]:
    arguments = arguments_of(command)
    places = [argument for argument in arguments if not argument.option_strings]
    options = [argument for argument in arguments if argument.option_strings]
    yield f".SS chatproof {_escaped(name)}"
    yield from _text(command.description or command.summary)
    yield ".PP"
    yield " ".join([rf"\fBchatproof {_escaped(name)}\fR", r"[\fIOPTION\fR]...", *map(_place, places)])
    for argument in (*places, *options):
        yield from (".TP", _label(argument), *_text(help_of(argument)))
    yield from (".PP", ".nf", *map(_escaped, command.examples.strip().splitlines()), ".fi")


def _place(argument: argparse.Action) -> str:
    value = _styled_value(value_of(argument)) + "..." * takes_many(argument)
    return f"[{value}]" if argument.nargs in ("?", "*") else value


def _label(argument: argparse.Action) -> str:
    value = value_of(argument)
    if not argument.option_strings:
        return _styled_value(value)
    flags = ", ".join(rf"\fB{_escaped(flag)}\fR" for flag in argument.option_strings)
    return f"{flags} {_styled_value(value)}{' ...' * takes_many(argument)}" if value else flags


def _styled_value(value: str) -> str:
    return rf"\fI{_escaped(value)}\fR"


def _text(text: str) -> Iterator[str]:
    """Yield a paragraph as input lines; roff fills it anew."""
    return (_escaped(line) for line in textwrap.wrap(" ".join(text.split()), _INPUT_WIDTH, break_on_hyphens=False))


def _escaped(text: str) -> str:
    """Return text in which roff sees no command: it reads backslashes, hyphens, and what begins a line."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    return re.sub(r"^(?=\.)", r"\&", escaped)
