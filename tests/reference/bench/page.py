"""What a script writes into a page between two comments; the comparison of servers as a table of Markdown."""

from typing import TYPE_CHECKING

from chatproof_reference.bench.result import Result

if TYPE_CHECKING:
    from chatproof_reference.bench.scenario import Scenario

END = "<!-- to here -->"


def replaced(page: str, script: str, text: str) -> str:
    """Return a page with what a script has to say in place of what it said before.

    Raises:
        ValueError: if the page does not have the two comments, each once.
    """
    begin = f"<!-- {script} writes from here"
    if page.count(begin) != 1 or page.count(END) != 1 or page.index(begin) > page.index(END):
        raise ValueError(f"expected the comments {begin} … --> and {END} in the page, once and in this order")
    head, _, rest = page.partition(begin)
    comment, _, rest = rest.partition("-->")
    tail = rest.partition(END)[2]
    return f"{head}{begin}{comment}-->\n\n{text}\n\n{END}{tail}"


def table(groups: dict[str, list[Result]], rounds: int) -> str:
    """Return the results as Markdown: a row for each load, a column for each server, the medians of the rounds."""
    by_scenario: dict[Scenario, dict[str, Result]] = {}
    for name, results in groups.items():
        for result in results:
            by_scenario.setdefault(result.scenario, {})[name] = result
    rows = [f"| Load (rounds: {rounds}) | {' | '.join(groups)} |", "| --- |" + " ---: |" * len(groups)]
    for scenario, found in by_scenario.items():
        cells = (_cell(found[name]) if name in found else "" for name in groups)
        rows.append(f"| {scenario.name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(result: Result) -> str:
    """Return median and 99th percentile of the latency if the load is about that, else deliveries a second."""
    wrong = "" if result.is_correct else " (failed)"
    if not result.scenario.is_about_latency:
        return f"{result.deliveries_per_second / 1e6:.2f} M{wrong}"
    return f"{result.latency_ms['p50']:.2f} / {result.latency_ms['p99']:.2f} ms{wrong}"
