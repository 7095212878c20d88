"""The user's build command: run before each check, stopped when a file changes meanwhile."""

import asyncio
from collections.abc import Sequence

from chatproof_common.command_line.values import CommandError
from chatproof_common.printable import printable, shortened
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import described_status
from chatproof_common.system.shell_words import shell_hint, split_words

_LINES = 15
_LONGEST_LINE = 300
_POLL_SECONDS = 0.01


def build_words(command: str) -> list[str]:
    """Return the words of a build command.

    Raises:
        CommandError: if there are none.
    """
    try:
        words = split_words(command)
    except ValueError as error:
        raise CommandError(f"--build {command!r} cannot be split into words: {error}") from None
    if not words:
        raise CommandError("--build is empty; expected the words that build your program")
    return words


async def build(words: Sequence[str]) -> tuple[str, list[str]]:
    """Run the build to its end; return why it failed and its last lines; both are empty if it did not."""
    try:
        process = ProcessTree(words)
    except OSError as error:
        return f"cannot be run: {error.strerror}: {words[0]}{shell_hint(words)}", []
    try:
        while (status := process.status) is None:  # noqa: ASYNC110  a process is no event
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        process.end(0.0)
    if status == 0:
        return "", []
    lines = [line.rstrip() for line in process.printed.text().split("\n") if line.strip()]
    return f"failed with {described_status(status)}{shell_hint(words)}", [
        shortened(printable(line.expandtabs()), _LONGEST_LINE) for line in lines[-_LINES:]
    ]
