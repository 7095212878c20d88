"""From a conversation that failed to its cause: the shortest that fails on a fresh connection, and what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.served.conversing import OPENING, SURVIVE, Played
from chatproof_conformance.engine.conversations.attribution import requirement_of
from chatproof_conformance.engine.conversations.copies import Copies
from chatproof_conformance.engine.conversations.known import KnownFailures
from chatproof_conformance.engine.findings_book import FindingsBook
from chatproof_conformance.space.conversation.script import (
    PLAINER_STAGES,
    End,
    Opening,
    Script,
    Stage,
    Unread,
    situation_of,
)
from chatproof_conformance.space.conversation.server_acts import OWN

CERTAIN_PATIENCE, _PATIENCE = 7.2, 2.3
"""By how much longer than in bulk something is waited for before it is said not to come; and before that is known."""
_MOST_ROUNDS, _MOST_TRIALS = 5, 14
_MOST_HISTORY = 40


@dataclass(frozen=True, slots=True)
class Found:
    """The shortest conversation so far that fails, and how it went.

    Attributes:
        script: what was played.
        played: how it went.
        before: what its process must have played before.
        matters: the dimensions without which it passes.
    """

    script: Script
    played: Played
    before: tuple[Script, ...] = ()
    matters: frozenset[str] = frozenset()

    @property
    def stage(self) -> Stage | None:
        """The stage that fails, None if its opening or its end does."""
        place = self.played.failed
        return self.script.stages[place] if place is not None and 0 <= place < len(self.script.stages) else None


class Narrower:
    """Finds out why conversations fail, and reports it.

    Attributes:
        known: what fails.
        doubtful: what was seen once and not again.
    """

    def __init__(self, copies: Copies, book: FindingsBook, known: KnownFailures) -> None:
        """Know nothing yet."""
        self.known = known
        self.doubtful: list[Finding] = []
        self._copies = copies
        self._book = book

    async def narrow(self, played: Played) -> None:
        """Find the shortest conversation that fails like one that did, and report what it shows."""
        requirement = played.findings[0].requirement
        if self._book.is_settled(requirement):
            self._book.hide(requirement)
            return
        script = self.known.without(played.script)
        is_changed = _is_changed(script, played.script)
        place = played.failed
        if place == OPENING:
            found = await self._opening(script)
        elif place is not None and place < len(played.script.stages):
            stage = self.known.without(played.script.only(place, place + 1)).stages
            found = await self._stage(played.script, stage[0], place) if stage else None
        else:
            found = await self._end(script)
        if found is None and not is_changed and played.history:
            found = await self._history(played)
        if found is not None:
            found = await self._plainest(found)
            found = await self._certain(found) or (
                # It may depend on what its process has been through.
                await self._history(found.played) if found.played.history else None
            )
        if found is not None:
            self._report(found)
        elif not is_changed and not played.is_late:
            finding = replace(self._shown(played, played.findings[0], situation_of(played.script)), attempts=3)
            self.doubtful.append(finding)

    async def _try(self, script: Script, factor: float = _PATIENCE) -> Played:
        return await self._copies.play(script, factor=factor)

    async def _first_failing(self, scripts: Sequence[Script]) -> Found | None:
        for script in scripts:
            played = await self._try(script)
            if played.failed is not None:
                return Found(script, played)
        return None

    # Stages

    async def _stage(self, whole: Script, stage: Stage, place: int) -> Found | None:
        """Find what of a stage fails: an act alone, several together, or only after what was before."""
        plain = Script(whole.username, end=End.LEAVE)
        if stage.cuts is None:
            singles = tuple(replace(stage, acts=(act,)) for act in stage.acts)
            played = await self._try(replace(plain, stages=singles))
            if played.failed is not None and 0 <= played.failed < len(singles):
                alone = replace(plain, stages=(singles[played.failed],))
                again = await self._try(alone)
                if again.failed is not None:
                    return Found(alone, again)
                return await self._fewer_stages(replace(plain, stages=singles[: played.failed + 1]), played)
        together = replace(plain, stages=(stage,))
        played = await self._try(together)
        if played.failed is not None:
            return await self._fewer_acts(together, played)
        before = replace(self.known.without(whole.only(0, place)), end=End.LEAVE)
        before = replace(before, stages=(*before.stages, stage))
        found = await self._first_failing([replace(before, opening=Opening.JOINED, others=()), before])
        return await self._fewer_stages(found.script, found.played) if found is not None else None

    async def _fewer_acts(self, script: Script, played: Played) -> Found:
        """Go on with a half of the acts of the last stage, as long as one fails."""
        for _ in range(_MOST_ROUNDS):
            stage = script.stages[-1]
            half = len(stage.acts) // 2
            if not half or stage.cuts is not None:
                break
            halves = (stage.acts[:half], stage.acts[half:])
            parts = [
                replace(script, stages=(*script.stages[:-1], replace(stage, acts=acts))) for acts in reversed(halves)
            ]
            found = await self._first_failing(parts)
            if found is None:
                break
            script, played = found.script, found.played
        return Found(script, played)

    async def _fewer_stages(self, script: Script, played: Played) -> Found:
        """Leave out the stages before the last one, half of them at a time, as long as it fails."""
        last = script.stages[-1:]
        before = script.stages[:-1]
        size = len(before)
        trials = 0
        while size:
            at = 0
            while at < len(before) and trials < _MOST_TRIALS:
                trials += 1
                fewer = before[:at] + before[at + size :]
                trial = replace(script, stages=(*fewer, *last))
                again = await self._try(trial)
                if again.failed is not None:
                    before, played = fewer, again
                else:
                    at += size
            size //= 2
        return await self._fewer_acts(replace(script, stages=(*before, *last)), played)

    # Openings and ends

    async def _opening(self, script: Script) -> Found | None:
        plain = Script(OWN)
        shorter = replace(script, stages=(), end=End.LEAVE)
        bare = replace(shorter, first=None, early=())
        first = script.first
        acts = [replace(bare, first=replace(first, acts=(act,))) for act in first.acts] if first is not None else []
        others = [
            plain,
            replace(plain, username=script.username),
            replace(bare, others=script.others[:1], username=OWN),
            bare,
            *acts,
            replace(shorter, first=None),
            replace(shorter, early=()),
            shorter,
            script,
        ]
        return await self._first_failing(others)

    async def _end(self, script: Script) -> Found | None:
        simpler = replace(script, stages=(), first=None, early=())
        last = replace(script, stages=script.stages[-1:])
        opened = script.opening in _WITHOUT_JOIN
        others = [*([] if opened else [Script(script.username, end=script.end)]), simpler, last, script]
        return await self._first_failing(list(dict.fromkeys(others)))

    # Histories

    async def _history(self, played: Played) -> Found | None:
        """Find a shorter history of the process after which a conversation fails."""
        before = played.history[-_MOST_HISTORY:]
        again = await self._after(before, played.script)
        if again is None:
            return None
        for _ in range(_MOST_ROUNDS):
            shorter = before[len(before) // 2 :] if len(before) > 1 else ()
            found = await self._after(shorter, played.script) if shorter != before else None
            if found is None:
                break
            before, again = shorter, found
        return Found(played.script, again, before=before)

    async def _after(self, before: Sequence[Script], script: Script) -> Played | None:
        """Play conversations with a fresh process, one after the other; return how the first failed that did."""
        copy = self._copies.fresh()
        try:
            for one in (*before, script):
                played = await self._copies.play(one, factor=_PATIENCE, copy=copy)
                if played.failed is not None:
                    return played
                if not copy.alive:
                    return None
            return None
        finally:
            self._copies.dispose(copy)

    # What matters

    async def _plainest(self, found: Found) -> Found:
        """Take away each dimension without which it fails still: all of them, if it does then, else one by one."""
        stage = found.stage
        if found.before or stage is None:
            return found
        place = found.script.stages.index(stage)
        plainest = stage
        for plainer in PLAINER_STAGES.values():
            plainest = plainer(plainest)
        if _same(plainest, stage):
            return found
        trial = _with_stage(found.script, place, plainest)
        again = await self._try(trial)
        if again.failed == place:
            return replace(found, script=trial, played=again)
        matters = set()
        script, played = found.script, found.played
        for name, plainer in PLAINER_STAGES.items():
            plain = plainer(script.stages[place])
            if _same(plain, script.stages[place]):
                continue
            trial = _with_stage(script, place, plain)
            again = await self._try(trial)
            if again.failed == place:
                script, played = trial, again
            elif again.failed is None:
                matters.add(name)
        return replace(found, script=script, played=played, matters=frozenset(matters))

    async def _certain(self, found: Found) -> Found | None:
        """Play it once more, with much more time if something is missing; None if it passes then."""
        if found.before:
            return found
        factor = CERTAIN_PATIENCE if found.played.is_late else _PATIENCE
        again = await self._try(found.script, factor)
        return replace(found, played=again) if again.failed is not None else None

    # Reporting

    def _report(self, found: Found) -> None:
        stage, played = found.stage, found.played
        finding = played.findings[0]
        alone = len(found.script.stages) == 1 and not found.before
        requirement = requirement_of(finding, stage, found.matters, alone=alone)
        self._learn(found)
        same_death = next((one for one in self._book.findings if _die_alike(one, finding)), None)
        if same_death is not None and same_death.requirement != requirement:
            self._book.represent(replace(finding, requirement=requirement), same_death)
            return
        situation = situation_of(found.script, stage)
        if found.before:
            situation += f"; after {len(found.before)} connections"
        shown = replace(self._shown(played, finding, situation), requirement=requirement)
        self._book.keep(shown)

    def _learn(self, found: Found) -> None:
        stage = found.stage
        if stage is not None:
            for name in found.matters:
                self.known.add_dimension(name, stage)
            if not found.matters and len(stage.acts) == 1:
                self.known.add_act(stage.acts[0])
        elif not found.before and not found.script.stages:
            if found.played.failed == OPENING:
                self.known.openings.add(found.script.opening)
            elif found.script.opening is Opening.JOINED and found.script.unread is Unread.NOTHING:
                self.known.ends.add(found.script.end)

    @staticmethod
    def _shown(played: Played, finding: Finding, situation: str) -> Finding:
        drawn = "drawn" in situation
        return replace(finding, events=tuple(played.events), started=played.started, situation=situation, drawn=drawn)


_WITHOUT_JOIN = (Opening.REFUSED_FOR_GOOD, Opening.UNANSWERED, Opening.CONNECTED)


def _die_alike(one: Finding, other: Finding) -> bool:
    """Whether a client died with the same last words."""
    return one.expected == other.expected == SURVIVE and one.actual == other.actual and "it printed" in one.actual


def _with_stage(script: Script, place: int, stage: Stage) -> Script:
    return replace(script, stages=(*script.stages[:place], stage, *script.stages[place + 1 :]))


def _same(one: Stage, other: Stage) -> bool:
    names = ("acts", "spelling", "segmentation", "cuts", "answers", "reading", "pause")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _is_changed(script: Script, other: Script) -> bool:
    if script.opening is not other.opening or script.end is not other.end or len(script.stages) != len(other.stages):
        return True
    return not all(map(_same, script.stages, other.stages))
