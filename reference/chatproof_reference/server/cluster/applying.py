"""Does at this node what the log says: in one way, whether this node has appended it or another."""

import hashlib

from chatproof_reference.server import replies
from chatproof_reference.server.batch import Batch
from chatproof_reference.server.chat import Chat
from chatproof_reference.server.cluster.directory import Directory
from chatproof_reference.server.cluster.engine import Fenced
from chatproof_reference.server.cluster.entry import JOIN, PRIVATE, PUBLIC
from chatproof_reference.server.cluster.seats import Seat
from chatproof_reference.server.cluster.session import Session
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.requests import SayPrivately

_SEGMENTS_FROM = 10


class Applier:
    """Routes entries, one after the other; the fan-out's lock is held for each as a whole."""

    def __init__(self, chat: Chat, fan_out: FanOut, directory: Directory) -> None:
        self._chat = chat
        self._fan_out = fan_out
        self._directory = directory

    def apply(self, session: Session, position: bytes, fields: list[bytes]) -> None:
        """Route one entry, then take note that the session has applied it; nothing if it has ended.

        Raises:
            Fenced: if the entry does not follow what was applied before, or says that this node is dead.
        """
        is_burial = fields[2] == b"g"
        origin, number, decisions = (b"g", fields[3], b"") if is_burial else (fields[3], fields[5], fields[9])
        said = b" ".join((origin, number) if is_burial else (origin, number, decisions))
        chain = hashlib.sha1(session.position[1] + said, usedforsecurity=False).hexdigest().encode()
        if chain != fields[1]:
            raise Fenced("the log has lost, or never showed, something that lay between")
        is_own = origin == session.node
        if is_own and not session.is_next(int(number)):
            raise Fenced("the log has what this node never said")
        with self._fan_out as batch:
            if session.ended.is_set():  # looked at under this lock: whoever ends the connections takes it after that
                return
            if is_burial:
                self._bury(session, batch, number)
            else:
                self._route(session if is_own else None, batch, fields, origin)
        session.position = (position, chain)
        session.bytes_applied += sum(map(len, fields[_SEGMENTS_FROM + 1 :: 2]))
        if is_own:  # only now: what is answered directly from here on comes after it
            session.mark_applied(int(number))

    def _bury(self, session: Session, batch: Batch, victim: bytes) -> None:
        if victim == session.node:
            raise Fenced("it was silent for so long that the others have buried it")
        for name in self._directory.bury(victim):
            self._chat.tell_leave(batch, name)

    def _route(self, own: Session | None, batch: Batch, fields: list[bytes], origin: bytes) -> None:
        for tag, block in zip(fields[_SEGMENTS_FROM::2], fields[_SEGMENTS_FROM + 1 :: 2], strict=True):
            if tag == PUBLIC:
                batch.block_to_all(block.replace(b"\n", replies.public_tail()), block.count(b"\n"))
            elif tag == PRIVATE:
                for line in block.split(b"\n")[:-1]:
                    self._route_private(own, batch, line)
            else:
                batch.to_all(block)
        for control, decision in zip(fields[7].split(b"\n"), fields[9], strict=False):  # the last is empty
            number, name = control[1:].split(b"\t")
            seat = own.seats.at(int(number)) if own else None
            is_granted = decision == ord("1")
            if control[:1] == JOIN:
                self._join(own, batch, seat, name.decode(), origin + b":" + number if is_granted else b"")
            else:
                self._leave(own, batch, seat, name.decode(), is_granted=is_granted)

    def _route_private(self, own: Session | None, batch: Batch, line: bytes) -> None:
        number, sender, target, content = line.split(b"\t")
        request = SayPrivately(target.decode(), content)
        if recipient := self._chat.members.get(request.target):
            batch.to_one(recipient, replies.private(sender.decode(), content))
        if own and (seat := own.seats.at(int(number))):
            self._chat.confirm(batch, seat.connection, request, delivered=request.target in self._directory.names)

    def _join(self, own: Session | None, batch: Batch, seat: Seat | None, name: str, holder: bytes) -> None:
        if holder:
            self._directory.names[name] = holder
        if seat and own:
            if holder:
                self._chat.admit(batch, seat.connection, name)
            else:
                self._chat.refuse_name(batch, seat.connection)
            own.seats.joining -= 1
            seat.is_joining = False  # only now: until it has a name, its end must go by the log
        elif holder:
            self._chat.tell_join(batch, name)

    def _leave(self, own: Session | None, batch: Batch, seat: Seat | None, name: str, *, is_granted: bool) -> None:
        if is_granted:
            del self._directory.names[name]
        if own and seat and seat.ending:
            self._chat.end(batch, seat.connection, *seat.ending)
            own.seats.leave(seat)
        elif is_granted:
            self._chat.tell_leave(batch, name)
