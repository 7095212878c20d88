"""Results as a table for people and as JSON for programs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chatproof_reference.bench.result import Result
from chatproof_reference.bench.spellings import COMPACT

_HEADINGS = ("scenario", "deliveries/s", "p50 ms", "p99 ms", "p99.9 ms", "join s", "KiB/client", "verdict")


def table(results: Sequence[Result]) -> str:
    """Return a table, one line a scenario."""
    return lay_out([_HEADINGS, *(_row(result) for result in results)])


def lay_out(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines; the first and the last column are text, those between them numbers."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def verdict(result: Result) -> str:
    """Return what went wrong, or that nothing did."""
    faults = ("missing", "doubled", "reordered", "lost")
    found = [f"{getattr(result, fault):,} {fault}" for fault in faults if getattr(result, fault)]
    if found:
        return ", ".join(found)
    return f"{result.deliveries:,} deliveries, all once and in order"


def notes(results: Sequence[Result], limits: Mapping[int, float], processes: int) -> Iterator[str]:
    """Yield what stands below the table: what stopped readers and spellings cost, and how far the generator goes."""
    for result in results:
        if result.scenario.stalled:
            yield from _on_stopped_readers(result, results)
        if result.scenario.spelling != COMPACT:
            yield from _on_spelling(result, results)
        if result.differing and result.read_closely:
            name = result.scenario.name
            yield f"{name}: clients got different bytes; read closely, in another run, they got the right messages."
    yield from note_cores(results)
    shown = ", ".join(f"{limit:,.0f} with {count} clients" for count, limit in limits.items())
    where = f"{processes} processes" if processes > 1 else "1 process"
    yield f"The load came from {where} that can count, a second, at most: {shown}."


def note_cores(results: Sequence[Result]) -> Iterator[str]:
    """Yield whether server and load had their own cores."""
    if own := max((result.server_cores for result in results), default=0):
        cores = "1 core" if own == 1 else f"{own} cores"
        yield f"When messages come at a fixed rate or one at a time, the server had {cores} for itself."


def as_json(groups: Mapping[str, Sequence[Result]], limits: Mapping[int, float]) -> str:
    """Return all results of all servers, by server, and the generator's limit by number of clients."""
    servers = {name: [result.as_dict() for result in results] for name, results in groups.items()}
    return json.dumps({"generator_limit": limits, "servers": servers}, indent=2) + "\n"


def _on_stopped_readers(result: Result, results: Sequence[Result]) -> Iterator[str]:
    scenario = result.scenario
    yield f"{scenario.name}: {result.dropped} of {scenario.stalled} stopped readers were dropped."
    for other in results:
        same = other.scenario.clients == scenario.clients and other.scenario.senders == scenario.senders
        if same and not other.scenario.stalled and other.deliveries_per_second:
            share = result.deliveries_per_second / other.deliveries_per_second
            yield f"  The others got {share:.0%} of what they get without them."
    if any(result.server_kib.values()):
        shown = ", ".join(f"{result.server_kib[when] / 1024:.1f} {word}" for when, word in _MEMORY.items())
        yield f"  The server's memory in MiB: {shown}."


def _on_spelling(result: Result, results: Sequence[Result]) -> Iterator[str]:
    for other in results:
        same = replace(other.scenario, spelling=result.scenario.spelling) == result.scenario
        if same and other.scenario.spelling == COMPACT and other.deliveries_per_second:
            share = result.deliveries_per_second / other.deliveries_per_second
            yield f"{result.scenario.name}: {share:.0%} of what the server delivers of compact frames."


_MEMORY = {"joined": "when all had joined", "most": "at most", "after": "when all had gone"}


def _row(result: Result) -> tuple[str, ...]:
    latency = [f"{result.latency_ms[name]:.2f}" if result.latency_ms else "-" for name in ("p50", "p99", "p99.9")]
    return (
        result.scenario.name,
        f"{result.deliveries_per_second:,.0f}",
        *latency,
        f"{result.join_seconds:.2f}",
        f"{result.kib_per_client:.1f}" if result.server_kib else "-",
        verdict(result),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    last = len(row) - 1
    cells = (
        cell.ljust(width) if place in (0, last) else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
