"""asyncio: tasks that read and write sockets with the loop's socket calls."""

import asyncio
import socket
import sys

import core


class Conn:
    def __init__(self, shell, link, host, port):
        self.shell, self.link = shell, link
        self.socket = socket.create_connection((host, port))
        self.socket.setblocking(False)
        self.out, self.done = asyncio.Queue(), False
        self.writer = asyncio.ensure_future(self.write())
        self.reader = asyncio.ensure_future(self.read())

    def send(self, data):
        self.out.put_nowait(data)

    def finish(self):
        self.out.put_nowait(None)

    def flushed(self):
        return self.done

    def close(self):
        self.out.put_nowait("close")

    async def write(self):
        loop, dead = asyncio.get_running_loop(), False
        while True:
            data = await self.out.get()
            try:
                if data == "close":
                    self.done = True
                    if self.reader is not asyncio.current_task():
                        self.reader.cancel()
                    return self.socket.close()
                if data is None:
                    self.done = True
                    self.socket.shutdown(socket.SHUT_WR)
                elif not dead:
                    await loop.sock_sendall(self.socket, data)
            except OSError:
                dead = True

    async def read(self):
        loop, why = asyncio.get_running_loop(), "The server ended the connection."
        try:
            while data := await loop.sock_recv(self.socket, 65536):
                self.shell.client.on_data(self.link, data)
        except OSError as error:
            why = f"The connection is lost: {error}"
        self.shell.client.on_end(self.link, why)
        self.close()


class Shell:
    def __init__(self):
        self.client = core.Client(self)

    def open(self, link, host, port):
        return Conn(self, link, host, port)

    def later(self, seconds, call):
        asyncio.get_running_loop().call_later(seconds, call)

    async def run(self):
        loop = asyncio.get_running_loop()
        stdin = asyncio.StreamReader(limit=2 ** 22)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
        while line := await stdin.readline():
            self.client.request_line(line)
        self.client.at_end_of_input()
        for _ in range(800):
            if self.client.idle():
                break
            await asyncio.sleep(0.01)

    def main(self):
        asyncio.run(self.run())
