"""A finding's traffic as an SVG sequence diagram: a line for each connection and for the server, time going down."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatproof_common.printable import printable
from chatproof_conformance.reporting.html.markup import Markup, join, tag
from chatproof_conformance.reporting.traffic_steps import HAPPENINGS, LEFT_OUT, MARKERS, DiagramStep, shown

_CELL = 7.4
"""Pixels that a character of the diagram's font takes, with some to spare: fonts differ."""
_MOST_CELLS = 108
_GUTTER, _HEAD, _EDGE = 66, 40, 10
_COLUMN, _COLUMNS = 150, 870
"""The width of a participant at least, and the width that a few of them share."""
_MANY = 6
_MESSAGE, _NOTE = 38, 32
_NAME_CELLS = 17
_USER, _SERVER = "the user", "server"
_OPENING, _ENDING = "open", ("reset", "close", "server_reset")
_AT_USER = {"request": "asks", "told": "is shown"}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand, in pixels.

    Attributes:
        columns: the middle of each participant's line, by name.
        width: of the whole.
    """

    columns: dict[str, float]
    width: float

    def line_of(self, step: DiagramStep) -> float:
        """Return the middle of the line at which a step happens."""
        if step.event in _AT_USER:
            return self.columns[_USER]
        return self.columns.get(step.connection, self.columns[_SERVER])


def diagram(steps: Sequence[DiagramStep], expected: str, actual: str, *, name: str, title: str) -> Markup:
    """Return the picture of a finding's traffic; ``name`` makes its ids unique in the page."""
    layout = _lay_out(steps)
    rows = list(_rows(steps))
    room = int((layout.width - 2 * _EDGE) / _CELL)
    verdict = _wrapped("expected  ", expected, room) + _wrapped("actual    ", actual, room)
    bottom = rows[-1][1] + _height(rows[-1][0]) if rows else _HEAD + 10
    box = len(verdict) * 18 + 16
    height = bottom + box + _HEAD + 12
    ids = f"{name}-title {name}-text"
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", _in_words(steps, expected, actual), id=f"{name}-text"),
        _lifelines(rows, layout, bottom + box + 6),
        (_heads(layout, 2), _heads(layout, height - _HEAD + 6)),
        (_step(step, y, layout) for step, y in rows),
        _conclusion(verdict, bottom + 4, layout.width),
        class_="diagram",
        role="img",
        aria_labelledby=ids,
        viewBox=f"0 0 {layout.width:g} {height:g}",
        width=f"{layout.width:g}",
        height=f"{height:g}",
    )


def cells(text: str) -> int:
    """Return how many columns a text takes in a font whose characters are of one width."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else not unicodedata.combining(char) for char in text)


def cut(text: str, limit: int) -> str:
    """Return a printable text of at most ``limit`` columns, its middle left out if it is long."""
    text, size = printable(text), limit
    while cells(short := shown(text, size)) > limit:
        size -= 4
    return short


def _lay_out(steps: Sequence[DiagramStep]) -> _Layout:
    names = list(dict.fromkeys(step.connection for step in steps if step.connection))
    if any(step.event in _AT_USER for step in steps):
        names.insert(0, _USER)
    # If there are too many to be seen at once, the server comes first, so that it is seen beside any of them.
    names.insert(0 if len(names) >= _MANY else len(names), _SERVER)
    room = max(_COLUMN, _COLUMNS / len(names))
    columns = {name: _GUTTER + room * (place + 0.5) for place, name in enumerate(names)}
    longest = max((cells(_label(step)) for step in steps), default=0)
    texts = _GUTTER + longest * _CELL + 2 * _EDGE
    return _Layout(columns, max(texts, _GUTTER + room * len(names)))


def _rows(steps: Sequence[DiagramStep]) -> Iterator[tuple[DiagramStep, float]]:
    y = _HEAD + 10.0
    for step in steps:
        yield step, y
        y += _height(step)


def _height(step: DiagramStep) -> float:
    return _MESSAGE if step.event in ("client", "server") else _NOTE


def _label(step: DiagramStep) -> str:
    event, count = step.event, step.count
    if event == MARKERS:
        return f"{count} marker{'s' * (count > 1)} of the harness"
    if event == LEFT_OUT:
        return f"⋮ {count} more step{'s' * (count > 1)} left out"
    if event in HAPPENINGS:
        return HAPPENINGS[event]
    words = {**_AT_USER, "announce": "announces"}.get(event, "")
    return f"{words} {cut(step.text, _MOST_CELLS)}".strip()


def _heads(layout: _Layout, y: float) -> Iterator[Markup]:
    for name, x in layout.columns.items():
        label = cut(name, _NAME_CELLS)
        width = max(64.0, cells(label) * _CELL + 18)
        kind = "head server" if name == _SERVER else "head"
        box = tag("rect", x=f"{x - width / 2:g}", y=f"{y:g}", width=f"{width:g}", height="26", rx="6")
        yield tag("g", box, tag("text", label, x=f"{x:g}", y=f"{y + 17:g}"), tag("title", name), class_=kind)


def _lifelines(rows: Sequence[tuple[DiagramStep, float]], layout: _Layout, bottom: float) -> Iterator[Markup]:
    """Draw each participant's line: whole while its connection is open, dotted before and after."""
    for name, x in layout.columns.items():
        yield _vertical(x, _HEAD - 10, bottom, "idle")
        for begin, end in _open_times([row for row in rows if row[0].connection == name], bottom):
            yield _vertical(x, begin, end, "open")
        if name in (_SERVER, _USER):
            yield _vertical(x, _HEAD - 10, bottom, "open")


