"""One connection of a wave: raw bytes both ways, every one recorded, and what the waits ask about them."""

import asyncio
import errno
import re
import socket
import time
from collections import Counter
from typing import TYPE_CHECKING

from chatproof_common.system.errors import is_lack_of_ports, is_of_peer
from chatproof_common.system.other_end import goes_on
from chatproof_common.system.sockets import reset_on_close, take_little, unless_gone
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.endpoints.waves.listening import Listening
from chatproof_conformance.endpoints.waves.recorder import Recorder
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame, read_server_frame
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_schemas import SERVER_FRAME_BYTES, UNENDED_FRAME_BYTES
from chatproof_schemas.transcript import Framing, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_CHUNK = 262_144
_MOST_BYTES = 64 * 1024 * 1024
_MOST_FOREIGN_BYTES = 1024 * 1024
"""Between two frames that are of ours: who sends more of its own accord sends for ever."""
_MOST_SURPLUS_ANSWERS = 1000
_NO_PORT_SECONDS, _NO_PORT_PAUSE = 130.0, 0.5
"""How long a machine without a free port is waited for: systems keep used ones for up to two minutes."""
_OWN = (MessageKind.ERROR, MessageKind.CONFIRMATION)
_OF_OTHERS = (MessageKind.PUBLIC, MessageKind.JOINED, MessageKind.LEFT)
_MARKER = re.compile(r"m[0-9]+\Z")
_WORD = re.compile(r"\w+")


