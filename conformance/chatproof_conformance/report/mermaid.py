"""A recording as a Mermaid sequence diagram: who sent what to whom, and what was expected instead."""

from collections.abc import Iterator, Sequence

from chatproof_conformance.peers.wording import shown_frame
from chatproof_conformance.replay.received import received_frames
from chatproof_conformance.verdicts import Finding
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Event, Kind, Transcript

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \"'{}[](),.:_-+=/!?*…→")
_FIRST, _LAST = 20, 40
"""How many lines from the beginning and the end are shown of a long recording."""
_CHARACTERS = 120
_HAPPENINGS = {
    Kind.OPEN: "connects",
    Kind.HALF_CLOSE: "ends its sending direction",
    Kind.RESET: "resets the connection",
    Kind.CLOSE: "closes the connection",
    Kind.SERVER_CLOSE: "reads the end of the stream",
    Kind.SERVER_RESET: "finds the connection reset",
}


def sequence_diagram(finding: Finding, recorded: Transcript) -> str:
    """Return the text of a diagram of a finding's traffic; frames are shortened, a long middle is left out."""
    row = requirements()[finding.requirement]
    names = dict.fromkeys(event.connection for event in recorded.events if event.connection)
    ids = {name: f"c{number}" for number, name in enumerate(names)}
    lines = [f"title {escaped(f'{row.id} ({row.level.value}): {row.sentence}')}"]
    lines += [f"participant {id_} as {escaped(name)}" for name, id_ in ids.items()]
    lines += ["participant server", *_shortened(list(_traffic(recorded, ids)))]
    over = f"{next(iter(ids.values()))},server" if ids else "server"
    lines += [f"Note over {over}: expected: {escaped(finding.expected)}"]
    lines += [f"Note over {over}: actual: {escaped(finding.actual)}"]
    return "\n    ".join(["sequenceDiagram", *lines]) + "\n"


def escaped(text: str) -> str:
    """Return a text that Mermaid shows as it is: what has a meaning there, or on a terminal, as ``#NUMBER;``."""
    return "".join(char if _is_safe(char) else f"#{ord(char)};" for char in text) or " "


def _is_safe(char: str) -> bool:
    return char in _SAFE or (ord(char) > 0x7F and char.isprintable())  # noqa: PLR2004  the end of ASCII


def _shortened(lines: Sequence[str]) -> list[str]:
    left_out = len(lines) - _FIRST - _LAST
    if left_out <= 1:
        return list(lines)
    return [*lines[:_FIRST], f"Note over server: {left_out} more are left out here", *lines[-_LAST:]]


def _traffic(recorded: Transcript, ids: dict[str, str]) -> Iterator[str]:
    received: dict[int, list[bytes]] = {}
    for found in received_frames(recorded):
        received.setdefault(found.event, []).append(found.frame)
    for index, event in enumerate(recorded.events):
        client = ids.get(event.connection, "server")
        user = next(iter(ids.values()), "server")
        if event.kind is Kind.SENT:
            yield from (f"{client}->>server: {text}" for text in _sent(event, recorded.framing))
        elif event.kind is Kind.RECEIVED:
            yield from (f"server-->>{client}: {_shown(frame)}" for frame in received.get(index, ()))
        elif event.kind is Kind.ANNOUNCE:
            yield f"Note over server: announces {_shown(event.data)}"
        elif event.kind is Kind.REQUEST:
            yield f"Note over {user}: asked {_shown(event.data)}"
        elif event.kind is Kind.TOLD:
            yield f"Note over {user}: tells {_shown(event.data)}"
        elif event.kind in _HAPPENINGS:
            yield f"Note over {client}: {_HAPPENINGS[event.kind]}"


def _sent(event: Event, framing: str) -> Iterator[str]:
    if framing == "none":
        yield _shown(event.data)
        return
    *frames, rest = event.data.split(b"\n")
    for frame in frames:
        yield _shown(frame) if frame.strip() else "(a line end)"
    if rest:
        yield f"{_shown(rest)} (no LF yet)"


def _shown(frame: bytes) -> str:
    text = shown_frame(frame)
    if len(text) > _CHARACTERS:
        half = _CHARACTERS // 2
        text = f"{text[:half]} … {text[-half:]}"
    return escaped(text)