def _open_times(rows: Sequence[tuple[DiagramStep, float]], bottom: float) -> Iterator[tuple[float, float]]:
    begin: float | None = None if rows and rows[0][0].event == _OPENING else _HEAD - 10
    for step, y in rows:
        if step.event == _OPENING:
            begin = y + _NOTE / 2
        elif step.event in _ENDING and begin is not None:
            yield begin, y + _NOTE / 2
            begin = None
    if begin is not None and rows:
        yield begin, bottom


def _vertical(x: float, top: float, bottom: float, kind: str) -> Markup:
    return tag("line", x1=f"{x:g}", x2=f"{x:g}", y1=f"{top:g}", y2=f"{bottom:g}", class_=f"life {kind}")


def _step(step: DiagramStep, y: float, layout: _Layout) -> Markup:
    event = step.event
    if event in ("client", "server"):
        drawn = _message(step, y, layout)
    elif event in (MARKERS, LEFT_OUT):
        drawn = _aside(step, y, layout)
    else:
        drawn = _note(step, y, layout)
    wrong = (_band(y, _height(step), layout.width), _wrong_sign(y)) if step.offending else (_time(step, y),)
    kind = f"step {event}" + " offending" * step.offending
    return tag("g", tag("title", step.text or _label(step)), wrong, drawn, class_=kind)


def _message(step: DiagramStep, y: float, layout: _Layout) -> Markup:
    client, server = layout.line_of(step), layout.columns[_SERVER]
    start, end = (client, server) if step.event == "client" else (server, client)
    label = _label(step)
    text_width = cells(label) * _CELL
    left = min(min(start, end) + 8, layout.width - _EDGE - text_width)
    tip, back, at = (end - 1, end - 9, y + 26) if end > start else (end + 1, end + 9, y + 26)
    return join(
        tag("rect", x=f"{left - 3:g}", y=f"{y + 4:g}", width=f"{text_width + 6:g}", height="16", class_="behind"),
        tag("text", label, x=f"{left:g}", y=f"{y + 16:g}"),
        tag("line", x1=f"{start:g}", x2=f"{back:g}", y1=f"{at:g}", y2=f"{at:g}", class_="arrow"),
        tag("polygon", points=f"{tip:g},{at:g} {back:g},{at - 4.5:g} {back:g},{at + 4.5:g}", class_="tip"),
    )


def _note(step: DiagramStep, y: float, layout: _Layout) -> Markup:
    x, label = layout.line_of(step), _label(step)
    width = cells(label) * _CELL + 18
    left = max(_GUTTER - 6, min(x - width / 2, layout.width - _EDGE - width))
    kind = "note ending" if step.event in (*_ENDING, "server_close", "half_close") else "note"
    box = tag("rect", x=f"{left:g}", y=f"{y + 4:g}", width=f"{width:g}", height="23", rx="11.5")
    return tag("g", box, tag("text", label, x=f"{left + width / 2:g}", y=f"{y + 20:g}"), class_=kind)


def _aside(step: DiagramStep, y: float, layout: _Layout) -> Markup:
    middle, label = (_GUTTER + layout.width) / 2, _label(step)
    width = cells(label) * _CELL + 10
    box = tag("rect", x=f"{middle - width / 2:g}", y=f"{y + 6:g}", width=f"{width:g}", height="20", class_="behind")
    return join(box, tag("text", label, x=f"{middle:g}", y=f"{y + 20:g}", class_="aside"))


def _band(y: float, height: float, width: float) -> Markup:
    return tag("rect", x="0", y=f"{y:g}", width=f"{width:g}", height=f"{height - 4:g}", rx="6", class_="band")


def _wrong_sign(y: float) -> Markup:
    return tag("text", "✗ wrong", x=f"{_EDGE}", y=f"{y + 20:g}", class_="wrong")


def _time(step: DiagramStep, y: float) -> Markup:
    milliseconds = step.time * 1000
    text = f"{milliseconds:.1f} ms" if milliseconds < 1000 else f"{step.time:.2f} s"  # noqa: PLR2004  a second
    return tag("text", text, x=f"{_GUTTER - 12}", y=f"{y + 20:g}", class_="time")


def _wrapped(label: str, text: str, room: int) -> list[str]:
    """Return a text as a few lines, the first with its label, broken where the room ends."""
    lines = [""]
    for char in cut(text, room * 3):
        if cells(lines[-1]) >= room - len(label) - 1:
            lines.append("")
        lines[-1] += char
    return [(" " * len(label) if place else label) + line for place, line in enumerate(lines)]


def _conclusion(lines: Sequence[str], y: float, width: float) -> Markup:
    box = tag("rect", x="1", y=f"{y:g}", width=f"{width - 2:g}", height=f"{len(lines) * 18 + 10:g}", rx="8")
    texts = (tag("text", line, x=f"{_EDGE}", y=f"{y + 19 + place * 18:g}") for place, line in enumerate(lines))
    return tag("g", box, texts, class_="conclusion")


def _in_words(steps: Sequence[DiagramStep], expected: str, actual: str) -> str:
    wrong = [f" Wrong: {step.text} at {step.connection}." for step in steps if step.offending]
    count = f"{len(steps)} steps between the connections and the server."
    return f"{count} Expected: {expected}. Actual: {actual}.{''.join(wrong[:1])}"
