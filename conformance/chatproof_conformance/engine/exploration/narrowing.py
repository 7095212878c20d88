"""From a wave that failed to its cause: the shortest traffic that fails on fresh connections, and what it shows."""

import copy
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Cast, Record, run_wave
from chatproof_conformance.engine.exploration.context import PIECES, Answer, narrow_in_context
from chatproof_conformance.engine.exploration.failing import KnownFailures, apart
from chatproof_conformance.engine.exploration.suspects import Kind, Suspect, find_suspects, situation_of
from chatproof_conformance.engine.exploration.twins import may_have_twin, plain_twin
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.script import Part, Script, State
from chatproof_schemas.transcript import Kind as EventKind

PATIENCE = 2.3
"""By how much longer narrowing waits than a wave: what it finds missing is missing."""
_AT_ONCE = 8
_SINGLES_AT_ONCE = 24
_MOST = 20
"""Suspects of one wave that are asked again."""
_TOGETHER = "FRAME-3"
_LEAVES = ("LEAVE-1", "LEAVE-2")
_EASILY_CAUSED = ("ERROR-", "FRAME-", "JOIN-5", "PUBLIC-2", "CONFIRM-1")
"""What seems to be broken if anything else goes wrong meanwhile."""
_ABOUT_ANSWERS = ("ERROR-", "FRAME-", "CONFIRM-", "JOIN-9")
_TAKEN_FOR_OTHERS = {"ERROR-1", "ERROR-3", "ERROR-5", "ERROR-6", "ERROR-7", "ERROR-8", "ERROR-9"}
"""Who takes a frame for another than it is finds other things wrong with it, and gives other codes."""
_MOST_IN_CONTEXT = 3
"""Suspects of one requirement that are looked at among other acts, which takes up to a dozen waves each."""


