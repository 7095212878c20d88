"""Results as a table for people, as JSON for programs, and as a plot."""

import json
from collections.abc import Mapping, Sequence
from html import escape

from chatproof_reference.bench.scenario import Result

_HEADINGS = ("scenario", "deliveries/s", "p50 ms", "p99 ms", "p99.9 ms", "join s", "verdict")
_BAR, _GAP, _LEFT, _WIDTH = 18, 6, 300, 860


def table(results: Sequence[Result]) -> str:
    """Return a table, one line a scenario."""
    rows = [_HEADINGS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def verdict(result: Result) -> str:
    """Return what went wrong, or that nothing did."""
    faults = ("missing", "doubled", "reordered", "differing", "lost")
    found = [f"{getattr(result, fault):,} {fault}" for fault in faults if getattr(result, fault)]
    return ", ".join(found) or f"{result.deliveries:,} deliveries, all once and in order"


def as_json(groups: Mapping[str, Sequence[Result]], limits: Mapping[int, float]) -> str:
    """Return all results of all servers, by server, and the generator's limit by number of clients."""
    servers = {name: [result.as_dict() for result in results] for name, results in groups.items()}
    return json.dumps({"generator_limit": limits, "servers": servers}, indent=2) + "\n"


def as_svg(groups: Mapping[str, Sequence[Result]]) -> str:
    """Return a bar chart of deliveries a second, a bar for each server in each scenario; it needs no other file."""
    bars = [(result.scenario.name, name, result) for name, results in groups.items() for result in results]
    order = list(dict.fromkeys(bar[0] for bar in bars))
    bars.sort(key=lambda bar: order.index(bar[0]))
    most = max((bar[2].deliveries_per_second for bar in bars), default=1.0) or 1.0
    height = (len(bars) + 1) * (_BAR + _GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"',
        '     font-family="sans-serif" font-size="12">',
        "<title>Deliveries a second</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for place, (scenario, name, result) in enumerate(bars):
        lines += _bar(place, f"{name}: {scenario}", result.deliveries_per_second, most, good=result.is_correct)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _bar(place: int, label: str, value: float, most: float, *, good: bool) -> list[str]:
    top = _GAP + place * (_BAR + _GAP)
    width = (_WIDTH - _LEFT - 130) * value / most
    text = f"{value:,.0f}" + ("" if good else " (failed)")
    return [
        f'<text x="{_LEFT - 8}" y="{top + 13}" text-anchor="end" fill="#222222">{escape(label)}</text>',
        f'<rect x="{_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{"#2563a8" if good else "#b3261e"}"/>',
        f'<text x="{_LEFT + width + 6:.1f}" y="{top + 13}" fill="#222222">{text}</text>',
    ]


def _row(result: Result) -> tuple[str, ...]:
    latency = [f"{result.latency_ms[name]:.2f}" if result.latency_ms else "-" for name in ("p50", "p99", "p99.9")]
    return (
        result.scenario.name,
        f"{result.deliveries_per_second:,.0f}",
        *latency,
        f"{result.join_seconds:.2f}",
        verdict(result),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    last = len(row) - 1
    cells = (
        cell.ljust(width) if place in (0, last) else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
