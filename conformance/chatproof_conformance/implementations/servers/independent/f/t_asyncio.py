"""asyncio streams: one task for each connection."""
import asyncio
import signal
import socket

from hub import Conn
from t_common import listen, read_announcements, tune


class AConn(Conn):
    def __init__(self, t, reader, writer):
        super().__init__()
        self.t, self.reader, self.writer, self.done = t, reader, writer, False

    def write(self, data):
        if not self.writer.transport.is_closing():
            self.writer.write(data)

    def pending(self):
        return self.writer.transport.get_write_buffer_size()

    def kill(self):
        self.done = True
        if self.pending():
            self.writer.transport.abort()
        else:
            self.writer.close()

    def finish(self):
        try:
            self.writer.write_eof()
        except (OSError, RuntimeError):
            pass
        self.t.later(2.5, self.kill)


class Transport:
    Conn = AConn

    def __init__(self, hub_class, host, port):
        self.hub_class, self.host, self.port = hub_class, host, port
        self.all = set()

    def later(self, delay, fn):
        if delay:
            self.loop.call_later(delay, fn)
        else:
            self.loop.call_soon(fn)

    def post(self, fn):
        self.loop.call_soon_threadsafe(fn)

    async def serve(self, reader, writer):
        tune(self.hub, writer.get_extra_info("socket"))
        c = self.Conn(self, reader, writer)
        writer.transport.set_write_buffer_limits(high=1 << 30)
        self.all.add(c)
        self.hub.opened(c)
        try:
            while not c.done:
                data = await reader.read(1 << 20)
                if not data:
                    break
                if not c.ended:
                    self.hub.received(c, data)
            if c.ended or self.hub.stopping:
                c.kill()
            else:
                self.hub.eof(c)
        except OSError:
            if not self.hub.stopping:
                self.hub.reset(c)
            c.kill()
        finally:
            self.all.discard(c)

    def run(self):
        asyncio.run(self.main())

    async def main(self):
        self.loop = asyncio.get_running_loop()
        self.hub = self.hub_class(self)
        stop = asyncio.Event()
        self.loop.add_signal_handler(signal.SIGTERM, stop.set)
        sock = listen(self.host, self.port, getattr(self.hub, "reuse", True))
        server = await asyncio.start_server(self.serve, sock=sock, limit=1 << 20)
        read_announcements(self.post, self.hub)
        await stop.wait()
        await asyncio.sleep(0.02)  # what is in the backlog is accepted first
        server.close()
        self.hub.farewell()
        for c in list(self.all):
            if not c.ended:
                try:
                    c.writer.write_eof()
                except (OSError, RuntimeError):
                    pass
        for step in range(30):
            if not self.all:
                break
            await asyncio.sleep(0.1)
            if step == 14:
                for c in list(self.all):
                    if c.pending():
                        try:
                            c.writer.get_extra_info("socket")._sock.shutdown(socket.SHUT_WR)
                        except (OSError, AttributeError):
                            pass
        for c in list(self.all):
            c.kill()
        await asyncio.sleep(0.02)
