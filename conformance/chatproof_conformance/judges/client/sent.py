"""Judges what a client sent: a join first, valid frames only, and what it was asked to say, whole and once."""

from collections.abc import Iterator

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import quoted, shown_frame
from chatproof_conformance.judges.client.client_history import ClientHistory, RawLine, decoded
from chatproof_conformance.judges.client.expected_displays import DriverEvent
from chatproof_conformance.judges.client.wording import all_described
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, FrameRefused, members_of, read_frame

_TYPES = {"say": "message", "say_privately": "private_message"}


class SentFramesJudge:
    """The frames of one connection's client.

    Attributes:
        asked: how many of them are what the driver was asked for.
    """

    def __init__(self, history: ClientHistory, *, joined_before: bool) -> None:
        """Match the frames with the requests."""
        self._history = history
        self._joined_before = joined_before
        self._unsent = [(at, request) for at, request in history.requests if request.get("do") in _TYPES]
        self._unexpected: list[RawLine] = []
        self._said: list[DriverEvent] = []
        for line in history.sent:
            self._take(line)
        self.asked = len(self._said)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong."""
        yield from wire_findings(self._history, joined_before=self._joined_before)
        yield from self._unexpected_frames()
        yield from self.unanswered()
        yield from self._refused_without_reason()

    def _take(self, line: RawLine) -> None:
        message = decoded(line.data)
        if message.get("type") not in _TYPES.values():
            return
        for at, request in self._unsent:
            if at < line.at and _is_asked(request, message):
                self._unsent.remove((at, request))
                self._said.append(request)
                return
        self._unexpected.append(line)

    def _unexpected_frames(self) -> Iterator[Finding]:
        for line in self._unexpected[:1]:
            message = decoded(line.data)
            changed = self._asked_as(message)
            if changed is not None:
                expected = f"{quoted(str(changed.get('content')))} as it is, or refused, to be sent"
                yield _finding("CLIENT-2", expected, line)
            elif any(_is_asked(request, message) for request in self._said):
                yield _finding("CLIENT-8", "each message to be sent once", line, f"once more: {shown_frame(line.data)}")
            else:
                yield _finding("CLIENT-2", "only what was asked for to be sent", line)

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
            expected = f"{content} to be sent, or refused with a word to the user"
            yield Finding("CLIENT-2", expected, all_described(refusals))

    def _refused_without_reason(self) -> Iterator[Finding]:
        bare = [event for event in self._refusals() if event["event"] == "failed" and not event.get("reason")]
        if bare and self._can_send() and not any(self.unanswered()):
            expected = "a clear word on why a message was not sent"
            yield self._history.finding("CLIENT-2", expected, "an empty reason", bare)

    def _can_send(self) -> bool:
        """Whether the connection stands and is joined, and nothing is sent that was not asked for."""
        history = self._history
        joined = self._joined_before or (history.joins_taken and not history.reported("refused"))
        return bool(joined) and not (history.server_end or history.client_end or self._unexpected)

    def _refusals(self) -> list[DriverEvent]:
        return self._history.reported("failed", "unsupported", "invalid_request")


def wire_findings(history: ClientHistory, *, joined_before: bool = False) -> Iterator[Finding]:
    """Yield what is wrong with the frames that a client sends, whatever it was asked to say."""
    if not joined_before and history.sent:
        yield from _first(history.sent[0])
    for line in history.sent:
        yield from _invalid(line)
    if history.rest_sent.strip() and history.client_end:
        actual = f"{shown_frame(history.rest_sent)} and the end of the stream"
        yield Finding("CLIENT-2", "an LF after every frame", actual, frames=(history.rest_sent,))


def _is_asked(request: DriverEvent, message: DriverEvent) -> bool:
    names = members_of(Direction.CLIENT, _TYPES[request["do"]]).shown
    same = all(message.get(name) == request.get(name) for name in names)
    return same and message.get("type") == _TYPES[request["do"]]


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
