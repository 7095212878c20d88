"""Three ways to do the I/O of a client: threads, select, asyncio."""

import errno
import heapq
import os
import select
import socket
import sys
import threading
import time
from itertools import count

from core import request

LINGER, FLUSH = 2, 30  # how long to wait for the server's end after ours, and for the last words to go out
ENDED = "The server ended the connection."


def lost(error):
    return f"The connection is lost: {error.strerror or error}"


class ThreadIO:
    """A thread that reads and one that writes for each connection; one lock for all."""

    def __init__(self):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.links = set()

    def open(self, link, host, port):
        self.links.add(link)
        link.sock = None
        threading.Thread(target=self.read, args=(link, host, port), daemon=True).start()

    def dial(self, host, port):
        sock = socket.create_connection((host, port), timeout=15)
        sock.settimeout(None)
        return sock

    def read(self, link, host, port):
        try:
            link.sock = self.dial(host, port)
            threading.Thread(target=self.writer, args=(link,), daemon=True).start()
            while data := link.sock.recv(65536):
                with self.lock:
                    self.client.received(link, data)
            why = ENDED
        except OSError as error:
            why = lost(error)
        with self.lock:
            self.close(link, why)

    def close(self, link, why):
        if link.closed:
            return
        link.closed = True
        self.links.discard(link)
        if link.sock:
            try:
                link.sock.shutdown(socket.SHUT_RDWR)  # wakes the threads
            except OSError:
                pass
            link.sock.close()
        self.client.unsent(link, [message for message, _ in link.out])
        link.out.clear()
        self.client.ended(link, why)
        self.changed.notify_all()

    def write(self, link, message, data):
        link.out.append([message, data])
        self.changed.notify_all()

    def transmit(self, link, data):
        link.sock.sendall(data)

    def writer(self, link):
        while True:
            with self.lock:
                self.changed.wait_for(lambda: link.out or link.finish or link.closed)
                if link.closed:
                    return
                if not link.out:
                    break
                data = link.out[0][1]
            try:
                self.transmit(link, data)
            except OSError as error:
                return self.write_failed(link, error)
            with self.lock:
                if link.out:
                    link.out.popleft()
        self.end(link)

    def write_failed(self, link, error):
        pass  # the thread that reads notices it, too

    def end(self, link):
        try:
            link.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.later(LINGER, lambda: self.close(link, "You left."))

    def finish(self, link):
        link.finish = True
        self.changed.notify_all()

    def later(self, seconds, what):
        def run():
            with self.lock:
                what()
        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()
        return timer

    def run(self, client):
        self.client = client
        for line in sys.stdin.buffer:
            with self.lock:
                request(client, line)
        self.stop()

    def stop(self):
        with self.lock:
            self.client.do_leave()
            self.changed.wait_for(lambda: not self.links, FLUSH)


