"""What shell completion offers for selections: read from files, since running pytest for it would take too long."""

import re
from collections.abc import Iterator

from chatproof_conformance.core.options import TRAFFIC_WORD
from chatproof_conformance.core.roles import Role, role_of

_CASE = re.compile(r'^def test_(\w+)\([^)]*\) -> None:.*\n    """(.+?)(?:""")?$', re.MULTILINE)


def implementations() -> Iterator[tuple[str, str]]:
    """Yield what ``chatproof selftest`` can try."""
    from chatproof_conformance.apps.selftest.implementations import find_implementations  # noqa: PLC0415  only if it is asked for

    return ((found.name, found.note) for found in find_implementations())


def selection(role: Role) -> Iterator[tuple[str, str]]:
    """Yield what the check of a role can select: generated traffic, sections, requirements, cases."""
    from chatproof_schemas import requirements  # noqa: PLC0415  only if it is asked for

    rows = [row for row in requirements().values() if role_of(row) is role]
    yield TRAFFIC_WORD, "the cases of generated traffic"
    yield from dict.fromkeys((row.section, f"all of {row.section}") for row in rows)
    yield from ((row.id, row.sentence) for row in rows)
    for file in sorted(role.cases.glob("test_*.py")):
        yield from _CASE.findall(file.read_text("utf-8"))
