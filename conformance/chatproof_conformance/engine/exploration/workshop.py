"""What phases and lanes share: instances of the server, the judge, what was found so far, and what was tested."""

import asyncio
import contextlib
import secrets
import string
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, cast

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.levels import ids_up_to
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import NotTested, TargetGone
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.core.situations import Situations
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.endpoints.process.target import DYING_SECONDS, OwnServer, Target
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.placement import Placement
from chatproof_conformance.endpoints.waves.wave import Record, run_wave
from chatproof_conformance.engine.exploration.explained import code_in, error_in, explains
from chatproof_conformance.engine.exploration.focus import refuses_names
from chatproof_conformance.engine.exploration.judging import Judging, may_be_chatter
from chatproof_conformance.engine.exploration.ledger import Ledger
from chatproof_conformance.engine.exploration.memory import FailureMemory
from chatproof_conformance.engine.findings_book import SHOWN, FindingsBook
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame
from chatproof_conformance.judges.server.situations import CONNECTED, EVENT, IS_JOINED, STATE, STOP, planned_cells
from chatproof_conformance.space.script import Script
from chatproof_schemas.transcript import Framing, Kind

if TYPE_CHECKING:
    from chatproof_conformance.judges.server import Judgement

_IDLE = ("LEAVE-7", "JOIN-12")
_NOTICES = ("JOIN-1", "JOIN-2", "JOIN-13", "LEAVE-1", "LEAVE-2")
_STOP_SECONDS = 5.0
_EXIT_SECONDS = 1.0
"""A wrapper, such as npm, ends a while after the server."""
_SLICE = 0.1
"""Seconds after which a wait in a thread looks whether it is still wanted."""
_ENDED = "the end of the connection"
_CODES = "ERROR-12"
_MISTAKEN = "a wrong error was seen where the frame was taken for another: mend that first"
_UNCERTAIN = "it failed among other things that are broken, and not again: mend those first"
_ABOUT_ANSWERS = ("CONFIRM-", "ERROR-")
_TEXTS = ("ERROR-12", "JOIN-5")
"""What only the words of an error break, which may have come for another reason."""
_LETTERS = string.ascii_lowercase


@dataclass(frozen=True, slots=True)
class _Held:
    """A finding that waits until all else is known.

    Attributes:
        finding: what was seen.
        behind: the requirements one of which explains it if it is broken.
        doubtful: whether anything that is certain may explain it.
    """

    finding: Finding
    behind: Collection[str] = ()
    doubtful: bool = False


