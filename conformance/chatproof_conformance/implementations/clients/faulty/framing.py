"""Clients that take what arrives for whole frames, or in another order (CLIENT-3)."""

from baseline.client import Client
from baseline.framing import Framer
from catalogue import faulty


@faulty("client-one-read-one-frame", breaks=("CLIENT-3",), note="takes each piece that it reads for one frame")
def cut(self, data):
    return [data.removesuffix(b"\n")]


@faulty("client-drops-halves", breaks=("CLIENT-3",), note="drops what stands after the last LF of a read")
def cut(self, data):
    frames = Client.cut(self, data)
    self.framer.rest = b""
    return frames


@faulty("client-first-of-a-read", breaks=("CLIENT-3",), note="handles the first frame of each read only")
def cut(self, data):
    return list(Client.cut(self, data))[:1]


@faulty("client-last-first", breaks=("CLIENT-3",), note="handles the frames of a read from the last to the first")
def cut(self, data):
    return list(Client.cut(self, data))[::-1]


@faulty("client-decodes-pieces", breaks=("CLIENT-3",), note="decodes each piece that it reads by itself", subtle=True)
def cut(self, data):
    return Client.cut(self, data.decode("utf-8", "replace").encode() if not data.endswith(b"\n") else data)


class SmallFramer(Framer):
    def feed(self, data):
        frames = super().feed(data)
        if len(self.rest) > 4096:
            self.rest = b""
        return frames


@faulty("client-small-buffer", breaks=("CLIENT-3",), note="holds no more than 4096 bytes of a frame", subtle=True)
def make_framer(self):
    return SmallFramer()


@faulty("client-half-a-limit", breaks=("CLIENT-3",), note="skips frames of more than 1024 bytes", subtle=True)
def cut(self, data):
    return [frame for frame in Client.cut(self, data) if not isinstance(frame, bytes) or len(frame) <= 1024]


@faulty("client-private-first", breaks=("CLIENT-3",), note="handles the private messages of a read first", subtle=True)
def cut(self, data):
    return sorted(
        Client.cut(self, data), key=lambda frame: not (isinstance(frame, bytes) and b'"private_message"' in frame)
    )


@faulty("client-lf-alone-is-lost", breaks=("CLIENT-3",), note="drops an LF that comes by itself", subtle=True)
def cut(self, data):
    return Client.cut(self, b"" if data == b"\n" else data)


@faulty(
    "client-unicode-lines",
    breaks=("CLIENT-3",),
    note="takes every line separator that Unicode has for the end of a frame",
    subtle=True,
)
def cut(self, data):
    return Client.cut(self, data.replace("\u2028".encode(), b"\n").replace("\x85".encode(), b"\n"))
