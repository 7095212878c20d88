"""Judges what a client sent: a join first, valid frames only, and what it was asked to say, whole, once, in order."""

import json
import math
from collections.abc import Collection, Iterable, Iterator

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import quoted, shown_frame
from chatproof_conformance.judges.client.client_history import ClientHistory, RawLine, decoded
from chatproof_conformance.judges.client.expected_displays import DriverEvent
from chatproof_conformance.judges.client.wording import all_described
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, FrameRefused, members_of, read_frame

_TYPES = {"say": "message", "say_privately": "private_message"}
_ESCAPED, _AROUND = 6, 100
"""Bytes of an escape of 16 bits, and of all that stands around the texts of a frame."""
_REFUSALS = ("failed", "unsupported", "invalid_request")
_TELLS_JOINED = ("joined", "shown")
"""The events by the first of which a client has told that it knows of its join."""


class SentFramesJudge:
    """The frames of one connection's client.

    Attributes:
        asked: how many of them are what the driver was asked for.
    """

    def __init__(
        self,
        history: ClientHistory,
        *,
        joined_before: bool,
        unescaped: Collection[str] = (),
        undelivered: Collection[int] = (),
    ) -> None:
        """Match the frames with the requests.

        Args:
            history: what happened on the connection.
            joined_before: whether the client had joined before it.
            unescaped: the characters beyond ASCII that it has been seen to write as they are.
            undelivered: the places of the driver's events that tell what a server has not delivered, and so refuse
                nothing.
        """
        self._history = history
        self._undelivered = undelivered
        self._unescaped = {*unescaped, *unescaped_in(line.data for line in history.sent)}
        self._joined_before = joined_before
        self._unsent = [(at, request) for at, request in history.requests if request.get("do") in _TYPES]
        self._unexpected: list[RawLine] = []
        self._said: list[DriverEvent] = []
        self._said_at: list[int] = []
        self._asked_to_join = [at for at, request in history.requests if request.get("do") == "join"]
        self._joins = 0
        self._kept: list[RawLine] = []
        for line in history.sent:
            self._take(line)
        self.asked = len(self._said)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong."""
        yield from wire_findings(self._history, joined_before=self._joined_before)
        yield from self._unexpected_frames()
        yield from self._kept_too_long()
        yield from self.unanswered()
        yield from self._refused_without_reason()
        yield from self._refused_needlessly()
        yield from self._out_of_order()

    def _take(self, line: RawLine) -> None:
        message = decoded(line.data)
        self._joins += message.get("type") == "join"
        if message.get("type") not in _TYPES.values():
            return
        asked = [(at, request) for at, request in self._unsent if at < line.at and _is_asked(request, message)]
        if not asked:
            self._unexpected.append(line)
            return
        at, request = asked[0]
        self._unsent.remove((at, request))
        self._said.append(request)
        self._said_at.append(at)
        # If it was asked for again behind that join, this may be the other one.
        if 1 < self._joins <= 1 + len(self._asked_to_join) and asked[-1][0] < self._asked_to_join[self._joins - 2]:
            self._kept.append(line)

    def _unexpected_frames(self) -> Iterator[Finding]:
        for line in self._unexpected[:1]:
            message = decoded(line.data)
            changed = self._asked_as(message)
            if changed is not None:
                content = quoted(str(changed.get("content")))
                if _is_valid(changed):
                    yield _finding("CLIENT-14", f"{content} to be sent as it is", line)
                else:
                    yield _finding("CLIENT-2", f"{content} to be refused", line)
            elif any(_is_asked(request, message) for request in self._said):
                actual = f"once more: {shown_frame(line.data)}"
                yield _finding("CLIENT-14", "each message to be sent once", line, actual)
            else:
                yield _finding("CLIENT-14", "only what was asked for to be sent", line)

    def _kept_too_long(self) -> Iterator[Finding]:
        """Yield what was asked for before a join was refused, and is sent behind the next one."""
        for line in self._kept[:1]:
            yield _finding("CLIENT-14", "nothing to be sent that was asked for before a join was refused", line)

    def _asked_as(self, message: DriverEvent) -> DriverEvent | None:
        """Return what was asked for that was neither sent nor refused, if a message may be what became of it."""
        refused = [event.get("content") for event in self._refusals()]
        lacking = [
            request
            for _, request in self._unsent
            if _TYPES[request["do"]] == message["type"] and request.get("content") not in refused
        ]
        if len(lacking) <= refused.count(None):  # a refusal need not say of what
            return None
        part = str(message.get("content"))
        return next((request for request in lacking if part in str(request.get("content"))), lacking[0])

    def unanswered(self) -> Iterator[Finding]:
        """Yield what was asked for and neither sent nor refused; while the connection stands and is joined.

        It may still come: what a user asks for takes as long as the driver's keys and clicks.
        """
        if not self._can_send():
            return
        waiting = [request for _, request in self._unsent if request.get("content")]
        refusals = self._refusals()
        if len(refusals) < len(waiting):
            content = quoted(str(waiting[0]["content"]))
            if decoded(self._history.rest_sent):
                actual = f"{shown_frame(self._history.rest_sent)} with none"
                yield Finding("CLIENT-2", "an LF after every frame", actual)
            elif _is_valid(waiting[0]):
                yield Finding("CLIENT-14", f"{content} to be sent", all_described(refusals))
            else:
                yield Finding("CLIENT-2", f"{content} to be refused with a word to the user", all_described(refusals))

    def unsent_before(self, place: int) -> list[DriverEvent]:
        """Return what was validly asked for before a place, once the client had joined, and not sent or refused."""
        asked = [one for at, one in self._unsent if self._knows_at() < at < place and _is_valid(one)]
        refusals = self._refusals()
        lacking = [one for one in asked if not any(_names(event, one) for event in refusals)]
        return lacking if len(lacking) > sum("content" not in event for event in refusals) else []

    def unknown_before(self, place: int) -> int:
        """Return of how much that was asked for before a place nothing shows what became of it."""
        return max(0, sum(at < place for at, _ in self._unsent) - len(self._refusals()))

    def dropped_before(self, place: int) -> list[DriverEvent]:
        """Return what was validly asked for before a place and the join's answer, and neither sent nor told as not."""
        if self._joined_before or self._history.joins_taken:
            return []
        asked = [one for at, one in self._unsent if at < place and _is_valid(one)]
        return asked[len(self._refusals()) :]

    def _refused_without_reason(self) -> Iterator[Finding]:
        bare = [event for event in self._refusals() if event["event"] == "failed" and not event.get("reason")]
        if bare and self._can_send() and not any(self.unanswered()):
            expected = "a clear word on why a message was not sent"
            yield self._history.finding("CLIENT-2", expected, "an empty reason", bare)

    def _refused_needlessly(self) -> Iterator[Finding]:
        """Yield a refusal of what is valid and was asked for when the client had joined."""
        if not self._can_send():
            return
        valid = [request for at, request in self._unsent if at > self._knows_at() and self._fits_anyhow(request)]
        for event in self._refusals():
            if event["event"] != "failed":
                continue
            refused = next((one for one in valid if _names(event, one)), None)
            if refused is not None and event.get("sent") is not True:
                expected = f"{quoted(str(refused['content']))} to be sent, since it is valid and fits"
                yield self._history.finding("CLIENT-15", expected, all_described([event]), [event])
                return

    def _fits_anyhow(self, request: DriverEvent) -> bool:
        """Return whether what is asked for can be sent, if all is an escape that was not seen to be none."""
        text = "".join(str(value) for name, value in request.items() if name != "do")
        return _is_valid(request) and sum(map(self._longest, text)) + _AROUND <= CLIENT_FRAME_BYTES

    def _longest(self, character: str) -> int:
        if character in self._unescaped:
            return len(character.encode())
        return len(character.encode("utf-16-le", "surrogatepass")) * _ESCAPED // 2

    def _knows_at(self) -> float:
        """Return the place from which on the client knows that it has joined."""
        notice = -1 if self._joined_before else self._history.joined_at
        if notice is None or notice < 0:
            return math.inf if notice is None else -1
        told = (at for at, event in self._history.driver_events if at > notice and event.get("event") in _TELLS_JOINED)
        return next(told, math.inf)

    def _out_of_order(self) -> Iterator[Finding]:
        if self._said_at != sorted(self._said_at):
            yield Finding("CLIENT-14", "messages to be sent in the order in which they were asked for", "another")

    def _can_send(self) -> bool:
        """Whether the connection stands and is joined, and nothing is sent that was not asked for."""
        history = self._history
        joined = self._joined_before or (history.joins_taken and not history.reported("refused"))
        return bool(joined) and not (history.server_end or history.client_end or self._unexpected)

    def _refusals(self) -> list[DriverEvent]:
        """Return what tells that a request is not done; not that what was sent has failed at the server."""
        reported = self._history.driver_events
        refusals = (one for at, one in reported if one.get("event") in _REFUSALS and at not in self._undelivered)
        return [one for one in refusals if not self._is_of_sent(one)]

    def _is_of_sent(self, event: DriverEvent) -> bool:
        if "content" not in event or any(_names(event, request) for _, request in self._unsent):
            return False
        return any(_names(event, request) for request in self._said)


