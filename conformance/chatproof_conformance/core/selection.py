"""What a selection names: sections and requirements of one role."""

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.core.roles import Role, role_of
from chatproof_schemas import requirements


def selected_ids(words: Iterable[str], role: Role, *, several: bool = False) -> list[str]:
    """Return the ids that words name by section or id, in the order of SPEC.md; without words, all of a role.

    Words that name none (cases of a client) are ignored.

    Args:
        words: sections and ids.
        role: of what is checked.
        several: whether it is a server of several addresses: without words, no other has to keep CLUSTER.
    """
    wanted = {word.upper() for word in words}
    rows = [row for row in requirements().values() if role_of(row) is role]
    if not wanted:
        return [row.id for row in rows if row.of == role.value or several]
    return [row.id for row in rows if row.id in wanted or row.section in wanted]


def require_known(words: Iterable[str], role: Role, others: Collection[str] = (), hint: str = "") -> None:
    """Make sure that each word names a section, a requirement or one of the others.

    Raises:
        CommandError: if one does not; with the word that is most like it, or the hint.
    """
    ids = selected_ids((), role, several=True)
    known = [*dict.fromkeys(id_.split("-")[0] for id_ in ids), *ids, *others]
    for word in words:
        if word.upper() not in known and word not in others:
            if Path(word).is_file():
                arguments = " {port}" if role is Role.SERVER else ""
                raise CommandError(f"{word} is a file; to have it started, give --command '… {word}{arguments}'")
            listing = f"`chatproof {role.command} --list` shows what can be selected{hint}"
            raise unknown_word(word, known, listing)


def unknown_word(word: str, known: Collection[str], otherwise: str) -> CommandError:
    """Return the error about a word that names nothing: with the known word that is most like it, or another hint."""
    likely = difflib.get_close_matches(word.upper(), known, 1) or difflib.get_close_matches(word, known, 1)
    return CommandError(f"nothing is called {word}; " + (f"did you mean {likely[0]}?" if likely else otherwise))
