"""What shell completion offers for selections."""

from collections.abc import Iterator

from chatproof_conformance.core.roles import Role, role_of


def implementations() -> Iterator[tuple[str, str]]:
    """Yield what ``chatproof selftest`` can try."""
    from chatproof_conformance.apps.selftest.implementations import find_implementations  # noqa: PLC0415  only if it is asked for

    return ((found.name, found.note) for found in find_implementations())


def explained() -> Iterator[tuple[str, str]]:
    """Yield what ``chatproof explain`` can explain."""
    from chatproof_conformance.explanations.reading import causes, codes  # noqa: PLC0415  only if it is asked for
    from chatproof_conformance.explanations.words import words  # noqa: PLC0415  the same
    from chatproof_schemas import requirements, sections  # noqa: PLC0415  the same

    yield from ((row.id, row.sentence) for row in requirements().values())
    yield from ((name, f"all of {name}") for name in sections())
    yield from ((cause.name, cause.title) for cause in causes().values())
    for word in (*codes().values(), *words().values()):
        yield word.name.replace(" ", "-"), word.text.partition(".")[0]


def selection(role: Role) -> Iterator[tuple[str, str]]:
    """Yield what the check of a role can select: sections and requirements."""
    from chatproof_schemas import requirements  # noqa: PLC0415  only if it is asked for

    rows = [row for row in requirements().values() if role_of(row) is role]
    yield from dict.fromkeys((row.section, f"all of {row.section}") for row in rows)
    yield from ((row.id, row.sentence) for row in rows)