class Narrower:
    """Narrows on an instance of its own, so that nothing that a failing wave left behind is there.

    Attributes:
        failing: the acts that failed alone.
        instance: where it sends things again.
    """

    def __init__(self, workshop: Workshop, instance: Instance) -> None:
        """Know nothing yet."""
        self.failing = KnownFailures(workshop)
        self.instance = instance
        self._workshop = workshop
        self._kinds: Counter[Kind] = Counter()
        self._in_context: Counter[str] = Counter()
        self._twins: dict[str, Answer | None] = {}
        self._noise: set[tuple[str, str]] = set()

    def beside(self, instance: Instance) -> "Narrower":
        """Return another one, which knows what this one knows, for an instance of its own."""
        other = copy.copy(self)
        other.instance = instance
        return other

    async def control(self) -> bool:
        """Send what every script is made of, a join and markers; report what is wrong with it; return if nothing is."""
        record = await run_wave(
            self.instance, [Script(careful=True), Script(State.NOT_JOINED, careful=True)], patience=PATIENCE
        )
        self._workshop.sound = record.fenced
        found = await self._judge(record)
        self._noise = {(finding.requirement, finding.actual) for finding in found}
        for finding in found[:1]:
            self._report(finding, record, "a join and a public message")
        return not found

    async def narrow(self, instance: Instance, record: Record, findings: Sequence[Finding]) -> None:
        """Ask again what a wave's findings are about, and report what certainly fails."""
        for cast in record.stirred[:1]:
            await self._ask_stirred(cast.script)
        suspects = find_suspects(record, findings)
        windows = [suspect for suspect in suspects if suspect.is_in_window]
        chosen = self._choose(suspect for suspect in suspects if suspect not in windows)
        if self._choose(windows):
            chosen += await self._ask_windows(windows)
        rest: list[Suspect] = []
        for batch in _batches(chosen):
            rest += await self._ask(batch)
        for suspect in _earliest(rest):
            await self._ask_in_context(instance, record, suspect)

    async def _ask_stirred(self, script: Script) -> None:
        """Report that what came together waits for more bytes, if it does so again, and not if it comes apart."""
        if self._workshop.is_settled(_TOGETHER):
            return
        record = await self._run([self.failing.without(script)])
        again = await self._run([apart(self.failing.without(script))]) if record.stirred else record
        if record.stirred and not again.stirred:
            one = record.stirred[0].connection
            sent = [at for at, event in enumerate(record.events) if (event.connection, event.kind) == _sent_by(one)]
            expected = "that every frame that has arrived is handled"
            actual = "the last of several that came at once waited until more bytes came"
            finding = Finding(_TOGETHER, expected, actual, connection=one.label, event=sent[-1])
            self._report(finding, record, situation_of(script))

    def _choose(self, suspects: Iterable[Suspect]) -> list[Suspect]:
        chosen: list[Suspect] = []
        for suspect in suspects:
            self._kinds[suspect.kind] += 1
            first = self._kinds[suspect.kind] == 1 and len(chosen) < _MOST
            known = self._workshop.is_settled(suspect.finding.requirement)
            if (root := self._workshop.root_of(suspect.finding)) is not None:
                self._workshop.explain(suspect.finding, root)
            elif first and not known:
                chosen.append(suspect)
            else:
                self._workshop.hide(suspect.finding.requirement)
        return chosen

    async def _ask_windows(self, suspects: Sequence[Suspect]) -> list[Suspect]:
        """Send all acts of scripts that do not join alone: an error too few or too many makes all of them suspect.

        Return a suspect of each script none of whose acts fails.
        """
        casts: dict[str, tuple[Cast, Suspect]] = {}
        for suspect in suspects:
            if suspect.cast is not None:
                casts.setdefault(suspect.cast.connection.label, (suspect.cast, suspect))
        innocent = []
        for cast, suspect in casts.values():
            script = self.failing.without(cast.script)
            guilty = False
            for place in range(0, len(script.acts), _SINGLES_AT_ONCE):
                acts = script.acts[place : place + _SINGLES_AT_ONCE]
                singles = [Suspect(suspect.finding, replace(cast, script=script.alone(act))) for act in acts]
                guilty |= len(await self._ask(singles)) < len(singles)
            if not guilty and len(script.acts) == len(cast.script.acts):
                innocent.append(suspect)
        return innocent

    async def _ask(self, batch: Sequence[Suspect]) -> list[Suspect]:
        """Send each suspect's act alone; report what fails; return the suspects that did not."""
        asked = [(suspect, script) for suspect in batch if (script := suspect.alone()) is not None]
        innocent = [suspect for suspect in batch if suspect.alone() is None]
        if not asked:
            return innocent
        record = await self._run([script for _, script in asked])
        found = await self._judge(record)
        own, between = _sorted_out(found, list(record.casts))
        doubtful = []
        for (suspect, script), label in zip(asked, record.casts, strict=True):
            mine = own[label] or (found if len(asked) == 1 else [])
            if mine:
                for act in script.acts:
                    self.failing.add(act)
                first = self._first(mine)
                answer = Answer(first, record)
                if not await self.is_explained(answer, script):
                    self.report(answer, situation_of(script))
            elif any(label in pair and not any(own[one] for one in pair) for pair in between):
                doubtful.append(suspect)
            else:
                innocent.append(suspect)
        for suspect in doubtful:
            innocent += await self._ask([suspect])
        return innocent

    async def is_explained(self, answer: Answer, script: Script) -> bool:
        """Whether what a script shows has its cause in something plainer; report that instead, then.

        That is the plain twin of its only act, if it fails, too; or a broken order, if which answer belongs to which
        of several frames matters.
        """
        requirement = answer.finding.requirement
        if len(script.acts) > 1 or script.times > 1:
            return self._is_disorder(requirement)
        lines = (line for cast in answer.record.casts.values() if cast.script == script for line in cast.lines)
        frame = next((line.data.rstrip(b"\n") for line in lines if line.part is Part.ACT), b"")
        twin = plain_twin(frame) if may_have_twin(requirement) else None
        if twin is None:
            return False
        if twin.label not in self._twins:
            plain = Script(acts=(twin,), careful=True)
            self._twins[twin.label] = found = (await self.ask_each([plain]))[0]
            if found is not None:
                self.report(found, situation_of(plain))
        found = self._twins[twin.label]
        if found is not None:
            self._workshop.explain(answer.finding, found.finding)
        return found is not None

    def _is_disorder(self, requirement: str) -> bool:
        """Whether answers are known to come in a wrong order: which is whose of several cannot be told then."""
        return requirement.startswith(_ABOUT_ANSWERS) and self._workshop.is_broken("ORDER-1")

    async def _ask_in_context(self, instance: Instance, record: Record, suspect: Suspect) -> None:
        requirement = suspect.finding.requirement
        if self._workshop.is_settled(requirement) or self._in_context[requirement] >= _MOST_IN_CONTEXT:
            self._workshop.hide(requirement)
            return
        played = [cast.script for cast in record.casts.values()]
        explained = any(self.failing.without(script) != script for script in played)
        if suspect.cast is not None:
            script = self.failing.without(suspect.cast.script)
            suspect = replace(suspect, cast=replace(suspect.cast, script=script))
        self._in_context[requirement] += 1
        await narrow_in_context(self, instance, record, suspect, explained=explained)

    def _first(self, findings: Sequence[Finding]) -> Finding:
        """Return the first thing that is wrong, leaving aside what is wrong with every script."""
        special = [one for one in findings if (one.requirement, one.actual) not in self._noise]
        # What comes in a wrong order seems to be missing in one place, and too much in another.
        return next((one for one in special if one.requirement == "ORDER-1"), (special or list(findings))[0])

    async def ask_each(self, scripts: Sequence[Script]) -> list[Answer | None]:
        """Play scripts side by side; return of each what is wrong with it, None if nothing is."""
        record = await self._run([self.failing.without(script) for script in scripts])
        found = await self._judge(record)
        own, between = _sorted_out(found, list(record.casts))
        answers: list[Answer | None] = []
        for label in record.casts:
            special = [one for one in own[label] if (one.requirement, one.actual) not in self._noise]
            answers.append(Answer(special[0], record) if special else None)
        # Scripts that join under one name cannot be told apart, nor can all of them succeed.
        if len(answers) < len(scripts) or (between and not any(answers)):
            answers = [await self.ask_all([script]) for script in scripts]
        return answers

    async def ask_all(self, scripts: Sequence[Script], requirement: str = "") -> Answer | None:
        """Play scripts side by side; return what is wrong, first of all of a requirement if one is given, or None."""
        record = await self._run([self.failing.without(script) for script in scripts])
        special = [one for one in await self._judge(record) if (one.requirement, one.actual) not in self._noise]
        wanted = [one for one in special if one.requirement == requirement]
        return Answer((wanted or special)[0], record) if special else None

    def requirement_of(self, act: Act) -> str:
        """Return the requirement by which an act gets an error in any state; empty if it need not get one."""
        return self.failing.requirement_of(act)

    def report(self, answer: Answer, situation: str, requirement: str = "") -> None:
        """Report what a script shows, as a matter of another requirement if one is given."""
        finding = replace(answer.finding, requirement=requirement) if requirement else answer.finding
        self._report(finding, answer.record, situation)

    def report_together(self, answer: Answer, count: int) -> None:
        """Report what several clients show only at once; what is easily caused by anything has to wait."""
        if self._is_disorder(answer.finding.requirement):
            self._workshop.hide("ORDER-1")
            return
        shown = self._workshop.shown(self.instance, answer.record, answer.finding, f"{count} clients at once")
        self._remember(answer.finding.requirement, answer.record)
        self._report_or_hold(shown)

    def report_as_seen(self, suspect: Suspect, instance: Instance, record: Record) -> None:
        """Report what a wave showed and no other traffic shows again, with how often it was seen.

        The same pieces pass in another wave, so they are not what matters.
        """
        found = suspect.finding.requirement
        requirement = suspect.verb if found in PIECES else found
        lost_alike = requirement in _LEAVES and self._workshop.loses_leaves()
        if lost_alike or self._is_disorder(requirement):
            self._workshop.hide(requirement)  # one of them is lost for the other's reason
            return
        finding = replace(suspect.finding, requirement=requirement, failures=1, attempts=2)
        script = suspect.cast.script if suspect.cast else Script()
        self._remember(requirement, record)
        self._report_or_hold(self._workshop.shown(instance, record, finding, situation_of(script)))

    def _report_or_hold(self, finding: Finding) -> None:
        if finding.requirement.startswith(_EASILY_CAUSED):
            self._workshop.hold_uncertain(finding)
        else:
            self._workshop.report(finding)

    def _remember(self, requirement: str, record: Record) -> None:
        self._workshop.memory.scripts[requirement] = [cast.script for cast in record.casts.values()]

    async def _run(self, scripts: Sequence[Script]) -> Record:
        record = await run_wave(self.instance, scripts, patience=PATIENCE, paced=True)
        if not await self._workshop.has_survived(self.instance, record):
            self.instance = await self._workshop.restart(self.instance)
        return record

    async def _judge(self, record: Record) -> list[Finding]:
        return list((await self._workshop.judge(self.instance, record)).findings)

    def _report(self, finding: Finding, record: Record, situation: str) -> None:
        self._remember(finding.requirement, record)
        acts = {act for cast in record.casts.values() for act in cast.script.acts}
        behind = {self.requirement_of(act) for act in acts} & _TAKEN_FOR_OTHERS
        self._workshop.report(self._workshop.shown(self.instance, record, finding, situation), behind)


