"""Results as a plot: a panel for each scenario, in it a bar for each server, on a scale of the panel's own."""

from collections.abc import Mapping, Sequence
from html import escape

from chatproof_common.printable import printable
from chatproof_reference.bench.result import Result
from chatproof_reference.bench.scenario import Scenario

_BAR, _GAP, _HEAD, _LEFT, _RIGHT, _WIDTH = 16, 5, 34, 150, 150, 760
_LONGEST = 20
"""A bar of latencies more than this many times as long as the shortest is broken: the others stay readable."""

_GOOD, _OTHER, _BAD, _INK = "#2563a8", "#9aa7b5", "#b3261e", "#222222"


def as_svg(groups: Mapping[str, Sequence[Result]]) -> str:
    """Return the plot, as SVG that needs no other file; the first server's bars stand out."""
    panels: dict[Scenario, dict[str, Result]] = {}
    for name, results in groups.items():
        for result in results:
            panels.setdefault(result.scenario, {})[name] = result
    lines: list[str] = []
    top = 0
    for scenario, by_server in panels.items():
        lines += _panel(top, scenario, by_server, first=next(iter(groups)))
        top += _HEAD + len(by_server) * (_BAR + _GAP)
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + _GAP}" font-family="sans-serif"',
        '     font-size="12">',
        "<title>Deliveries a second, and latency</title>",
        f'<rect width="{_WIDTH}" height="{top + _GAP}" fill="#ffffff"/>',
    ]
    return "\n".join([*head, *lines, "</svg>"]) + "\n"


def _panel(top: int, scenario: Scenario, by_server: Mapping[str, Result], first: str) -> list[str]:
    latency = scenario.is_about_latency
    unit = "p99 latency in ms (less is better)" if latency else "deliveries a second (more is better)"
    values = {name: _value(result) for name, result in by_server.items()}
    most = max(values.values()) or 1.0
    if latency and (longest := _LONGEST * min(values.values())):
        unit += "; a broken bar is longer" if longest < most else ""
        most = min(most, longest)
    lines = [_text(8, top + 22, f"{scenario.name}: {unit}", 'font-weight="bold"')]
    for place, (name, result) in enumerate(by_server.items()):
        y = top + _HEAD + place * (_BAR + _GAP)
        width = (_WIDTH - _LEFT - _RIGHT) * min(values[name] / most, 1.0)
        colour = _BAD if not result.is_correct else _GOOD if name == first else _OTHER
        shown = (f"{values[name]:.2f}" if latency else f"{values[name]:,.0f}") + " (failed)" * (not result.is_correct)
        lines += [
            _text(_LEFT - 8, y + 12, name, 'text-anchor="end"'),
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{colour}"/>',
            *([_break(_LEFT + width - 40, y)] if values[name] > most else []),
            _text(_LEFT + width + 6, y + 12, shown),
        ]
    return lines


def _break(x: float, y: float) -> str:
    path = f"M{x:.1f} {y + _BAR + 1} l8 {-_BAR - 2} m6 0 l-8 {_BAR + 2}"
    return f'<path d="{path}" stroke="#ffffff" stroke-width="3" fill="none"/>'


def _value(result: Result) -> float:
    return result.latency_ms.get("p99", 0.0) if result.scenario.is_about_latency else result.deliveries_per_second


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y}" fill="{_INK}" {more}>{escape(printable(text))}</text>'
