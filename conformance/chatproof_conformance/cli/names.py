"""What shell completion offers for selections: read from files, since running pytest for it would take too long."""

import re
from collections.abc import Iterator
from pathlib import Path

_CASE = re.compile(r'^def test_(\w+)\([^)]*\) -> None:.*\n    """(.+?)(?:""")?$', re.MULTILINE)
_PACKAGE = Path(__file__).parents[1]


def server_selection() -> Iterator[tuple[str, str]]:
    """Yield what ``chatproof check`` can select: generated traffic, sections, requirements, cases."""
    return _selection(_PACKAGE / "cases" / "server", of_clients=False)


def client_selection() -> Iterator[tuple[str, str]]:
    """Yield what ``chatproof check-client`` can select."""
    return _selection(_PACKAGE / "cases" / "client", of_clients=True)


def implementations() -> Iterator[tuple[str, str]]:
    """Yield what ``chatproof selftest`` can try."""
    from chatproof_conformance.apps.selftest.implementations import find_implementations  # noqa: PLC0415  only where it is asked for

    return ((found.name, found.note) for found in find_implementations())


def _selection(cases: Path, *, of_clients: bool) -> Iterator[tuple[str, str]]:
    from chatproof_conformance.core.options import TRAFFIC_WORD  # noqa: PLC0415  only where it is asked for
    from chatproof_schemas import requirements  # noqa: PLC0415  the same

    rows = [row for row in requirements().values() if (row.section == "CLIENT") == of_clients]
    yield TRAFFIC_WORD, "the cases of generated traffic"
    yield from dict.fromkeys((row.section, f"all of {row.section}") for row in rows)
    yield from ((row.id, row.sentence) for row in rows)
    for file in sorted(cases.glob("test_*.py")):
        yield from _CASE.findall(file.read_text("utf-8"))
