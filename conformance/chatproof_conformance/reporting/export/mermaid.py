"""A finding's traffic as a Mermaid sequence diagram: who sent what to whom, and what was expected instead."""

from collections.abc import Iterator, Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.traffic_steps import HAPPENINGS, LEFT_OUT, MARKERS, DiagramStep, shown, steps_of
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Kind, Transcript

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \"'{}[](),.:_-+=/!?*…→")
_CHARACTERS = 120


def sequence_diagram(finding: Finding, recorded: Transcript) -> str:
    """Return the text of a diagram of a finding's traffic; frames are shortened, a long middle is left out."""
    row = requirements()[finding.requirement]
    title = f"{row.id} ({row.level.value}): {row.sentence}"
    return diagram_of(
        title, steps_of(finding, recorded.framing, recorded.checked), finding.expected_there, finding.actual
    )


def diagram_of(title: str, steps: Sequence[DiagramStep], expected: str, actual: str) -> str:
    """Return the text of a diagram of steps."""
    names = dict.fromkeys(step.connection for step in steps if step.connection)
    ids = {name: f"c{number}" for number, name in enumerate(names)}
    lines = [f"title {escaped(title)}"]
    lines += [f"participant {id_} as {escaped(name)}" for name, id_ in ids.items()]
    lines += ["participant server", *(line for step in steps for line in _lines(step, ids))]
    over = f"{next(iter(ids.values()))},server" if ids else "server"
    lines += [f"Note over {over}: expected: {escaped(expected)}"]
    lines += [f"Note over {over}: actual: {escaped(actual)}"]
    return "\n    ".join(["sequenceDiagram", *lines]) + "\n"


def escaped(text: str) -> str:
    """Return a text that Mermaid shows as it is: what has a meaning there, or on a terminal, as ``#NUMBER;``."""
    return "".join(char if _is_safe(char) else f"#{ord(char)};" for char in text) or " "


def _is_safe(char: str) -> bool:
    return char in _SAFE or (ord(char) > 0x7F and char.isprintable())  # noqa: PLR2004  the end of ASCII


def _lines(step: DiagramStep, ids: dict[str, str]) -> Iterator[str]:
    client, user = ids.get(step.connection, "server"), next(iter(ids.values()), "server")
    text, wrong = escaped(shown(step.text, _CHARACTERS)), "✗ " * step.offending
    if step.event == Kind.CLIENT_DATA:
        yield f"{client}->>server: {wrong}{text}"
    elif step.event == Kind.SERVER_DATA:
        yield f"server-->>{client}: {wrong}{text}"
    elif step.event == Kind.ANNOUNCE:
        yield f"Note over server: announces {text}"
    elif step.event == Kind.REQUEST:
        yield f"Note over {user}: asked {text}"
    elif step.event == Kind.DRIVER_EVENT:
        yield f"Note over {user}: {wrong}reports {text}"
    elif step.event == MARKERS:
        yield f"Note over server: {step.count} marker{'s' * (step.count > 1)} of the harness"
    elif step.event == LEFT_OUT:
        yield f"Note over server: {step.count} more are left out here"
    else:
        yield f"Note over {client}: {HAPPENINGS[step.event]}"