class Workshop(FindingsBook):
    """One check.

    Attributes:
        options: how to check.
        memory: takes note of what shows each failure.
        evidence: by requirement, how often it was put to the test.
        untested: by requirement, why it cannot be put to the test.
        unknown: by requirement, why nothing is known of it although it was put to the test.
        explained: by requirement that seemed to be broken, what is broken and explains that.
        judging: judges recordings.
        ledger: the leaves that are still to be told.
        total: how much was seen, over all requirements.
        situations: which of them were reached.
        sound: whether all listeners of a fresh instance hear a newcomer.
        takes_parts: whether it puts together what comes in parts.
        ends_lines: whether each thing that came at first ended with LF.
        built: what a server in the making may keep already, if a level is checked; None: everything.
        ends: whether the run ends: then nothing is waited for any more.
    """

    def __init__(
        self, source: ServerSource, options: Options, listener: RunListener, memory: FailureMemory | None = None
    ) -> None:
        """Start nothing yet."""
        super().__init__(listener, selected_ids(options.selection, Role.SERVER, several=source.has_several))
        self._source = source
        self.options = options
        self.memory = FailureMemory() if memory is None else memory
        self.evidence: Counter[str] = Counter()
        self.untested: dict[str, str] = {}
        self.unknown: dict[str, str] = {}
        self.explained: dict[str, Finding] = {}
        self._held: list[_Held] = []
        self._closing = False
        self.judging = Judging()
        self.ledger = Ledger()
        self.total = Evidence()
        self.situations = Situations(planned_cells(stopping=self.owns_server))
        self.sound = True
        self.ends_lines = False
        self.takes_parts = True
        self.built = None if options.level is None else frozenset(ids_up_to(options.level, Role.SERVER))
        self.ends = False
        # Not from the seed: two checks of one server at the same time must not take each other's words for their own.
        self._token = "".join(secrets.choice(_LETTERS) for _ in range(5))
        self._numbers = count()
        self._targets: dict[Instance, Target] = {}
        self._asked: list[OwnServer] = []
        self._waited_for: list[str] = []

    @property
    def owns_server(self) -> bool:
        """Whether we start the server, and so may stop it, and start more of them."""
        return self._source.address is None

    @property
    def has_several(self) -> bool:
        """Whether it is a server of several addresses."""
        return self._source.has_several

    @property
    def can_announce(self) -> bool:
        """Whether it is known how to speak for the operator."""
        return self._source.can_announce

    def target(self, instance: Instance) -> Target:
        """Return the process, or the running server, of an instance."""
        return self._targets[instance]

    @property
    def has_engine(self) -> bool:
        """Whether we start what orders the chat of several nodes, too."""
        return self._source.engine is not None

    async def instance(self, *, environment: Mapping[str, str] | None = None, relayed: bool = False) -> Instance:
        """Return an instance of its own, without listeners: a process of its own if we own the server.

        Args:
            environment: what it has beside ours.
            relayed: whether the nodes of a server reach their engine by relays of ours.

        Raises:
            TargetGone: if it cannot be started, or accepts no connection.
        """
        return await self._start(self._source.target(environment=environment, relayed=relayed))

    async def _start(self, target: Target) -> Instance:
        number = next(self._numbers)
        token = f"{self._token}{_letters(number)}"
        placement = Placement(target.addresses, self.options.seed + number)
        instance = Instance(placement, token, cast("Framing", self.options.framing))
        instance.has_lost_leaves = self.loses_leaves
        instance.takes_parts = self.takes_parts
        instance.refuses_names = self.built is None or refuses_names(self.built)
        instance.why_gone = partial(target.exit_reason, _EXIT_SECONDS)
        self._targets[instance] = target
        self.ledger.watch(instance)
        await asyncio.to_thread(target.start)
        return instance

    async def end_of(self, instance: Instance) -> str | None:
        """Return how the process of an instance has ended, if nobody is there any more; None if it has not."""
        if instance.audience.is_there:
            return None
        return await asyncio.to_thread(self.target(instance).how_ended, _EXIT_SECONDS)

    async def release(self, instance: Instance) -> None:
        """Close an instance and end its process. Harmless if it has ended already."""
        instance.close()
        if instance in self._targets:
            await self._stop(self._targets[instance])  # if the run ends meanwhile, close() kills it
            self._targets.pop(instance, None)

    async def restart(self, instance: Instance) -> Instance:
        """Return a new instance in place of one that is wrecked.

        Raises:
            TargetGone: if it cannot be started, or accepts no connection.
        """
        await self.discard(instance)
        return await self.instance()

    async def discard(self, instance: Instance) -> None:
        """Close an instance and kill its process at once."""
        instance.close()
        await self._stop(self._targets.pop(instance), at_once=True)

    async def _stop(self, target: Target, *, at_once: bool = False) -> None:
        """End a process; if the run ends early, it is not asked first."""
        if not isinstance(target, OwnServer):
            return
        if not at_once and not self.ends:
            with contextlib.suppress(NotTested):  # the lane of stopping reports it
                if await asyncio.to_thread(target.ask_to_stop):
                    await self._await_exit(target, _STOP_SECONDS)
        await asyncio.to_thread(target.kill)

    async def _await_exit(self, target: OwnServer, seconds: float) -> bool:
        """Wait until a process has ended, so long at most; not at all if the run ends early."""
        give_up = time.monotonic() + seconds
        while await asyncio.to_thread(target.wait_for_exit, _SLICE) is None:
            if self.ends or time.monotonic() > give_up:
                return False
        return True

    @contextlib.contextmanager
    def waited_for(self, subject: str) -> Iterator[None]:
        """Let the listener know what the run waits for, while that is tried."""
        self._waited_for.append(subject)
        self._listener.waiting(self._waited_for)
        try:
            yield
        finally:
            self._waited_for.remove(subject)
            self._listener.waiting(self._waited_for)

    async def announce(self, instance: Instance, *texts: str, is_owed: bool = True) -> None:
        """Announce something, if possible all at once, and record it if the clients are owed it.

        Raises:
            NotTested: if the user's command for that fails.
        """
        for text in texts if is_owed else ():
            instance.recorder.append("", Kind.ANNOUNCE, text.encode())
        await asyncio.to_thread(self._targets[instance].announce, *texts)

    async def ask_to_stop(self, instance: Instance) -> None:
        """Ask the process of an instance to stop.

        Raises:
            NotTested: if the user's command for that fails.
        """
        for state in (CONNECTED, IS_JOINED):
            self.situations.add(EVENT, STOP, STATE, state)
        process = self._process(instance)
        self._asked.append(process)
        await asyncio.to_thread(process.ask_to_stop)

    async def unheeded_stop(self, instance: Instance, *, ended: bool) -> str | None:
        """Return why it says nothing that the process has not stopped in order; None if it does."""
        return await asyncio.to_thread(self._process(instance).unheeded_stop, ended=ended)

    def asked_to_stop(self, instance: Instance) -> str:
        """Return who was asked to stop of an instance, as a clause."""
        return self._process(instance).asked_to_stop

    @property
    def stop_request(self) -> str | None:
        """Who was asked to stop, if the server was behind a wrapper; None if it was not, or nobody was asked."""
        return next((process.asked_to_stop for process in self._asked if process.needed_more_signals), None)

    async def has_exited(self, instance: Instance, seconds: float) -> bool:
        """Return whether the process of an instance ends within so many seconds."""
        return await self._await_exit(self._process(instance), seconds)

    async def left_listening(self, instance: Instance) -> str | None:
        """Return who of an instance still listens although the process that we started has ended; None if nobody."""
        return await asyncio.to_thread(lambda: self._process(instance).left_listening)

    async def start_again(self, instance: Instance) -> Instance:
        """Return an instance with a new process at the address of one that has stopped.

        Raises:
            TargetGone: if it does not start there.
        """
        instance.close()
        process = self._process(instance)
        del self._targets[instance]
        return await self._start(process.again())

    def _process(self, instance: Instance) -> OwnServer:
        target = self._targets[instance]
        if not isinstance(target, OwnServer):
            raise NotTested("the harness did not start this server; give --command to have it started and stopped")
        return target

    async def has_survived(self, instance: Instance, record: Record) -> bool:
        """Whether an instance goes on serving everyone after what was recorded."""
        served = record.fenced and instance.audience.complete
        is_sure = served and self.target(instance).exit_reason() is None
        return is_sure or await self.is_healthy(instance)

    async def is_healthy(self, instance: Instance) -> bool:
        """Whether a newcomer can join and speak, and every listener hears it, if they ever did."""
        if self.target(instance).exit_reason(DYING_SECONDS) is not None:
            return False
        try:
            record = await run_wave(instance, [Script(careful=True)])
        except TargetGone:
            return False
        one, last = next((cast.connection, cast.last) for cast in record.casts.values())
        serves_newcomers = self.target(instance).exit_reason() is None and last in one.markers
        return record.fenced or (serves_newcomers and not self.sound)

    async def judge(self, instance: Instance, record: Record, *, counts: bool = False) -> "Judgement":
        """Judge a recording; with ``counts``, what it puts to the test is evidence."""
        entry = self.ledger.open(instance, record)
        judgement = await self.judge_again(instance, record)
        if counts:
            self.evidence.update(judgement.evidence)
            self.situations.reached.update(judgement.situations)
            frames = judgement.evidence.get("FRAME-1", 0)
            self.total.add(Evidence(judgement.deliveries, judgement.silences, frames))
        if entry is not None:
            entry.note(judgement)
        return judgement

    async def judge_again(self, instance: Instance, record: Record) -> "Judgement":
        """Judge a recording to which something was added."""
        return await self.judging.judge(record.events, instance.framing, instance.recorder.started)

    async def examine(
        self, instance: Instance, record: Record, situation: str = "", *, subject: str = "", stops: bool = False
    ) -> bool:
        """Judge a lane's recording; keep what fails until all else is tried; return whether nothing did.

        If all that fails is the lane's own subject, nothing else can explain it: it is reported at once. What ``stops``
        a server, or some of its clients, is what failed first: the rest follows from it.
        """
        findings = (await self.judge(instance, record, counts=True)).findings
        found = {one.requirement: one for one in reversed(findings[:1] if stops else findings)}
        for finding in found.values():
            shown = self.shown(instance, record, finding, situation)
            if found.keys() == {subject}:
                self.report(shown)
            else:
                self._held.append(_Held(shown))
        return not findings

    def hold_uncertain(self, finding: Finding) -> None:
        """Keep what may have come from anything else; report it if nothing else is broken."""
        self._held.append(_Held(finding, doubtful=True))

    def report_held(self) -> None:
        """Report what had to wait: what lanes have seen, and codes, as far as nothing else explains it.

        If the order of frames is broken, or some of several wait, what is missing behind a fence may only be late.
        """
        self._closing = True
        is_certain = any(finding.failures == finding.attempts for finding in self.findings)
        is_disordered = self.is_broken("ORDER-1", "ORDER-2", "FRAME-3")
        wrong = {_place(finding) for finding in self.findings}
        others = [finding for finding in self.findings if finding.requirement not in _TEXTS]
        mistaken = {name(finding) for finding in others for name in (error_in, code_in)} - {None}
        for held in self._held:
            finding = held.finding
            is_code = finding.requirement == _CODES and (_place(finding) in wrong or self.is_broken(*held.behind))
            late = is_disordered and (not finding.frames or finding.requirement.startswith(_ABOUT_ANSWERS))
            if self.is_broken(finding.requirement):
                self.hide(finding.requirement)
            elif is_code or (finding.requirement in _TEXTS and (is_disordered or _error_of(finding) & mistaken)):
                self.unknown.setdefault(finding.requirement, _MISTAKEN)
            elif late or (is_certain and (held.doubtful or finding.failures < finding.attempts)):
                self.unknown.setdefault(finding.requirement, _UNCERTAIN)
            else:
                self.report(finding)
        self._held.clear()
        self._take_back()

    def shown(self, instance: Instance, record: Record, finding: Finding, situation: str) -> Finding:
        """Return a finding with the traffic that shows it, and the server's words around it."""
        self.memory.note_lane(finding.requirement)
        events = record.events
        at = events[finding.event].time if finding.event is not None and finding.event < len(events) else None
        words = ""
        target = self._targets.get(instance)  # its process may have ended meanwhile
        if at is not None and target is not None:
            words = target.last_words(instance.recorder.origin + at)
        return replace(
            finding,
            events=events,
            started=instance.recorder.started,
            situation=situation,
            last_words=words,
            drawn="drawn: " in situation,
        )

    def report(self, finding: Finding, behind: Collection[str] = ()) -> None:
        """Take a finding whose cause is certain, and show it; if enough like it are shown already, count it.

        What is wrong with the words of an error waits until all else is known: it may have come for another reason. It
        is not shown if one of the requirements ``behind`` it is broken.
        """
        if finding.instead and self.is_broken(*finding.instead):
            self.explain(finding, next(one for one in self.findings if one.requirement in finding.instead))
            return
        is_about_words = finding.requirement in _TEXTS and error_in(finding)
        if (finding.instead or is_about_words or may_be_chatter(finding)) and not self._closing:
            self._held.append(_Held(finding, behind))
        elif (root := self._explanation_of(finding)) is not None:
            self.explain(finding, root)
        elif not self.judging.is_chatter(finding):
            self._keep_one_of_each(finding)

    def _explanation_of(self, finding: Finding) -> Finding | None:
        """Return what is known and explains a finding, None if nothing does."""
        about_notices = finding.requirement in _NOTICES and all(map(_is_wordless, finding.frames))
        notice = self._misshapen_notice() if about_notices else None
        if notice is not None:
            return notice  # that it names nobody, or is not to be seen, follows from its shape
        ended = next((one for one in self.findings if one.requirement in _IDLE and one.actual == finding.actual), None)
        if ended is not None and ended.requirement != finding.requirement:
            return ended  # who is ended at any time is ended in the middle of things, too
        return self.root_of(finding)

    def _keep_one_of_each(self, finding: Finding) -> None:
        same = [one for one in self.findings if _alike(one, finding)]
        if len(same) >= SHOWN and all(one.requirement != finding.requirement for one in same):
            if len({one.requirement for one in same}) >= SHOWN:
                self.represent(finding, same[0])
                return
            same = []  # one of each requirement, before there are enough of them
        if self.keep(finding, same):
            self.memory.note_lane(finding.requirement)

    def explain(self, finding: Finding, root: Finding) -> None:
        """Count a finding as one that a known one explains."""
        self.explained.setdefault(finding.requirement, root)
        self.hide(root.requirement, root)

    def root_of(self, finding: Finding) -> Finding | None:
        """Return the known finding that explains another one, None if none does."""
        return next((one for one in self.findings if explains(one, finding)), None)

    def _take_back(self) -> None:
        """Take back what was shown before its root was known."""
        for finding in list(self.findings):
            root = self.root_of(finding)
            if root is not None:
                self.findings.remove(finding)
                self.hide(root.requirement, root)
                self._listener.narrowed(root, finding)
                if not self.is_broken(finding.requirement):
                    self.unknown[finding.requirement] = _UNCERTAIN

    def loses_leaves(self) -> bool:
        """Whether it is known that some leaves are not told, or cannot be read."""
        return self.is_broken("LEAVE-1", "LEAVE-2") or self._misshapen_notice() is not None

    def _misshapen_notice(self) -> Finding | None:
        shaped = (one for one in self.findings if one.requirement == "FRAME-8")
        return next((one for one in shaped if any(_is_wordless(frame) for frame in one.frames)), None)

    def is_settled(self, requirement: str) -> bool:
        """Whether so much of a requirement is shown, or waits to be, that more of it is only counted."""
        waiting = sum(held.finding.requirement == requirement for held in self._held)
        return self.count(requirement) + waiting >= SHOWN

    def close(self) -> None:
        """End all that is left, at once."""
        self.judging.close()
        for instance, target in self._targets.items():
            instance.close()
            if isinstance(target, OwnServer):
                target.kill()
        self._targets.clear()


def _alike(one: Finding, other: Finding) -> bool:
    """Whether two findings may have one cause: a connection that ends after an error may do so after any error."""
    ended = one.actual.endswith(_ENDED) and other.actual == one.actual
    return ended or one.requirement == other.requirement


def _is_wordless(frame: bytes) -> bool:
    """Whether a frame is a system message whose text is missing, or none."""
    read = read_server_frame(frame)
    return read.kind is MessageKind.SYSTEM and not read.text


def _error_of(finding: Finding) -> set[str | None]:
    return {error_in(finding), code_in(finding)}


def _place(finding: Finding) -> str:
    """Return the label of a finding's first act."""
    return finding.situation.split(";")[0]


def _letters(number: int) -> str:
    """Return a number as letters, none of which begins another's."""
    return f"{_LETTERS[number // 26 % 26]}{_LETTERS[number % 26]}"
