"""The same check many times, each with a seed of its own: how often it fails, or that a fault is mended."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

from chatproof_common.system.shell_words import split_words
from chatproof_common.system.signals import run_until_interrupted
from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.check.events import check_events
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN, Verdict
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_schemas import requirements

_BROKEN = (Verdict.FAIL, Verdict.WARNING)


def repeat_check(request: RunRequest, count: int, jobs: int, *, strict: bool) -> int:
    """Run a check so often, so many at a time; print the rate of each failure; return the exit code.

    Raises:
        TargetGone: if one cannot be run.
    """
    repeating = _Repeating(request, count, strict=strict)
    run_until_interrupted(repeating.run(jobs))
    return repeating.conclude()


class _Repeating:
    def __init__(self, request: RunRequest, count: int, *, strict: bool) -> None:
        self._request, self._count, self._strict = request, count, strict
        self._out = Terminal()
        self._broken: Counter[str] = Counter()
        self._runs: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._codes: list[int] = []
        self._shown: set[str] = set()

    async def run(self, jobs: int) -> None:
        seed, what = self._request.options.seed, " ".join(self._request.options.selection) or "everything"
        last = seed + self._count - 1
        checked = f"[bold]{markup(self._request.described)}[/]: {markup(what)}"
        self._out.print(f"Checking {checked}, {self._count} times (seeds {seed} to {last})")
        free = asyncio.Semaphore(jobs)
        tasks = [asyncio.create_task(self._one(number, free)) for number in range(self._count)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, number: int, free: asyncio.Semaphore) -> None:
        request = self._request
        options = replace(request.options, seed=request.options.seed + number)
        line = replace(request, options=options).command_line(
            " --strict" * self._strict + " --fail-fast" * options.fail_fast
        )
        async with free:
            async for event in check_events(request.role, split_words(line)[2:]):
                if event["event"] == "finding":
                    self._found(event["finding"], options.seed)
                elif event["event"] == "done":
                    self._done(event)

    def _found(self, finding: dict[str, Any], seed: int) -> None:
        id_ = finding["requirement"]
        if id_ not in self._shown:
            self._shown.add(id_)
            text = f"expected {finding['expected']}; got {finding['actual']}"
            self._out.print(f"  [red]seed {seed}[/]  {id_}: {self._out.lines(text, 4, 24)}")
            self._out.print(f"    [dim]repeat[/]  {markup(finding['repeat'])}")

    def _done(self, event: dict[str, Any]) -> None:
        self._codes.append(event["exit_code"])
        for id_, verdict in event["verdicts"].items():
            self._runs[id_] += 1
            self._broken[id_] += Verdict(verdict) in _BROKEN
            self._unknown[id_] += Verdict(verdict) not in (*_BROKEN, Verdict.PASS)
        done = len(self._codes)
        self._out.print(f"  [dim]{done} of {self._count}: seed {event['seed']}, exit code {event['exit_code']}[/]")

    def conclude(self) -> int:
        """Print the rates; return the exit code."""
        self._out.print()
        kept = [id_ for id_ in requirements() if self._runs[id_] and not self._broken[id_] and not self._unknown[id_]]
        for id_ in requirements():
            runs, broken, unknown = self._runs[id_], self._broken[id_], self._unknown[id_]
            if broken:
                self._out.print(f"  [red]{id_:<11}[/]broken in {broken} of {runs} runs ({broken / runs:.0%})")
            elif unknown:
                self._out.print(f"  [magenta]{id_:<11}[/]not known in {unknown} of {runs} runs")
        if kept:
            names = (
                " ".join(kept) if len(kept) <= len(self._request.options.selection) + 6 else f"{len(kept)} requirements"
            )
            self._out.print(f"  [green]kept in all {self._count} runs:[/] {self._out.lines(names, 4, 24)}")
        return next((code for code in (BROKEN, UNKNOWN) if code in self._codes), CONFORMS)
