"""The words of a command line, as a shell of the system reads and writes them."""

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Sequence

_MEANT_BY_CMD = re.compile(r"[&|<>()^]")
"""What cmd.exe takes for its own outside of quotes."""
_BACKSLASHES_AT_END = re.compile(r"(\\+)$")


def split_words(line: str, os_name: str = os.name) -> list[str]:
    """Return the words of a command line: of a POSIX shell, or as a program of Windows (``nt``) gets its arguments.

    Raises:
        ValueError: if it is none: a quotation, say, does not end.
    """
    if os_name != "nt":
        return shlex.split(line)
    import mslex  # noqa: PLC0415  Windows alone needs it

    words: list[str] = mslex.split(line, like_cmd=False, check=False, ucrt=True)
    return words


def join_words(words: Iterable[str], os_name: str = os.name) -> str:
    """Return the command line that splits into these words."""
    return " ".join(quote_word(word, os_name) for word in words)


def quote_word(word: str, os_name: str = os.name) -> str:
    """Return a word as it must be written in a command line."""
    if os_name != "nt":
        return shlex.quote(word)
    import mslex  # noqa: PLC0415  Windows alone needs it

    quoted: str = mslex.quote(word, for_cmd=False)
    if quoted.startswith('"') or not _MEANT_BY_CMD.search(quoted):
        return quoted
    return '"' + _BACKSLASHES_AT_END.sub(r"\1\1", quoted) + '"'


def runnable(words: Sequence[str], os_name: str = os.name) -> list[str]:
    """Return the words with which a program is started: Windows finds a script such as ``npm.cmd`` only by its path."""
    if os_name != "nt" or not words:
        return list(words)
    return [shutil.which(words[0]) or words[0], *words[1:]]


_OPERATORS = frozenset(("&&", "||", ";", "&", "|", ">", ">>", "<", "2>", "2>&1"))
_BUILT_IN = frozenset(("cd", "export", "source", ".", "ulimit", "umask", "set", "unset"))
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_EXPANDED = re.compile(r"~(/\S*)?|[^\s$]*\$[A-Za-z_({]\S*")


def shell_hint(words: Sequence[str]) -> str:
    """Return what to write instead if a command line was meant for a shell, which none reads: to follow an error."""
    if words and _ASSIGNMENT.fullmatch(words[0]):
        return f"; no shell reads the command: put `env` before {words[0].partition('=')[0]}=…"
    if words and (words[0] in _BUILT_IN or " " in words[0].strip() or any(map(_is_for_a_shell, words))):
        return "; no shell reads the command: write it as sh -c '…'"
    return ""


def _is_for_a_shell(word: str) -> bool:
    return word in _OPERATORS or word.endswith(";") or _EXPANDED.fullmatch(word) is not None


def fill_words(words: Iterable[str], **values: object) -> list[str]:
    """Return the words with the value of each name in place of ``{name}``; other braces stay as they are."""
    found = list(words)
    for name, value in values.items():
        found = [word.replace(f"{{{name}}}", str(value)) for word in found]
    return found
