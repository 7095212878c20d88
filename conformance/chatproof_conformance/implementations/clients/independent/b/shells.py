"""Three ways to run a client of core.py: threads, asyncio, and one thread with selectors."""

import asyncio
import errno
import heapq
import os
import queue
import select
import selectors
import signal
import socket
import struct
import sys
import threading
import time

RESET = struct.pack("ii", 1, 0)


def write_out(text):
    data = text.encode()
    while data:
        try:
            data = data[os.write(1, data):]
        except BlockingIOError:
            select.select([], [1], [])
        except BrokenPipeError:
            os._exit(0)


class Threads:
    def __init__(self, make):
        self.lock = threading.RLock()
        self.change = threading.Condition(self.lock)
        self.client = make(self)

    def emit(self, text):
        with self.lock:
            write_out(text)

    def later(self, seconds, call):
        def run():
            with self.lock:
                call()
                self.change.notify_all()
        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()

    def open(self, conn, host, port):
        conn.queue, conn.fin, conn.sock = queue.Queue(), False, None
        threading.Thread(target=self.serve, args=(conn, host, port), daemon=True).start()

    def serve(self, conn, host, port):
        try:
            conn.sock = socket.create_connection((host, port), timeout=10)
            conn.sock.settimeout(None)
            conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            return self.tell(self.client.lost, conn, error)
        threading.Thread(target=self.write_all, args=(conn,), daemon=True).start()
        self.tell(self.client.opened, conn)
        while True:
            try:
                chunk = conn.sock.recv(self.client.RECV)
            except OSError as error:
                return self.tell(self.client.lost, conn, error)
            if not chunk:
                return self.tell(self.client.eof, conn)
            self.tell(self.client.data, conn, chunk)

    def tell(self, method, *arguments):
        with self.lock:
            method(*arguments)
            self.change.notify_all()
            if self.client.quit:
                os._exit(0)

    def write_all(self, conn):
        broken = False
        while True:
            item = conn.queue.get()
            try:
                if item == "close":
                    conn.fin = True
                    conn.sock.close()
                    return
                if item == "fin":
                    if not broken:
                        conn.sock.shutdown(socket.SHUT_WR)
                    conn.fin = True
                elif item == "reset":
                    conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    conn.sock.close()
                    conn.fin = True
                    return
                elif not broken:
                    self.send(conn.sock, item)
            except OSError:
                broken = conn.fin = True

    def send(self, sock, data):
        step = getattr(self.client, "STEP", 0)
        if step:
            for at in range(0, len(data), step):
                sock.sendall(data[at:at + step])
        else:
            sock.sendall(data)

    def write(self, conn, data):
        conn.queue.put(data)

    def finish(self, conn):
        conn.queue.put("fin")

    def reset(self, conn):
        conn.queue.put("reset")

    def drop(self, conn):
        conn.queue.put("close")

    def finished(self, conn):
        return conn.fin

    def run(self):
        for raw in sys.stdin.buffer:
            with self.lock:
                self.client.line(raw)
                if self.client.quit:
                    os._exit(0)
        with self.lock:
            self.client.input_ended()
            self.change.wait_for(self.client.done, timeout=8)
        os._exit(0)


class Asyncio:
    def __init__(self, make):
        self.client = make(self)
        self.loop = None

    def emit(self, text):
        write_out(text)

    def later(self, seconds, call):
        self.loop.call_later(seconds, lambda: (call(), self.check()))

    def check(self):
        if self.client.done():
            self.stop.set()

    def open(self, conn, host, port):
        conn.transport, conn.waiting, conn.want_fin, conn.fin, conn.task = None, [], None, False, None
        conn.task = self.loop.create_task(self.connect(conn, host, port))

    async def connect(self, conn, host, port):
        try:
            await self.loop.create_connection(lambda: Talk(self, conn), host, port)
        except OSError as error:
            self.client.lost(conn, error)
            self.check()

    def write(self, conn, data):
        if conn.transport is None:
            conn.waiting.append(data)
        elif not conn.transport.is_closing():
            conn.transport.write(data)

    def finish(self, conn):
        if conn.transport is None:
            conn.want_fin = "fin"
        elif not conn.transport.is_closing():
            try:
                conn.transport.write_eof()
            except OSError:
                pass
            conn.fin = True
        else:
            conn.fin = True

    def reset(self, conn):
        if conn.transport is not None:
            conn.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            conn.transport.abort()
            conn.fin = True

    def drop(self, conn):
        if conn.transport is not None:
            conn.transport.close()

    def finished(self, conn):
        return conn.fin and conn.transport.get_write_buffer_size() == 0

    def run(self):
        asyncio.run(self.main())
        os._exit(0)

    async def main(self):
        self.loop = asyncio.get_running_loop()
        self.stop = asyncio.Event()
        reader = asyncio.StreamReader(limit=1 << 22)
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
        eater = self.loop.create_task(self.eat(reader))
        await self.stop.wait()
        eater.cancel()

    async def eat(self, reader):
        try:
            while raw := await reader.readline():
                self.client.line(raw)
                self.check()
            self.client.input_ended()
            self.check()
            self.loop.call_later(8, self.stop.set)
        except Exception:
            import traceback
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)


