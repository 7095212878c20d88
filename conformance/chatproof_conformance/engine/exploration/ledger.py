"""Leaves that are still to be told: SPEC.md gives a server 10 seconds for them, which no wave waits for (section 7)."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from chatproof_conformance.core.findings import Cause
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record
from chatproof_conformance.judges.server import Judgement
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame
from chatproof_schemas import LEAVE_SECONDS
from chatproof_schemas.transcript import Event, Kind

_MOST_ENTRIES = 400
_GRACE_SECONDS, _POLL_SECONDS = 0.5, 0.25
_SEVERAL = 3


@dataclass(slots=True, eq=False)
class Entry:
    """A wave whose leaves were not all told when it ended.

    Attributes:
        instance: where it ran.
        record: its recording; what comes late is added to it.
        names: of its users.
        due: the moment, in seconds of the recording, at which all must have been told.
        pending: what is not told yet: the label of an observer, and the name of who left.
        late: what was told since it ended.
        known: what was wrong when it was judged first, by requirement and cause.
        changed: whether something came since, or may yet be missing.
    """

    instance: Instance
    record: Record
    names: frozenset[str]
    due: float
    pending: set[tuple[str, str]] = field(default_factory=set)
    late: set[tuple[str, str]] = field(default_factory=set)
    known: frozenset[tuple[str, Cause | None]] = frozenset()
    changed: bool = False

    def note(self, judgement: Judgement) -> None:
        """Know what was not told when it ended, and what was wrong."""
        lacking = {(leave.observer, leave.name) for leave in judgement.pending if leave.name in self.names}
        self.pending = lacking - self.late
        self.known = frozenset((finding.requirement, finding.cause) for finding in judgement.findings)
        self.changed |= bool(lacking)


@dataclass(slots=True)
class Ledger:
    """The leaves of one check.

    Attributes:
        entries: the waves that wait for leaves, or whose leaves may yet be told twice.
    """

    entries: list[Entry] = field(default_factory=list)
    _by_name: defaultdict[tuple[Instance, str], list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def watch(self, instance: Instance) -> None:
        """Take the late notices of an instance."""
        instance.late_notice = partial(self._take, instance)

    def open(self, instance: Instance, record: Record) -> Entry | None:
        """Keep a wave, so that what comes late about its users belongs to it; None if there are none, or too many."""
        names = frozenset(cast.connection.name for cast in record.casts.values() if cast.connection.name)
        if not names or len(self.entries) >= _MOST_ENTRIES:
            return None
        entry = Entry(instance, record, names, instance.recorder.now + LEAVE_SECONDS)
        self.entries.append(entry)
        for name in names:
            self._by_name[instance, name].append(entry)
        return entry

    def _take(self, instance: Instance, label: str, frame: ServerFrame) -> None:
        name = self._who(frame)
        lives = self._by_name.get((instance, name))  # names that mean something are the same on all
        if not lives:
            return
        entry = next((one for one in lives if (label, name) in one.pending), lives[-1])
        recorder = entry.instance.recorder
        # What comes before the next wave begins is in the recording already.
        if entry.record.events is not recorder.events:
            entry.record.events.append(Event(recorder.now, label, Kind.SERVER_DATA, frame.data + b"\n"))
        entry.pending.discard((label, name))
        entry.late.add((label, name))
        entry.changed = True

    def _who(self, frame: ServerFrame) -> str:
        """Return whom a notice names: the longest name that it holds, if its wording is not that of SPEC.md."""
        if frame.kind is MessageKind.LEFT:
            return frame.name
        return max((name for _, name in self._by_name if name in frame.text), key=len, default="")

    def waits(self) -> list[Entry]:
        """Return the waves that still wait for a leave."""
        return [entry for entry in self.entries if entry.pending]

    async def settle(self) -> None:
        """Wait until all leaves are told, 10 seconds after the last end at most."""
        while True:
            if not any(entry.instance.recorder.now < entry.due and _is_awaited(entry) for entry in self.waits()):
                return
            await asyncio.sleep(0.05)

    async def overdue(self) -> Entry:
        """Return the first wave none of whose leaves was told although all are due, as soon as there is one."""
        while True:
            for entry in self.waits():
                if (
                    entry.instance.recorder.now > entry.due + _GRACE_SECONDS
                    and _is_awaited(entry)
                    and _lacks_all(entry)
                ):
                    return entry
            await asyncio.sleep(_POLL_SECONDS)

    def note_waited(self, entry: Entry) -> None:
        """Add to a recording how long was waited."""
        entry.record.events.append(Event(entry.instance.recorder.now, "", Kind.NOTE, b"waited for leave notices"))

    def changed(self) -> Iterator[Entry]:
        """Yield the waves to judge again, each with a note of how long was waited."""
        for entry in self.entries:
            if entry.changed and _listens(entry):
                self.note_waited(entry)
                yield entry


def _is_awaited(entry: Entry) -> bool:
    there = {one.label for one in entry.instance.audience.observers if one.open}
    return any(label in there for label, _ in entry.pending)


def _lacks_all(entry: Entry) -> bool:
    """Whether several have left, and nobody was told of any of them: that has no other reason."""
    left = {cast.connection.name for cast in entry.record.casts.values() if cast.connection.joined}
    return entry.record.fenced and len(left) >= _SEVERAL and left <= {name for _, name in entry.pending}


def _listens(entry: Entry) -> bool:
    return any(one.open for one in entry.instance.audience.observers)