class WaveConnection:
    """A connection, seen from the client.

    Attributes:
        label: how the recording names it.
        address: where the server accepts it.
        name: the name that it joins under; None if it joins under none.
        token: how the contents of markers begin.
        answers: how many frames have come that its own frames caused.
        joined: whether its own join notice has come, or a message of its own.
        markers: the contents of the markers that have come.
        counted: of each of these, how many public messages of its sender had come then, itself included.
        left: the names that leave notices in the wording of SPEC.md have told.
        opened: whether the server accepted it.
        ended_by_us: whether our side has ended its sending direction.
        on_notice: called with the connection and the frame at each leave notice, and at each system message of another
            wording that names one of us; None: nobody wants to know.
        told: how often each word stood in a leave notice, or in a system message of another wording.
        announced: how often each announcement has come.
        frames: how many frames have come.
        bytes: how many bytes have come.
        ended: how the server ended it: None, ``SERVER_CLOSE`` or ``SERVER_RESET``.
        closed: whether our side has closed it.
        broken: the first line that has come and cannot be read; None if all can.
        endless: whether it was given up, because the server sends more than is worth reading.
    """

    def __init__(  # noqa: PLR0913, PLR0917  what an instance gives each of its connections
        self,
        label: str,
        address: Address,
        name: str | None,
        token: str,
        recorder: Recorder,
        listening: Listening,
        framing: Framing = "lf",
    ) -> None:
        """Connect to nothing yet."""
        self.label = label
        self.address = address
        self.name = name
        self.token = token
        self.answers = 0
        self.frames = 0
        self.joined = False
        self.markers: set[str] = set()
        self.counted: dict[str, int] = {}
        self._publics: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        self.announced: Counter[str] = Counter()
        self.ended: Kind | None = None
        self.closed = False
        self.broken: bytes | None = None
        self.endless = False
        self.opened = False
        self.ended_by_us = False
        self.on_notice: Callable[[WaveConnection, ServerFrame], None] | None = None
        self.bytes = 0
        self._foreign_bytes = 0
        self._noticed = False
        self._sent_lines = 0
        self._recorder = recorder
        self._listening = listening
        self._splitter = frame_splitter(framing)
        self._reads = False
        self._socket: socket.socket | None = None

    @property
    def open(self) -> bool:
        """Whether neither side has ended it."""
        return self.opened and not self.closed and self.ended is None

    @property
    def is_over(self) -> bool:
        """Whether a side has ended it."""
        return self.closed or self.ended is not None

    @property
    def awaits_notice(self) -> bool:
        """Whether notices have come, but none that names it."""
        return self._noticed and not self.joined

    @property
    def reads(self) -> bool:
        """Whether it reads what it gets, while there may be more."""
        return self._reads

    @property
    def rest(self) -> bytes:
        """What has arrived of a frame that is not complete."""
        return self._splitter.rest

    async def connect(self, *, receive_buffer: int | None = None) -> bool:
        """Connect; return whether the server accepted."""
        until = time.monotonic() + _NO_PORT_SECONDS
        while True:
            one = self._new_socket(receive_buffer)
            try:
                accepted = await _within(5, asyncio.get_running_loop().sock_connect(one, self.address))
            except OSError as error:
                accepted = False
                if is_lack_of_ports(error) and time.monotonic() < until:
                    one.close()
                    await asyncio.sleep(_NO_PORT_PAUSE)
                    continue
                if not is_of_peer(error):
                    raise  # that is ours, not the server's
            break
        if not accepted:
            one.close()
            self.closed = True
            return False
        self._socket = one
        self.opened = True
        self._recorder.append(self.label, Kind.OPEN)
        self.read_on()
        return True

    def _new_socket(self, receive_buffer: int | None) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        one = socket.socket(family, socket.SOCK_STREAM)
        one.setblocking(False)  # noqa: FBT003  the standard library's signature
        if receive_buffer is not None:
            take_little(one, receive_buffer)
        # Without this, small frames wait for the acknowledgement of earlier ones.
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return one

    async def send(self, data: bytes, seconds: float = 5.0) -> bool:
        """Write all of it as one segment; return False if the server reset the connection, or took nothing so long."""
        if self._socket is None or self.closed:
            return False
        self._recorder.append(self.label, Kind.CLIENT_DATA, data)
        self._sent_lines += data.count(b"\n") or 1
        try:
            return await _within(seconds, asyncio.get_running_loop().sock_sendall(self._socket, data))
        except OSError as error:
            if not (self.closed or is_of_peer(error)):
                raise
            return False

    def stop_reading(self) -> None:
        """Read nothing more, until :meth:`read_on`."""
        if self._reads and self._socket is not None:
            self._reads = False
            asyncio.get_running_loop().remove_reader(self._socket)

    def read_on(self, *, receive_buffer: int | None = None) -> None:
        """Read what comes, until it ends; from now on with a larger buffer, if one is given."""
        if self.open and not self._reads and self._socket is not None:
            self._reads = True
            if receive_buffer is not None:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            asyncio.get_running_loop().add_reader(self._socket, self._read)

    def goes_on_at_server(self) -> bool | None:
        """Return whether the server has ended nothing yet, although we do not read; None if that is not known here."""
        return goes_on(self._socket) if self._socket is not None and not self.closed else None

    def half_close(self) -> None:
        """End our sending direction in order."""
        if self._socket is not None and not self.closed:
            self.ended_by_us = True
            self._recorder.append(self.label, Kind.HALF_CLOSE)
            with unless_gone():
                self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Reset the connection (RST)."""
        if self._socket is not None and not self.closed:
            self._recorder.append(self.label, Kind.RESET)
            reset_on_close(self._socket)
            self._close()

    def close(self) -> None:
        """Close in order, and read no further; again is harmless."""
        if self.opened and not self.closed:
            self._recorder.append(self.label, Kind.CLOSE)
            self._close()

    def _close(self) -> None:
        self.stop_reading()
        self.closed = True
        if self._socket is not None:
            self._socket.close()

    def _read(self) -> None:
        """Take what has come: the loop calls this when there is something."""
        assert self._socket is not None  # noqa: S101  connect() starts this
        try:
            data = self._socket.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            if not is_of_peer(error):
                raise
            self._end(Kind.SERVER_RESET, errno.errorcode.get(error.errno or 0, "").encode())
            return
        if data:
            self._take(data)
        else:
            self._end(Kind.SERVER_CLOSE)

    def _take(self, data: bytes) -> None:
        self._recorder.append(self.label, Kind.SERVER_DATA, data)
        self.bytes += len(data)
        frames = [read_server_frame(line) for line in self._splitter.feed(data)]
        # Other people may talk as much as they like.
        self._foreign_bytes += len(data) - sum(len(one.data) + 1 for one in frames if one.kind in _OF_OTHERS)
        self.frames += len(frames)
        for frame in frames:
            self._look_at(frame)
            if frame.unreadable and self.broken is None:
                self.broken = frame.data
        is_ours = any(self._is_ours(frame) for frame in frames)
        if is_ours:
            self._foreign_bytes = 0
        rest = len(self._splitter.rest)
        if is_ours or 0 < rest <= SERVER_FRAME_BYTES:
            self._listening.arrived()
        surplus = self.answers - self._sent_lines
        too_much = max(self.bytes - _MOST_BYTES, self._foreign_bytes - _MOST_FOREIGN_BYTES, rest - UNENDED_FRAME_BYTES)
        if not self.endless and (too_much > 0 or surplus > _MOST_SURPLUS_ANSWERS):
            self._give_up()

    def _is_ours(self, frame: ServerFrame) -> bool:
        """Whether we have caused a frame: others, such as blank lines and chatter, may come for ever."""
        return frame.kind in _OWN or frame.name.startswith(self.token) or self.token in frame.text

    def _give_up(self) -> None:
        self.endless = True
        self._recorder.append("", Kind.NOTE, f"{self.label} gives up: the server sends without end".encode())
        self.close()
        self._listening.arrived()

    def _look_at(self, frame: ServerFrame) -> None:
        if frame.kind in (MessageKind.LEFT, MessageKind.SYSTEM):
            self.told.update(_WORD.findall(frame.text))
            if self.on_notice is not None and (frame.kind is MessageKind.LEFT or self.token in frame.text):
                self.on_notice(self, frame)
        if frame.kind in _OWN:
            self.answers += 1
        elif frame.kind is MessageKind.PUBLIC:
            self.answers += frame.name == self.name
            self.joined |= frame.name == self.name
            self._publics[frame.name] += 1
            if frame.text.startswith(self.token) and _MARKER.match(frame.text, len(self.token)):
                self.markers.add(frame.text)
                self.counted[frame.text] = self._publics[frame.name]
        elif frame.kind is MessageKind.LEFT:
            self.left[frame.name] += 1
        elif frame.kind is MessageKind.ANNOUNCEMENT:
            self.announced[frame.text] += 1
        elif frame.kind in (MessageKind.JOINED, MessageKind.SYSTEM) and self.name and not self.joined:
            self.joined = self.name in frame.text or not frame.text  # a misshapen notice is one all the same
            self.answers += not self._noticed  # a notice that names nobody is an answer, too
            self._noticed = True

    def _end(self, how: Kind, detail: bytes = b"") -> None:
        self.stop_reading()
        self.ended = how
        self._recorder.append(self.label, how, detail)
        self._listening.arrived()


async def _within(seconds: float, work: "Coroutine[None, None, None]") -> bool:
    """Do something; return whether it is done within so many seconds.

    Until Python 3.12, ``wait_for`` loses a cancellation that comes while it is just done: the run would not end then.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task,), timeout=seconds)
        if task.done():
            task.result()
        return task.done()
    finally:
        task.cancel()
        task.add_done_callback(_look_no_more)


def _look_no_more(task: "asyncio.Future[None]") -> None:
    """Take notice of how it ended, so that nobody complains that nobody did."""
    if not task.cancelled():
        task.exception()
