"""System messages that a server sends of its own accord, which name a user: what looks like one proves nothing.

SPEC.md, section 10: a server may send system messages at any time, about anything that is no secret.
"""

import re
from collections.abc import Iterable

from chatproof_conformance.judges.server.history import RecordedConnection, SentFrame
from chatproof_conformance.judges.server.membership import Members
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame

_NUMBER = re.compile(r"[0-9]+")
_SOMEBODY = "\0"
_ANY_NAME = r"\S{3,64}"


def is_chatter(frame: bytes, wordings: Iterable[str]) -> bool:
    """Return whether a server's frame is a system message that is worded like one of these, whomever it names."""
    read = read_server_frame(frame)
    if read.kind is not MessageKind.SYSTEM:
        return False
    text = _NUMBER.sub("0", read.text)
    return any(re.fullmatch(_ANY_NAME.join(map(re.escape, one.split(_SOMEBODY))), text) for one in wordings)


def find_chatter(
    connections: Iterable[RecordedConnection], members: Members, refused: Iterable[SentFrame]
) -> frozenset[str]:
    """Return the wordings of system messages about a user for whose name nobody has asked in vain.

    Args:
        connections: all of the recording.
        members: who has joined.
        refused: the joins that were refused, or not answered.
    """
    asked: dict[str, int] = {}
    for sent in refused:
        name = sent.reading.messages[0].name
        asked[name] = min(sent.at, asked.get(name, sent.at))
    found = set()
    for connection in connections:
        told: set[str] = set()
        for received in connection.received:
            frame = received.frame
            if frame.kind is MessageKind.JOINED:
                told.add(frame.name)
            elif frame.kind is MessageKind.SYSTEM and received is not connection.notice:
                names = members.names_in(frame.text)
                is_known = len(names) == 1 and (names[0] in told or _was_there(names[0], connection, members))
                is_known = is_known and _is_there(names[0], received.at, members)  # else it tells of the leave
                if is_known and asked.get(names[0], received.at) >= received.at:
                    found.add(_NUMBER.sub("0", frame.text.replace(names[0], _SOMEBODY)))
    return frozenset(found)


def _was_there(name: str, connection: RecordedConnection, members: Members) -> bool:
    """Whether somebody had joined under a name when a connection did: else, what names it may be a notice of that."""
    notices = (member.connection.notice for member in members.by_name[name])
    own = connection.notice
    return own is not None and any(notice is not None and notice.at <= own.at for notice in notices)


def _is_there(name: str, at: int, members: Members) -> bool:
    """Whether somebody of a name has not ended its connection by an event, nor has the server."""
    return any(min(one.connection.ended, one.connection.server_ended) > at for one in members.by_name[name])
