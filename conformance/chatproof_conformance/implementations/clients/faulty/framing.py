"""Clients that take what arrives for whole frames, or in another order (CLIENT-3)."""

from baseline.client import Client
from baseline.framing import Framer
from catalogue import faulty


@faulty("client-one-read-one-frame", breaks=("CLIENT-3",), note="takes each piece that it reads for one frame")
class OneReadOneFrame(Client):
    def cut(self, data):
        return [data.removesuffix(b"\n")]


@faulty("client-drops-halves", breaks=("CLIENT-3",), note="drops what stands after the last LF of a read")
class DropsHalves(Client):
    def cut(self, data):
        frames = super().cut(data)
        self.framer.rest = b""
        return frames


@faulty("client-first-of-a-read", breaks=("CLIENT-3",), note="handles the first frame of each read only")
class FirstOfARead(Client):
    def cut(self, data):
        return list(super().cut(data))[:1]


@faulty("client-last-first", breaks=("CLIENT-3",), note="handles the frames of a read from the last to the first")
class LastFirst(Client):
    def cut(self, data):
        return list(super().cut(data))[::-1]


@faulty("client-decodes-pieces", breaks=("CLIENT-3",), note="decodes each piece that it reads by itself", subtle=True)
class DecodesPieces(Client):
    def cut(self, data):
        return super().cut(data.decode("utf-8", "replace").encode() if not data.endswith(b"\n") else data)


class SmallFramer(Framer):
    def feed(self, data):
        frames = super().feed(data)
        if len(self.rest) > 4096:
            self.rest = b""
        return frames


@faulty("client-small-buffer", breaks=("CLIENT-3",), note="holds no more than 4096 bytes of a frame", subtle=True)
class SmallBuffer(Client):
    def make_framer(self):
        return SmallFramer()


@faulty("client-half-a-limit", breaks=("CLIENT-3",), note="skips frames of more than 1024 bytes", subtle=True)
class HalfALimit(Client):
    def cut(self, data):
        return [frame for frame in super().cut(data) if not isinstance(frame, bytes) or len(frame) <= 1024]


@faulty("client-private-first", breaks=("CLIENT-3",), note="handles the private messages of a read first", subtle=True)
class PrivateFirst(Client):
    def cut(self, data):
        return sorted(
            super().cut(data), key=lambda frame: not (isinstance(frame, bytes) and b'"private_message"' in frame)
        )


@faulty("client-lf-alone-is-lost", breaks=("CLIENT-3",), note="drops an LF that comes by itself", subtle=True)
class LfAloneIsLost(Client):
    def cut(self, data):
        return super().cut(b"" if data == b"\n" else data)


@faulty(
    "client-unicode-lines",
    breaks=("CLIENT-3",),
    note="takes every line separator that Unicode has for the end of a frame",
    subtle=True,
)
class UnicodeLines(Client):
    def cut(self, data):
        return super().cut(data.replace("\u2028".encode(), b"\n").replace("\x85".encode(), b"\n"))
