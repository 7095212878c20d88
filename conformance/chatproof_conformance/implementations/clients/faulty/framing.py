"""Clients that take what arrives for whole frames, or in another order (CLIENT-3)."""

from baseline.client import Client
from catalogue import faulty, subtle


@faulty("client-one-read-one-frame", "takes each piece that it reads for one frame", breaks=("CLIENT-3",))
def cut(self, data):
    return [data.removesuffix(b"\n")]


@faulty("client-drops-halves", "drops what stands after the last LF of a read", breaks=("CLIENT-3",))
def cut(self, data):
    frames = Client.cut(self, data)
    self.framer.rest = b""
    return frames


@faulty("client-first-of-a-read", "handles the first frame of each read only", breaks=("CLIENT-3",))
def cut(self, data):
    return list(Client.cut(self, data))[:1]


@faulty(
    "client-last-first", "handles the frames of a read from the last to the first", breaks=("CLIENT-11", "CLIENT-3")
)
def cut(self, data):
    return list(Client.cut(self, data))[::-1]


@subtle("client-decodes-pieces", "decodes each piece that it reads by itself", breaks=("CLIENT-3", "CLIENT-10"))
def cut(self, data):
    return Client.cut(self, data.decode("utf-8", "replace").encode() if not data.endswith(b"\n") else data)


@subtle("client-small-buffer", "holds no more than 4096 bytes of a frame", breaks=("CLIENT-3",))
def cut(self, data):
    frames = Client.cut(self, data)
    if len(self.framer.rest) > 4096:
        self.framer.rest = b""
    return frames


@subtle("client-half-a-limit", "skips frames of more than 1024 bytes", breaks=("CLIENT-3",))
def cut(self, data):
    return [frame for frame in Client.cut(self, data) if not isinstance(frame, bytes) or len(frame) <= 1024]


@subtle("client-private-first", "handles the private messages of a read first", breaks=("CLIENT-11", "CLIENT-3"))
def cut(self, data):
    return sorted(
        Client.cut(self, data), key=lambda frame: not (isinstance(frame, bytes) and b'"private_message"' in frame)
    )


@subtle("client-lf-alone-is-lost", "drops an LF that comes by itself", breaks=("CLIENT-3",))
def cut(self, data):
    return Client.cut(self, b"" if data == b"\n" else data)


@subtle(
    "client-unicode-lines", "takes every line separator that Unicode has for the end of a frame", breaks=("CLIENT-3",)
)
def cut(self, data):
    return Client.cut(self, data.replace("\u2028".encode(), b"\n").replace("\x85".encode(), b"\n"))