class Talk(asyncio.Protocol):
    def __init__(self, shell, conn):
        self.shell, self.client, self.conn = shell, shell.client, conn

    def connection_made(self, transport):
        self.conn.transport = transport
        for data in self.conn.waiting:
            transport.write(data)
        if self.conn.want_fin:
            self.shell.finish(self.conn)
        self.client.opened(self.conn)

    def data_received(self, data):
        self.client.data(self.conn, data)
        self.shell.check()

    def eof_received(self):
        self.client.eof(self.conn)
        self.shell.check()
        return True

    def connection_lost(self, error):
        self.conn.fin = True
        if error is not None:
            self.client.lost(self.conn, error)
        else:
            self.client.eof(self.conn)
        self.shell.check()


class Selectors:
    def __init__(self, make):
        self.client = make(self)
        self.selector = selectors.SelectSelector()
        self.timers, self.count = [], 0

    def emit(self, text):
        write_out(text)

    def later(self, seconds, call):
        self.count += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.count, call))

    def open(self, conn, host, port):
        conn.out, conn.fin, conn.want_fin, conn.up, conn.reads, conn.gone = bytearray(), False, False, False, True, False
        conn.sock = socket.socket()
        conn.sock.setblocking(False)
        conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conn.sock.connect_ex((host, port))
        self.selector.register(conn.sock, selectors.EVENT_WRITE, conn)

    def interest(self, conn):
        if conn.gone:
            return
        wish = 0
        if not conn.up:
            wish = selectors.EVENT_WRITE
        else:
            if conn.reads:
                wish |= selectors.EVENT_READ
            if conn.out:
                wish |= selectors.EVENT_WRITE
        if wish:
            try:
                self.selector.modify(conn.sock, wish, conn)
            except KeyError:
                self.selector.register(conn.sock, wish, conn)
        else:
            self.close(conn)

    def close(self, conn):
        if not conn.gone:
            conn.gone = conn.fin = True
            try:
                self.selector.unregister(conn.sock)
            except KeyError:
                pass
            conn.sock.close()

    def flush(self, conn):
        if conn.gone or not conn.up:
            return
        try:
            while conn.out:
                del conn.out[:conn.sock.send(conn.out)]
        except BlockingIOError:
            pass
        except OSError:
            conn.out.clear()  # the reading side will tell
            conn.fin = True
        if conn.want_fin and not conn.out and not conn.fin:
            conn.fin = True
            try:
                conn.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        self.interest(conn)

    def write(self, conn, data):
        conn.out += data
        self.flush(conn)

    def finish(self, conn):
        conn.want_fin = True
        self.flush(conn)

    def reset(self, conn):
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close(conn)

    def drop(self, conn):
        conn.reads = False
        self.interest(conn)

    def finished(self, conn):
        return conn.fin

    def ready(self, conn, events):
        if not conn.up:
            error = conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            conn.up = True
            if error:
                conn.out.clear()
                self.client.lost(conn, OSError(error, os.strerror(error)))
                return
            self.client.opened(conn)
            self.flush(conn)
            return
        if events & selectors.EVENT_WRITE:
            self.flush(conn)
        if events & selectors.EVENT_READ and conn.reads and not conn.gone:
            try:
                chunk = conn.sock.recv(self.client.RECV)
            except BlockingIOError:
                return
            except OSError as error:
                conn.out.clear()
                self.client.lost(conn, error)
                return
            if chunk:
                self.client.data(conn, chunk)
            else:
                self.client.eof(conn)

    def run(self):
        self.selector.register(0, selectors.EVENT_READ, None)
        rest, deadline = b"", None
        while not self.client.done():
            now = time.monotonic()
            if deadline and now > deadline:
                break
            while self.timers and self.timers[0][0] <= now:
                heapq.heappop(self.timers)[2]()
            if self.client.done():
                break
            wait = self.timers[0][0] - now if self.timers else None
            if deadline:
                wait = min(wait if wait is not None else 9, 0.2)
            for key, events in self.selector.select(None if wait is None else max(wait, 0)):
                if key.data is not None:
                    self.ready(key.data, events)
                    continue
                chunk = os.read(0, 65536)
                *lines, rest = (rest + chunk).split(b"\n")
                for raw in lines:
                    self.client.line(raw)
                if not chunk:
                    self.selector.unregister(0)
                    self.client.input_ended()
                    deadline = time.monotonic() + 8
        os._exit(0)


SHELLS = {"threads": Threads, "asyncio": Asyncio, "selectors": Selectors}