class SelectIO:
    """One thread, non-blocking sockets, select."""

    chunk = 65536

    def __init__(self):
        self.links, self.timers, self.number = set(), [], count()

    def open(self, link, host, port):
        link.sock = socket.socket()
        link.sock.setblocking(False)
        link.connected = link.fin = False
        self.links.add(link)
        try:
            link.sock.connect((host, port))
        except BlockingIOError:
            pass
        except OSError as error:
            why = lost(error)
            self.later(0, lambda: self.close(link, why))

    def write(self, link, message, data):
        link.out.append([message, data])

    def finish(self, link):
        link.finish = True

    def close(self, link, why):
        if link.closed:
            return
        link.closed = True
        self.links.discard(link)
        link.sock.close()
        self.client.unsent(link, [message for message, _ in link.out])
        link.out.clear()
        self.client.ended(link, why)

    def later(self, seconds, what):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.number), what))

    def wants_to_write(self, link):
        return not link.connected or link.out or (link.finish and not link.fin)

    def writable(self, link):
        if not link.connected:
            error = link.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                return self.close(link, lost(OSError(error, os.strerror(error))))
            link.connected = True
        try:
            while link.out:
                self.push(link)
        except BlockingIOError:
            return
        except OSError:
            link.out_failed = True
            return self.readable(link)  # what has come before the end
        if link.finish and not link.fin:
            link.fin = True
            self.end(link)

    def push(self, link):
        item = link.out[0]
        sent = link.sock.send(item[1])
        item[1] = item[1][sent:]
        if not item[1]:
            link.out.popleft()

    def end(self, link):
        try:
            link.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.later(LINGER, lambda: self.close(link, "You left."))

    def readable(self, link):
        try:
            data = link.sock.recv(self.chunk)
        except BlockingIOError:
            return
        except OSError as error:
            return self.close(link, lost(error))
        if data:
            self.client.received(link, data)
        else:
            self.close(link, ENDED)

    def run(self, client):
        self.client, rest, limit = client, b"", None
        while limit is None or (self.links and time.monotonic() < limit):
            wait = max(0, self.timers[0][0] - time.monotonic()) if self.timers else 1
            reads = [link.sock for link in self.links if link.connected] + ([0] if limit is None else [])
            writes = [link.sock for link in self.links if self.wants_to_write(link)]
            reads, writes, _ = select.select(reads, writes, [], min(wait, 1))
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()
            for link in list(self.links):
                if link.sock in reads:
                    self.readable(link)
            for link in list(self.links):
                if link.sock in writes:
                    self.writable(link)
            if 0 in reads:
                data = os.read(0, 65536)
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    request(client, line)
                if not data:
                    client.do_leave()
                    limit = time.monotonic() + FLUSH


class AsyncIO:
    """Tasks of asyncio; a thread reads the requests."""

    def __init__(self):
        import asyncio
        self.asyncio = asyncio
        self.links = set()

    def open(self, link, host, port):
        link.wake = self.asyncio.Event()
        self.links.add(link)
        link.task = self.loop.create_task(self.read(link, host, port))

    async def read(self, link, host, port):
        link.sock, link.writer = socket.socket(), None
        link.sock.setblocking(False)
        try:
            await self.loop.sock_connect(link.sock, (host, port))
            link.writer = self.loop.create_task(self.writer_task(link))
            while data := await self.loop.sock_recv(link.sock, 65536):
                self.client.received(link, data)
            why = ENDED
        except OSError as error:
            why = lost(error)
        self.close(link, why)

    def close(self, link, why):
        if link.closed:
            return
        link.closed = True
        self.links.discard(link)
        if link.writer:
            link.writer.cancel()
        self.loop.call_soon(link.sock.close)
        self.client.unsent(link, [message for message, _ in link.out])
        link.out.clear()
        self.client.ended(link, why)
        if self.asyncio.current_task() is not link.task:
            link.task.cancel()

    def write(self, link, message, data):
        link.out.append([message, data])
        link.wake.set()

    async def writer_task(self, link):
        while True:
            while link.out:
                await self.transmit(link, link.out[0][1])
                link.out.popleft()
            if link.finish:
                return self.end(link)
            link.wake.clear()
            await link.wake.wait()

    async def transmit(self, link, data):
        try:
            await self.loop.sock_sendall(link.sock, data)
        except OSError:
            await self.asyncio.sleep(3600)  # the task that reads notices it, too, and ends this one

    def end(self, link):
        try:
            link.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.later(LINGER, lambda: self.close(link, "You left."))

    def finish(self, link):
        link.finish = True
        link.wake.set()

    def later(self, seconds, what):
        return self.loop.call_later(seconds, what)

    def stdin(self):
        for line in sys.stdin.buffer:
            self.loop.call_soon_threadsafe(request, self.client, line)
        self.loop.call_soon_threadsafe(self.over.set)

    def run(self, client):
        self.client = client
        self.asyncio.run(self.main())

    async def main(self):
        self.loop, self.over = self.asyncio.get_running_loop(), self.asyncio.Event()
        threading.Thread(target=self.stdin, daemon=True).start()
        await self.over.wait()
        self.client.do_leave()
        limit = time.monotonic() + FLUSH
        while self.links and time.monotonic() < limit:
            await self.asyncio.sleep(0.02)


IOS = {"T": ThreadIO, "S": SelectIO, "A": AsyncIO}
EARLY = {"T": "refuse", "S": "keep", "A": "behind"}
