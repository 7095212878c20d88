"""A conforming server of blocking sockets: two threads for each client, one lock for the chat."""

import argparse
import collections
import contextlib
import json
import os
import re
import signal
import socket
import sys
import threading
import time

MOST_BYTES = 1024
MOST_PENDING = 1 << 20
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
REQUIRED = {"join": ["username"], "message": ["content"], "private_message": ["target", "content"]}


class Bad(Exception):  # noqa: N818  an answer, not a failure
    """What is wrong with a frame: its code, then words."""


class Post:
    """Sends to one client from a thread of its own, so that nobody waits for a client that does not read."""

    def __init__(self, sock):
        self.sock = sock
        self.waiting = collections.deque()
        self.pending = 0
        self.changed = threading.Condition()
        self.over = False
        threading.Thread(target=self.work, daemon=True).start()

    def put(self, line):
        with self.changed:
            if self.over:
                return
            self.waiting.append(line)
            self.pending += len(line)
            if self.pending > MOST_PENDING:
                self.over = True
                self.waiting.clear()
                with contextlib.suppress(OSError):
                    self.sock.shutdown(socket.SHUT_RDWR)
            self.changed.notify()

    def end(self):
        with self.changed:
            self.over = True
            self.changed.notify()

    def work(self):
        with contextlib.suppress(OSError):
            while True:
                with self.changed:
                    self.changed.wait_for(lambda: self.waiting or self.over)
                    batch = b"".join(self.waiting)
                    self.waiting.clear()
                if not batch:
                    break
                self.sock.sendall(batch)
                with self.changed:
                    self.pending -= len(batch)
        self.end()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Bad("malformed_json", "Each member may stand only once")
    return dict(pairs)


def no_constant(name):
    raise Bad("malformed_json", f"JSON has no {name}")


def understand(line):
    """Return the message in a line, or say what is bad about it."""
    try:
        text = str(line, "utf-8")
        value = json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constant, parse_int=float)
        # A surrogate that no pair holds cannot be encoded.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Bad("malformed_json", "That is not JSON in UTF-8") from None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise Bad("invalid_message", "Expected an object with a type")
    if value["type"] not in REQUIRED:
        raise Bad("unknown_type", "A type that nobody knows")
    for member in REQUIRED[value["type"]]:
        judge(member, value.get(member))
    return value


def judge(member, value):
    if not isinstance(value, str):
        raise Bad("invalid_message", f"{member} has to be a text")
    if member == "content":
        if not value:
            raise Bad("invalid_message", "content has to say something")
    elif not 1 <= len(value) <= 32 or value != value.strip(" ") or NOT_IN_NAMES.search(value):
        raise Bad("username_invalid" if member == "username" else "invalid_message", f"{member} has to be a name")


class Chat:
    """Who is here. The lock is held for each whole step, so all get what they share in one order."""

    def __init__(self):
        self.lock = threading.Lock()
        self.posts = {}
        self.connected = set()
        self.all_accepted = threading.Event()

    def send(self, posts, **members):
        now = time.strftime("%H:%M:%S")
        line = (json.dumps({"timestamp": now, **members}, ensure_ascii=False) + "\n").encode()
        for post in posts:
            post.put(line)

    def send_to_all(self, **members):
        self.send(self.posts.values(), **members)

    def act(self, name, post, message):
        """Do what a message asks; return the name that the client has from now on."""
        kind = message["type"]
        if kind == "join":
            return self.join(name, post, message["username"])
        if name is None:
            raise Bad("not_joined", "First join")
        if kind == "message":
            self.send_to_all(type="message", username=name, content=message["content"])
        else:
            self.whisper(name, post, message["target"], message["content"])
        return name

    def join(self, name, post, username):
        if name is not None:
            raise Bad("already_joined", f"You are {name} already")
        if username in self.posts:
            raise Bad("username_taken", "Username already taken")
        self.posts[username] = post
        self.send_to_all(type="system", message=f"{username} joined the chat")
        return username

    def whisper(self, name, post, target, content):
        answer = {"type": "private_confirmation", "target": target, "content": content}
        if target in self.posts:
            self.send([self.posts[target]], type="private_message", sender=name, content=content)
            self.send([post], **answer, delivered=True)
        else:
            self.send([post], **answer, delivered=False, reason=f"{target} is not here")

    def leave(self, name):
        if name is not None:
            del self.posts[name]
            self.send_to_all(type="system", message=f"{name} left the chat")


def lines_of(sock):
    """Yield each line without its end; None for one that is too long; end where the stream does."""
    kept, too_long = bytearray(), False
    while True:
        try:
            piece = sock.recv(16_384)
        except OSError:
            return
        if not piece:
            return
        for part in re.findall(rb"[^\n]*\n|[^\n]+", piece):
            if not too_long:
                kept += part
                if len(kept) - kept.endswith(b"\n") > MOST_BYTES:
                    too_long = True
                    yield None
            if part.endswith(b"\n"):
                if not too_long:
                    yield bytes(kept[:-1])
                kept.clear()
                too_long = False


def serve_client(chat, sock, post):
    name = None
    for line in lines_of(sock):
        if line is not None and not line.strip(b" \t\r"):
            continue
        with chat.lock:
            try:
                if line is None:
                    raise Bad("frame_too_long", "Too long")  # noqa: TRY301  one place answers all that is bad
                name = chat.act(name, post, understand(line))
            except Bad as bad:
                error = {"type": "error", "code": bad.args[0], "message": bad.args[1]}
                post.put(json.dumps(error).encode() + b"\n")
    with chat.lock:
        chat.leave(name)
        chat.connected.discard(post)
    post.end()


def accept(chat, listener):
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            chat.all_accepted.set()
            return
        sock.setblocking(True)  # noqa: FBT003  the only way to say so
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        post = Post(sock)
        with chat.lock:
            chat.connected.add(post)
        threading.Thread(target=serve_client, args=(chat, sock, post), daemon=True).start()


def read_operator(chat):
    for line in sys.stdin:
        if line.strip("\r\n"):
            with chat.lock:
                chat.send_to_all(type="server", message=line.strip("\r\n"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    # Blocked in every thread and waited for here: a handler would not run while the main thread waits for a lock.
    asked = threading.Event()
    if hasattr(signal, "sigwait"):
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
    else:  # Windows
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK):
            signal.signal(number, lambda *_: asked.set())
    chat = Chat()
    listener = socket.create_server((options.host, options.port), backlog=512)
    print(f"Listening on {options.host}:{listener.getsockname()[1]}", flush=True)  # noqa: T201  what the starter waits for
    for work in ((accept, chat, listener), (read_operator, chat)):
        threading.Thread(target=work[0], args=work[1:], daemon=True).start()
    if hasattr(signal, "sigwait"):
        signal.sigwait((signal.SIGTERM, signal.SIGINT))
    while hasattr(signal, "SIGBREAK") and not asked.wait(0.2):
        pass
    stop(chat, listener)


def stop(chat, listener):
    # Those who wait to be accepted would be reset, so they are accepted first: a connection of our own is the last.
    listener.setblocking(False)  # noqa: FBT003  as above
    with contextlib.suppress(OSError):
        socket.create_connection(listener.getsockname(), timeout=1).close()
    chat.all_accepted.wait(1)
    listener.close()
    with chat.lock:
        chat.send_to_all(type="system", message="Closing for today")
        leaving = list(chat.connected)
    for post in leaving:
        post.end()
    tries = 100
    while chat.connected and tries:
        # The clients' own ends are awaited, for 2 s: leaving with unread bytes would reset their connections.
        threading.Event().wait(0.02)
        tries -= 1
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