def wire_findings(history: ClientHistory, *, joined_before: bool = False) -> Iterator[Finding]:
    """Yield what is wrong with the frames that a client sends, whatever it was asked to say."""
    if not joined_before and history.sent:
        yield from _first(history.sent[0])
    for line in history.sent:
        yield from _invalid(line)
    cut_by_leaving = history.left is not None and not decoded(history.rest_sent)  # what is lost then is told by itself
    if history.rest_sent.strip() and history.client_end and not cut_by_leaving:
        actual = f"{shown_frame(history.rest_sent)} and the end of the stream"
        yield Finding("CLIENT-2", "an LF after every frame", actual, frames=(history.rest_sent,))


def unescaped_in(frames: Iterable[bytes]) -> set[str]:
    """Return the characters beyond ASCII that stand in frames as they are."""
    return {character for frame in frames for character in frame.decode("utf-8", "ignore") if not character.isascii()}


def _is_asked(request: DriverEvent, message: DriverEvent) -> bool:
    names = members_of(Direction.CLIENT, _TYPES[request["do"]]).shown
    same = all(message.get(name) == request.get(name) for name in names)
    return same and message.get("type") == _TYPES[request["do"]]


def _is_valid(request: DriverEvent) -> bool:
    """Return whether what is asked for can be sent: the shortest frame of it is a valid one."""
    members = {name: value for name, value in request.items() if name != "do"}
    message = {"type": _TYPES[request["do"]], **members}
    try:
        frame = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        read_frame(frame, Direction.CLIENT)
    except (UnicodeEncodeError, FrameRefused):
        return False
    return len(frame) <= CLIENT_FRAME_BYTES


