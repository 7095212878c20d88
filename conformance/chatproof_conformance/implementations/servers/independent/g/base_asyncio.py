"""A base on asyncio: one task that reads and one that writes for each connection, on plain sockets."""
import asyncio
import os
import signal
import socket
import sys
import threading
from collections import deque

from core import Codec, Framer, Hub


class Conn:
    def __init__(self, sock, server):
        self.sock, self.server, self.name = sock, server, None
        self.gone = self.doomed = self.wdead = self.closing = False
        self.q, self.size, self.ready = deque(), 0, asyncio.Event()

    def backlog(self):
        return self.size

    def send(self, data):
        if not self.wdead and not self.closing:
            self.q.append(data)
            self.size += len(data)
            self.ready.set()

    def abort(self):
        self.wdead = True
        self.q.clear()
        self.ready.set()
        self.shut(socket.SHUT_RDWR)

    def finish(self):
        self.closing = True
        self.ready.set()

    def shut(self, how):
        try:
            self.sock.shutdown(how)
        except OSError:
            pass

    async def writer(self):
        loop = asyncio.get_running_loop()
        while not self.wdead:
            if not self.q:
                if self.closing:
                    self.shut(socket.SHUT_WR)
                    break
                self.ready.clear()
                await self.ready.wait()
                continue
            data = b"".join(self.q)
            self.q.clear()
            try:
                await loop.sock_sendall(self.sock, data)
            except OSError:
                self.wdead = True
                self.q.clear()
                break
            self.size -= len(data)


class Server:
    def __init__(self, kit, host, port):
        self.kit, self.conns = kit, set()
        self.hub = kit.Hub(kit)
        self.listener = socket.create_server((host, port), backlog=256)
        self.listener.setblocking(False)
        self.host, self.port = host, port

    def run(self):
        asyncio.run(self.main())
        os._exit(0)

    async def main(self):
        self.loop = asyncio.get_running_loop()
        self.hub.loop = self.loop
        stop = asyncio.Event()
        self.loop.add_signal_handler(signal.SIGTERM, stop.set)
        self.loop.add_reader(self.listener, self.accept_all)
        threading.Thread(target=self.stdin_loop, daemon=True).start()
        print("Listening on %s:%d" % (self.host, self.port), flush=True)
        await stop.wait()
        self.accept_all()
        self.loop.remove_reader(self.listener)
        self.listener.close()
        await self.shutdown()
        os._exit(0)

    def stdin_loop(self):
        for line in sys.stdin.buffer:
            self.loop.call_soon_threadsafe(self.hub.announce, line.decode("utf-8", "replace").rstrip("\r\n"))

    def accept_all(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            c = self.kit.Conn(sock, self)
            self.conns.add(c)
            self.hub.opened(c)
            c.rtask = self.loop.create_task(self.reader(c))
            c.wtask = self.loop.create_task(c.writer())

    async def reader(self, c):
        framer = self.kit.Framer()
        try:
            while True:
                data = await self.loop.sock_recv(c.sock, 65536)
                if not data:
                    break
                await self.got(c, framer.feed(data))
        except OSError:
            pass
        await self.eof(c)

    async def got(self, c, frames):
        for raw in frames:
            self.hub.frame(c, raw)

    async def eof(self, c):
        self.hub.leave(c)
        self.conns.discard(c)
        c.wdead = True
        c.wtask.cancel()
        await asyncio.gather(c.wtask, return_exceptions=True)
        c.shut(socket.SHUT_WR)
        c.sock.close()

    async def shutdown(self):
        self.hub.goodbye()
        for c in list(self.conns):
            c.finish()
        for _ in range(100):
            if not any(c.q or c.size for c in self.conns):
                break
            await asyncio.sleep(0.02)
        for c in list(self.conns):
            c.shut(socket.SHUT_WR)
        for _ in range(75):
            if not self.conns:
                break
            await asyncio.sleep(0.02)


class Aio:
    Codec, Framer, Hub, Conn, Server = Codec, Framer, Hub, Conn, Server
