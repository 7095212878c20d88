"""A check of a client from its first connection to its verdict: conversations, lanes, narrowing, the time limit."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Iterable

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.exploration import Exploration
from chatproof_conformance.core.mend_first import mend_first
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role, role_of
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.core.situations import Situations
from chatproof_conformance.endpoints.served.conversing import OPENING, Played
from chatproof_conformance.endpoints.served.copy import PROTOCOL
from chatproof_conformance.endpoints.served.driver_lines import read_event
from chatproof_conformance.engine.conversations.copies import Copies
from chatproof_conformance.engine.conversations.known import KnownFailures
from chatproof_conformance.engine.conversations.lanes import run_lanes
from chatproof_conformance.engine.conversations.narrowing import CERTAIN_PATIENCE, Narrower
from chatproof_conformance.engine.conversations.plan import cells_of, plan, planned_pairs
from chatproof_conformance.engine.findings_book import FindingsBook
from chatproof_conformance.engine.limits import run_limited
from chatproof_conformance.judges.client.wording import all_described
from chatproof_conformance.space.conversation.script import Script
from chatproof_conformance.space.conversation.server_acts import OWN
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Kind

_AT_ONCE, _AT_ONCE_IF_SLOW = 3, 9
_SLOW_SECONDS = 2.0
"""A client that has done hardly anything after so long waits more than it works: more of it work at once then."""
_MOST_FAILURES = 20
"""Of one requirement; then what stands behind the next failure of it is not played."""
_DRAWN = 16
_BULK_SECONDS = 25.0
"""For so long the planned conversations go on, if the budget is no longer."""
_ENDED = "the client ends with its connection: nothing can be asked of it then"
_NO_WORD = "the driver never tells that the client is joined, so nothing shows that it is not"


class ClientExplorer:
    """One check of a client."""

    def __init__(self, command: str, options: Options, listener: RunListener) -> None:
        """Start nothing yet."""
        self._options = options
        self._listener = listener
        self._command = command
        self._book = FindingsBook(listener, selected_ids(options.selection, Role.CLIENT))
        self._known = KnownFailures()
        self._situations = Situations(planned_pairs())
        self._evidence: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._total = Evidence()
        self._lacking: dict[str, str] = {}
        self._tells_joined = False
        self._ends = False
        self._failed: asyncio.Queue[Played] = asyncio.Queue()
        self._blocked: dict[str, tuple[str, str]] = {}
        self._gone: str | None = None
        self._interrupted: str | None = None
        self._by_user = False
        self._copies: Copies
        self._narrower: Narrower

    async def explore(self) -> None:
        """Check, until all is tried or the time is over.

        Raises:
            TargetGone: if the client cannot be started, or does not connect.
            Exception: whatever our own machinery has failed with.
        """
        self._copies = Copies(self._command)
        self._narrower = Narrower(self._copies, self._book, self._known)
        first_failure = self._book.failed if self._options.fail_fast else None
        enough = self._book.until_all_broken() if self._options.selection else None
        try:
            self._interrupted = await run_limited(
                self._explore(), self._options.time_limit, lambda: None, first_failure, enough
            )
        finally:
            self._report_doubtful()
            self._copies.close()
        self._listener.done()

    def _report_doubtful(self) -> None:
        """Report what was never seen again, if it was seen several times and nothing certain may explain it."""
        doubtful = self._narrower.doubtful
        seen = Counter(finding.requirement for finding in doubtful)
        for finding in doubtful if not self._book.findings else ():
            if seen[finding.requirement] > 1:
                self._book.keep(finding)

    def interrupted_by_user(self) -> None:
        """Know that the user has ended it."""
        self._interrupted, self._by_user = "you ended the run", True

    def result(self) -> Exploration:
        """Return what is known."""
        unknown = {} if self._tells_joined else dict.fromkeys(("CLIENT-6", "CLIENT-13"), _NO_WORD)
        return Exploration(
            findings=tuple(mend_first(self._book.findings, self._blocked)),
            evidence={id_: Evidence(deliveries=number) for id_, number in self._evidence.items()},
            total=self._total,
            situations=self._situations,
            blocked=self._blocked or self._book.stand_ins(),
            untested=self._untested(),
            unknown=unknown,
            gone=self._gone,
            interrupted=self._interrupted,
            by_user=self._by_user,
        )

    def _untested(self) -> dict[str, str]:
        """Return what depends on what the driver cannot do."""
        ended = {"CLIENT-17": _ENDED} if self._ends and not self._evidence["CLIENT-17"] else {}
        return ended | {
            id_: f"the driver cannot {do}: {self._lacking[do]}"
            for do, ids in _NEEDED.items()
            for id_ in ids
            if do in self._lacking and not self._evidence[id_]
        }

    async def _explore(self) -> None:
        if not await self._begins():
            return
        narrowing = asyncio.create_task(self._narrow())
        lanes = asyncio.create_task(self._until_gone(run_lanes(self._copies, self._take, self._options)))
        try:
            await self._until_gone(self._bulk())
            await lanes
            await self._narrowed(narrowing)
        finally:
            for task in (narrowing, lanes):
                task.cancel()
            await asyncio.gather(narrowing, lanes, return_exceptions=True)

    async def _begins(self) -> bool:
        """See whether the client can join at all; if not, report why, and that nothing else can be tried.

        Raises:
            TargetGone: if it does not even connect.
        """
        played = await self._copies.play(Script(OWN))
        if _is_bad(played):
            played = await self._copies.play(Script(OWN), factor=CERTAIN_PATIENCE)
        if _is_bad(played):
            if not any(event.connection for event in played.events):
                raise TargetGone(f"{_reason(played)}; {PROTOCOL}")
            if played.findings:
                await self._narrower.narrow(played)
                self._copies.tolerated.add(played.findings[0].requirement)
                self._known.openings.clear()
            played = await self._copies.play(Script(OWN))
        if not played.opened and self._book.findings:
            finding = self._book.findings[0]
            ids = [id_ for id_, row in requirements().items() if role_of(row) is Role.CLIENT]
            self._blocked = dict.fromkeys(ids, (finding.requirement, finding.expected_there))
            return False
        self._take(played)
        return True

    async def _until_gone(self, work: Awaitable[None]) -> None:
        """Do something; if the client cannot be started any more, know why, and leave it at that."""
        try:
            await work
        except TargetGone as gone:
            self._gone = self._gone or str(gone)

    async def _bulk(self) -> None:
        """Play the planned conversations, then drawn ones while the budget lasts."""
        began = time.monotonic()
        scripts = list(plan(self._options.seed))
        enough = began + max(_BULK_SECONDS, self._options.budget)
        await self._play_all(scripts, len(scripts), enough)
        seed = self._options.seed
        while time.monotonic() - began < self._options.budget and self._gone is None:
            from chatproof_conformance.space.conversation.drawn import drawn_scripts  # noqa: PLC0415  Hypothesis is slow

            seed += 1
            await self._play_all(drawn_scripts(seed, _DRAWN), 0, began + self._options.budget)

    async def _play_all(self, scripts: Iterable[Script], planned: int, enough: float) -> None:
        """Play conversations side by side; at a time of the monotonic clock none is begun any more.

        A client that is slow, or broken in many ways, meets a part of them: each part of the plan has its share.
        """
        waiting = deque(scripts)
        workers = [asyncio.create_task(self._work(waiting, planned, enough)) for _ in range(_AT_ONCE)]
        try:
            await asyncio.wait(workers, timeout=_SLOW_SECONDS)
            if len(waiting) > planned * 3 // 4:
                more = range(_AT_ONCE, _AT_ONCE_IF_SLOW)
                workers += [asyncio.create_task(self._work(waiting, planned, enough)) for _ in more]
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, waiting: "deque[Script]", planned: int, enough: float) -> None:
        while waiting and time.monotonic() < enough:
            script = self._known.without(waiting.popleft())
            if planned:
                self._listener.progress(max(0, planned - len(waiting)), planned, "talks")
            played = await self._copies.play(script)
            self._take(played)
            rest = played.failed
            if rest is not None and 0 <= rest < len(script.stages) - 1 and self._is_worth_more(played):
                waiting.append(script.only(rest + 1, len(script.stages)))

    def _is_worth_more(self, played: Played) -> bool:
        """Whether what stands behind a failure is still to be played: not if the like has failed so often."""
        requirement = played.findings[0].requirement
        self._failures[requirement] += 1
        return self._failures[requirement] <= _MOST_FAILURES

    def _take(self, played: Played) -> None:
        self._total.add(played.evidence)
        self._evidence.update(played.tested)
        self._situations.reached.update(cells_of(played.script, played.reached))
        self._lacking.update(played.lacking)
        self._tells_joined = self._tells_joined or played.told_joined
        self._ends = self._ends or played.ended
        if played.failed is not None:
            self._failed.put_nowait(played)

    async def _narrow(self) -> None:
        while True:
            played = await self._failed.get()
            await self._until_gone(self._narrower.narrow(played))
            self._failed.task_done()

    async def _narrowed(self, narrowing: "asyncio.Task[None]") -> None:
        """Wait until all that failed is narrowed."""
        joining = asyncio.create_task(self._failed.join())
        await asyncio.wait((joining, narrowing), return_when=asyncio.FIRST_COMPLETED)
        if narrowing.done():  # by an error of our own
            joining.cancel()
            narrowing.result()


_NEEDED = {
    "say": ("CLIENT-2", "CLIENT-14", "CLIENT-15", "CLIENT-16", "CLIENT-17"),
    "say_privately": ("CLIENT-14", "CLIENT-15"),
    "join": (),
}
"""What cannot be tried if a driver cannot do something."""


def _is_bad(played: Played) -> bool:
    """Whether the client did not join as it must."""
    return not played.opened or played.failed == OPENING


def _reason(played: Played) -> str:
    """Return why a client did not connect: how it died, or what its driver said."""
    if played.findings:
        return played.findings[0].actual
    told = [read_event(event.data) for event in played.events if event.kind is Kind.DRIVER_EVENT]
    return f"the driver told {all_described([one for one in told if one is not None])}"