def _names(event: DriverEvent, request: DriverEvent) -> bool:
    """Return whether a driver's event says that this very request is not done."""
    return event.get("content") == request["content"] and all(
        event.get(name, value) == value for name, value in request.items()
    )


def _first(line: RawLine) -> Iterator[Finding]:
    try:
        if read_frame(line.data, Direction.CLIENT)["type"] == "join":
            return
    except FrameRefused:
        pass
    yield _finding("CLIENT-1", "a valid join as the first frame", line)


def _invalid(line: RawLine) -> Iterator[Finding]:
    frame = line.data
    if len(frame) > CLIENT_FRAME_BYTES:
        actual = f"one of {len(frame)}: {shown_frame(frame)}"
        yield _finding("CLIENT-2", f"a frame of at most {CLIENT_FRAME_BYTES} bytes", line, actual)
        return
    try:
        read_frame(frame, Direction.CLIENT)
    except FrameRefused as refused:
        actual = f"{shown_frame(frame)} ({refused})"
        yield _finding("CLIENT-2", "a message that is valid against its schema", line, actual)


def _finding(requirement: str, expected: str, line: RawLine, actual: str = "") -> Finding:
    """Return a finding at a frame that was sent; if nothing else is said of it, it is ``actual`` itself."""
    actual = actual or shown_frame(line.data)
    return Finding(requirement, expected, actual, event=line.at, frames=(line.data,))
