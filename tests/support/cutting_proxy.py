"""A proxy to a port of 127.0.0.1 that cuts its connections when asked to, after some more bytes in either direction."""

import contextlib
import socket
import threading


class CuttingProxy:
    """Running from its making until :meth:`close`; ``target`` may change meanwhile, for connections to come."""

    def __init__(self, target):
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, after):
        """Cut every connection that there is once so many more bytes have passed, or at once if there are none."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.left = after
            if not after:
                pair.end()

    def close(self):
        self._listener.close()
        self.cut(0)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    near.close()
                    continue
                self._pairs.append(_Pair(near, far))


class _Pair:
    def __init__(self, near, far):
        self.left = float("inf")
        self._sockets = (near, far)
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def end(self):
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _pass(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data[: int(min(self.left, len(data)))])
                self.left -= len(data)
                if self.left <= 0:
                    break
        self.end()
        source.close()
