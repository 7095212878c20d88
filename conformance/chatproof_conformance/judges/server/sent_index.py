"""What clients sent, by what it says: an arrival that nothing explains finds at once what may have caused it."""

import re
from bisect import bisect_left
from collections import defaultdict

from chatproof_conformance.core.findings import Cause
from chatproof_conformance.judges.server.client_frames import Verb, texts_in
from chatproof_conformance.judges.server.history import ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.membership import folded
from chatproof_conformance.judges.server.server_frames import MessageKind

_WORD = re.compile(r"[a-z0-9]{8,}", re.IGNORECASE)
_Frames = defaultdict[object, list[SentFrame]]


class SentIndex:
    """The frames of all connections, each list in the order of sending."""

    def __init__(self, connections: list[RecordedConnection]) -> None:
        self._joins: _Frames = defaultdict(list)
        self._bad_joins: _Frames = defaultdict(list)
        self._said: _Frames = defaultdict(list)
        self._said_by: _Frames = defaultdict(list)
        self._bad_by: _Frames = defaultdict(list)
        self._errors: _Frames = defaultdict(list)
        self._breaking: _Frames = defaultdict(list)
        every = (sent for connection in connections for sent in connection.sent)
        for sent in sorted(every, key=lambda sent: sent.at):
            self._add(sent)

    def _add(self, sent: SentFrame) -> None:
        if sent.is_refused and sent.answer is not None:
            self._errors[sent.answer.frame.text].append(sent)
            self._errors[None].append(sent)
        for asked in sent.reading.messages:
            if asked.verb is Verb.JOIN:
                self._joins[asked.name].append(sent)
                continue
            self._said[asked.content].append(sent)
            for name in sent.connection.names:
                self._said_by[name, asked.content].append(sent)
        if not sent.reading.messages and not sent.optional:
            self._add_bad(sent)

    def _add_bad(self, sent: SentFrame) -> None:
        self._breaking[sent.reading.requirement].append(sent)
        made_of_it = () if sent.answer is None else (sent.answer.frame.text,)
        for text in dict.fromkeys((*texts_in(sent.frame), *made_of_it)):
            if sent.reading.type == "join":
                self._bad_joins[folded(text)].append(sent)
            for name in sent.connection.names or [""]:
                self._bad_by[name, text].append(sent)

    def joins(self, name: str, before: int) -> list[SentFrame]:
        """Return the valid joins under a name that were sent before an event."""
        return _before(self._joins.get(name), before)

    def bad_joins(self, name: str, before: int) -> list[SentFrame]:
        """Return the joins that must be refused and of which a lenient server might make that name."""
        return _before(self._bad_joins.get(folded(name)), before)

    def said(self, content: str, before: int) -> list[SentFrame]:
        """Return the valid messages with a content, whoever sent them."""
        return _before(self._said.get(content), before)

    def said_by(self, name: str, content: str, before: int) -> list[SentFrame]:
        """Return the valid messages with a content that the holders of a name sent, joined or not."""
        return _before(self._said_by.get((name, content)), before)

    def bad_by(self, name: str, text: str, before: int) -> list[SentFrame]:
        """Return the frames of the holders of a name that must be refused and hold a text."""
        return _before(self._bad_by.get((name, text)), before)

    def refused_with(self, text: str | None, before: int) -> list[SentFrame]:
        """Return the frames that were answered by an error with that text, or with any."""
        return _before(self._errors.get(text), before)

    def breaking(self, requirement: str, before: int) -> list[SentFrame]:
        """Return the frames that must be refused by a requirement."""
        return _before(self._breaking.get(requirement), before)

    def source(self, received: ReceivedFrame) -> SentFrame | Cause | None:
        """Return the latest frame that asked for what arrived, or the end that a notice is about, if there is one."""
        name, text, at = received.frame.name, received.frame.text, received.at
        found = self.said_by(name, text, at) or self.bad_by(name, text, at) or self.joins(name, at)
        if found and received.frame.kind is MessageKind.LEFT:
            return found[-1].connection.end_as_cause
        return found[-1] if found else None


def _before(frames: list[SentFrame] | None, event: int) -> list[SentFrame]:
    return frames[: bisect_left(frames, event, key=lambda sent: sent.at)] if frames else []


def is_unmistakable(text: str) -> bool:
    """Whether a text is certainly nobody else's: it holds a token, eight letters and digits in a row."""
    return bool(tokens_in(text))


def tokens_in(text: str) -> set[str]:
    """Return the words of a text that are certainly nobody else's: eight letters and digits in a row, or more."""
    return {word for word in _WORD.findall(text) if not word.isalpha() and not word.isdigit()}
