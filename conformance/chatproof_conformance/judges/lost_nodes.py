"""What connections got while something happened to a node of their server, or to what orders their chat.

Those that go on have missed nothing (CLUSTER-2, -3, -5).

What is compared are the public messages of the people of one recording, who have all joined before, and the notices of
their leaves. Each message has a content of its own, so it is known who said it, when, and who has got it how often.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import quoted
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame

_SCHEDULING = 1.0
"""Seconds that a busy machine may add to the bound before it is the server's fault."""
Key = tuple[MessageKind, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame that somebody got.

    Attributes:
        time: when, in seconds since the recording began.
        event: the index of the event that completed it.
        frame: what it says.
    """

    time: float
    event: int
    frame: ServerFrame

    @property
    def key(self) -> Key:
        """What it is, the same at everyone: a message by its content, a notice by its name."""
        return self.frame.kind, self.frame.name if self.frame.kind is MessageKind.LEFT else self.frame.text


@dataclass(slots=True)
class Witness:
    """Somebody who was there when the node was lost, and what it got.

    Attributes:
        label: how the recording names its connection.
        name: its name.
        lost: whether its node was lost.
        went_on: whether its connection is open in the end.
        said: the contents of its public messages, in order, each with the time.
        seen: what it got of the people of this recording, in order.
    """

    label: str
    name: str
    lost: bool
    went_on: bool
    said: Mapping[str, float]
    seen: Sequence[Seen]
    places: dict[Key, int] = field(init=False)

    def __post_init__(self) -> None:
        """Know where each thing stands first."""
        self.places = {}
        for place, one in enumerate(self.seen):
            self.places.setdefault(one.key, place)

    def has(self, content: str) -> bool:
        """Whether it got a message."""
        return (MessageKind.PUBLIC, content) in self.places

    def leaves_of(self, name: str) -> list[Seen]:
        """Return the notices that somebody has left."""
        return [one for one in self.seen if one.key == (MessageKind.LEFT, name)]


@dataclass(frozen=True, slots=True)
class Loss:
    """What became of a node, or of what orders the chat, and who saw it.

    Attributes:
        witnesses: all who had joined before.
        at: when that was.
        is_certain: whether it was lost for longer than the bound, so that its users must leave.
        until: messages that were sent before this time have arrived wherever they do.
        bound: seconds in which the users of a lost node leave (SPEC.md, section 19).
    """

    witnesses: Sequence[Witness]
    at: float
    is_certain: bool
    until: float
    bound: float

    @property
    def stayers(self) -> list[Witness]:
        """Those at other nodes whose connections went on."""
        return [one for one in self.witnesses if not one.lost and one.went_on]

    @property
    def guide(self) -> Witness:
        """Who shows the order of all: one whose connection went on; if there is none, who got most."""
        return next(iter(self.stayers), None) or max(self.witnesses, key=lambda one: len(one.seen))


def judge_loss(loss: Loss) -> Iterator[Finding]:
    """Yield what is wrong, the plainest first; of each kind once for each connection."""
    for one in loss.witnesses:
        if not one.lost and not one.went_on:
            expected = "that the connection goes on: its node was not lost, nor cut off for long"
            yield Finding("LEAVE-7", expected, "the end of the connection", connection=one.label)
    yield from _leaves(loss)
    yield from _missed(loss)
    yield from _twice(loss)
    yield from _disordered(loss)
    yield from _not_as_said(loss)
    yield from _after_leave(loss)
    yield from _lost_ones(loss)


def _leaves(loss: Loss) -> Iterator[Finding]:
    """Each leave once, in time, everywhere; none of who is there."""
    lost = [one.name for one in loss.witnesses if one.lost]
    for one in loss.stayers:
        for other in loss.stayers:
            if told := one.leaves_of(other.name):
                yield _at(one, "CLUSTER-2", f"no leave of {quoted(other.name)}, who is there", "its leave", told[0])
        for name in lost:
            told = one.leaves_of(name)
            expected = f"one notice that {quoted(name)} has left, whose node was lost"
            everywhere = loss.is_certain or any(other.leaves_of(name) for other in loss.stayers)
            if not told and everywhere:
                yield Finding("CLUSTER-2", expected, "none" if loss.is_certain else _ELSEWHERE, connection=one.label)
            elif len(told) > 1:
                yield _at(one, "CLUSTER-2", expected, "two", told[1])
            elif told and loss.is_certain and (after := told[0].time - loss.at) > loss.bound + _SCHEDULING:
                yield _at(
                    one, "CLUSTER-2", f"{expected}, within {loss.bound:g} s", f"it came after {after:.1f} s", told[0]
                )


_ELSEWHERE = "none, although others were told"


def _missed(loss: Loss) -> Iterator[Finding]:
    """What somebody who stayed has said, everyone who stayed has got; of the others, everyone the same."""
    for speaker in loss.witnesses:
        got = [content for content in speaker.said if any(_has_in_time(one, content, speaker) for one in loss.stayers)]
        sent = [content for content, time in speaker.said.items() if time < loss.until]
        owed = sent if speaker in loss.stayers else _up_to_last(speaker, got)
        for one in loss.stayers:
            missing = [content for content in owed if not one.has(content)]
            if missing:
                expected = f"all messages of {quoted(speaker.name)} that reach anyone: {quoted(missing[0])}"
                actual = f"{len(missing)} of {len(owed)} are missing, and the connection goes on"
                yield Finding("CLUSTER-3", expected, actual, connection=one.label)


def _has_in_time(one: Witness, content: str, speaker: Witness) -> bool:
    """Whether somebody got a message before the leave of who said it: none may come after that."""
    left = one.places.get((MessageKind.LEFT, speaker.name), len(one.seen))
    return one.places.get((MessageKind.PUBLIC, content), len(one.seen)) < left


def _up_to_last(speaker: Witness, got: Sequence[str]) -> list[str]:
    """Return what somebody had said when it said the last thing that has arrived anywhere."""
    said = list(speaker.said)
    return said[: max(map(said.index, got), default=-1) + 1]


def _twice(loss: Loss) -> Iterator[Finding]:
    for one in loss.witnesses:
        counts = Counter(seen.key for seen in one.seen if seen.frame.kind is MessageKind.PUBLIC)
        doubled = next((key for key, count in counts.items() if count > 1), None)
        if doubled is not None:
            again = [seen for seen in one.seen if seen.key == doubled][1]
            yield _at(one, "CLUSTER-3", f"the message {quoted(doubled[1])} once", "it came twice", again)


def _disordered(loss: Loss) -> Iterator[Finding]:
    """Yield what somebody got in another order than the first who stayed."""
    first = loss.guide
    for other in loss.witnesses:
        common = [key for key in other.places if key in first.places]
        for one, following in pairwise(common):
            if first.places[one] > first.places[following]:
                expected = f"the same order as at {first.label}: {_named(following)}, then {_named(one)}"
                actual = f"{_named(one)}, then {_named(following)}"
                yield _at(other, "CLUSTER-3", expected, actual, other.seen[other.places[following]])
                break


def _not_as_said(loss: Loss) -> Iterator[Finding]:
    """Yield what somebody got in another order than it was said in."""
    for one in loss.witnesses:
        for speaker in loss.witnesses:
            got = [content for content in speaker.said if one.has(content)]
            places = [one.places[MessageKind.PUBLIC, content] for content in got]
            for number, (before, after) in enumerate(pairwise(places)):
                if before > after:
                    early, late = map(quoted, got[number : number + 2])
                    expected = f"the messages {early} and {late} in the order in which {quoted(speaker.name)} sent them"
                    yield _at(one, "CLUSTER-3", expected, f"{late}, then {early}", one.seen[before])
                    break


def _after_leave(loss: Loss) -> Iterator[Finding]:
    """What the user of a lost node has said takes no effect after its leave."""
    for speaker in (one for one in loss.witnesses if one.lost):
        for one in loss.stayers:
            left = one.places.get((MessageKind.LEFT, speaker.name))
            late = (
                [seen for seen in one.seen[left + 1 :] if seen.frame.text in speaker.said] if left is not None else []
            )
            if late:
                expected = f"nothing of {quoted(speaker.name)} after its leave: its node was lost"
                yield _at(one, "CLUSTER-5", expected, f"its message {quoted(late[0].frame.text)}", late[0])


def _lost_ones(loss: Loss) -> Iterator[Finding]:
    """What the connections of the lost node got is a piece of what the others got, and ends with the leaves."""
    guide = loss.guide
    for one in (one for one in loss.witnesses if one.lost):
        left = guide.leaves_of(one.name) if guide in loss.stayers else []
        if left:
            yield from _goes_on(one, left[0], loss)
        places = [guide.places[seen.key] for seen in one.seen if seen.key in guide.places]
        had = {seen.key for seen in one.seen}
        for before, after in pairwise(sorted(places)):
            holes = [seen for seen in guide.seen[before + 1 : after] if seen.key not in had]
            if holes:
                expected = f"no hole: {_named(holes[0].key)}, as it came to {guide.label} before others that came here"
                actual = f"{len(holes)} messages and notices are missing in between"
                yield Finding("CLUSTER-3", expected, actual, connection=one.label)
                break
        if one.went_on and not left:
            owed = [content for other in loss.stayers for content, time in other.said.items() if time < loss.until]
            missing = [content for content in owed if not one.has(content)]
            if missing:
                expected = f"all messages, such as {quoted(missing[0])}, or the end of the connection"
                actual = f"{len(missing)} of {len(owed)} are missing, and the connection goes on"
                yield Finding("CLUSTER-3", expected, actual, connection=one.label)


def _goes_on(one: Witness, left: Seen, loss: Loss) -> Iterator[Finding]:
    """The user has left: its connection gets nothing that was said after that, and ends."""
    late = {content for other in loss.stayers for content, time in other.said.items() if time > left.time}
    heard = [seen for seen in one.seen if seen.frame.text in late]
    if heard:
        expected = f"nothing that was said after the others were told that {quoted(one.name)} has left"
        yield _at(one, "CLUSTER-5", expected, f"the message {quoted(heard[0].frame.text)}", heard[0])
    if one.went_on:
        expected = "the end of the connection: the others were told that its user has left"
        yield Finding("CLUSTER-3", expected, "it stays open", connection=one.label)


def _at(one: Witness, requirement: str, expected: str, actual: str, seen: Seen) -> Finding:
    return Finding(requirement, expected, actual, connection=one.label, event=seen.event, frames=(seen.frame.data,))


def _named(key: Key) -> str:
    kind, text = key
    return f"the {'leave of' if kind is MessageKind.LEFT else 'message'} {quoted(text)}"