def _sent_by(one: WaveConnection) -> tuple[str, EventKind]:
    return one.label, EventKind.CLIENT_DATA


def _batches(suspects: Sequence[Suspect]) -> list[list[Suspect]]:
    """Return suspects as they can be asked side by side: waits for what is missing overlap, all else would disturb."""
    missing = [suspect for suspect in suspects if suspect.is_missing]
    return [
        *([suspect] for suspect in suspects if not suspect.is_missing),
        *(missing[at : at + _AT_ONCE] for at in range(0, len(missing), _AT_ONCE)),
    ]


def _earliest(suspects: Iterable[Suspect]) -> list[Suspect]:
    """Return the first suspect of each script: the others may be its consequences."""
    first: dict[str, Suspect] = {}
    for suspect in suspects:
        label = suspect.cast.connection.label if suspect.cast else ""
        if label not in first or (suspect.place or 0) < (first[label].place or 0):
            first[label] = suspect
    return list(first.values())


def _sorted_out(
    findings: Iterable[Finding], labels: Collection[str]
) -> tuple[dict[str, list[Finding]], list[set[str]]]:
    """Return the findings that are about one script each, by its label, and the pairs that others are about."""
    own: dict[str, list[Finding]] = {label: [] for label in labels}
    between: list[set[str]] = []
    for finding in findings:
        pair = {finding.cause.connection if finding.cause else None, finding.connection} & set(labels)
        if len(pair) == 1:
            own[str(next(iter(pair)))].append(finding)
        elif pair:
            between.append({str(label) for label in pair})
    return own, between
