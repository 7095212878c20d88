import os
import socket
import threading


def listen(host, port, reuse=True, backlog=256):
    s = socket.socket()
    if reuse:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    s.listen(backlog)
    return s


def tune(hub, s):
    if hub.sndbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, hub.sndbuf)
    if hub.nodelay:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def read_announcements(post, hub):
    def run():
        rest = b""
        while True:
            try:
                data = os.read(0, 65536)
            except OSError:
                return
            if not data:
                return  # the end of standard input is ignored
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                text = line.decode("utf-8", "replace").rstrip("\r")
                post(lambda text=text: hub.announce(text))
    threading.Thread(target=run, daemon=True).start()
