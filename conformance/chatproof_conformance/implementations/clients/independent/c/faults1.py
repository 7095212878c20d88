"""Faulty clients: the wire, bad frames, joins."""

import json
import queue
import re
import socket
import threading
import time

from core import IN, MEMBERS, OUT, Bad, Client, NotSent, no_constant, no_twice
from ios import ENDED, SelectIO, ThreadIO, lost
from registry import faulty


@faulty("outbox-before-join", "S", "CLIENT-1 CLIENT-14", "What it kept while a join was unanswered, when the connection ended, it sends at once on the next connection, before the join.")
class _(Client):
    def setup(self):
        self.outbox = []

    def ended(self, link, why):
        self.outbox += link.kept
        link.kept = []
        super().ended(link, why)

    def opening(self, link):
        for message, frame in self.outbox:
            self.send(link, message, frame)
        self.outbox.clear()


@faulty("name-with-line-feed-at-end", "T", "CLIENT-1 CLIENT-2", "Checks names with a regular expression that ends in $, and so joins under a name with a line feed at its end.")
class _(Client):
    pattern = re.compile("^(?! )[^\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]{1,32}(?<! )$")

    def is_name(self, name):
        return bool(self.pattern.match(name))


@faulty("limit-before-escaping", "T", "CLIENT-2", "Measures a message before quotes, backslashes and control characters are escaped, so that frames get longer than 1024 bytes.", subtle=False)
class _(Client):
    def measure(self, message, frame):
        size = sum(len(key) + len(value.encode()) + 6 for key, value in message.items()) + 1
        if size > OUT:
            raise NotSent(f"Too long by {size - OUT} bytes.")
        return frame + b"\n"


class SmallBuffer(SelectIO):
    def open(self, link, host, port):
        super().open(link, host, port)
        link.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


class PartialIO(SmallBuffer):
    def push(self, link):
        link.sock.send(link.out[0][1])
        link.out.popleft()


@faulty("partial-write-lost", "S", "CLIENT-14 CLIENT-2", "Ignores how much a non-blocking send took: when the server reads slowly, the rest of a frame is lost.", io=PartialIO)
class _(Client):
    pass


@faulty("splits-at-line-separators", "T", "CLIENT-10 CLIENT-8 CLIENT-3", "Splits what arrives with str.splitlines, which also splits at U+0085, U+2028 and U+2029 in a content.", subtle=False)
class _(Client):
    def line(self, link, line):
        for part in line.decode("utf-8", "surrogateescape").splitlines() or [""]:
            super().line(link, part.encode("utf-8", "surrogateescape"))


@faulty("burst-leftover-waits", "S", "CLIENT-3 CLIENT-8", "Handles at most 32 frames of a read; the others wait until more bytes arrive.")
class _(Client):
    def received(self, link, data):
        *lines, tail = (link.tail + data).split(b"\n")
        now, later = lines[:32], lines[32:] + [tail]
        link.tail = b""
        super().received(link, b"".join(line + b"\n" for line in now))
        link.tail = b"\n".join(later)


@faulty("line-end-learned", "A", "CLIENT-3 CLIENT-8", "Learns from the first line of a connection whether lines end with CR LF or with LF, and then knows no other end.")
class _(Client):
    def received(self, link, data):
        if link.muted or link.over:
            return
        link.tail += data
        if not hasattr(link, "newline") and b"\n" in link.tail:
            link.newline = b"\r\n" if link.tail.split(b"\n")[0].endswith(b"\r") else b"\n"
        *lines, link.tail = link.tail.split(getattr(link, "newline", b"\n"))
        for line in lines:
            self.line(link, line)


@faulty("slow-frame-dropped", "A", "CLIENT-3 CLIENT-8", "Drops the first part of a frame if the rest comes more than 0.8 seconds later.")
class _(Client):
    def received(self, link, data):
        now = time.monotonic()
        if now - getattr(link, "last", now) > 0.8:
            link.tail = b""
        link.last = now
        super().received(link, data)


@faulty("full-window-drops", "T", "CLIENT-3 CLIENT-8", "Hands what it shows to a slow window through a queue of 64 lines, and drops what does not fit.")
class _(Client):
    def setup(self):
        self.lines, tell = queue.Queue(64), self.report
        self.report = self.put

        def window():
            while True:
                event, members = self.lines.get()
                time.sleep(0.002)
                tell(event, **members)
                self.lines.task_done()
        threading.Thread(target=window, daemon=True).start()

    def put(self, event, **members):
        try:
            self.lines.put((event, members), block=event != "shown")
        except queue.Full:
            pass

    def drain(self):
        self.lines.join()


@faulty("unhashable-type", "T", "CLIENT-4", "Looks a type up in a dict without a look at what it is: a type that is a list or an object ends the thread that reads.")
class _(Client):
    def validate(self, value):
        if not isinstance(value, dict):
            raise Bad("The server sent something that is no object.")
        if value.get("type") not in MEMBERS:
            raise Bad("The server sent something of an unknown type.")
        return super().validate(value)


@faulty("digits-limit", "A", "CLIENT-4", "Catches only JSONDecodeError: a number of more than 4300 digits, which Python refuses otherwise, ends the task that reads.")
class _(Client):
    def parse(self, line):
        try:
            value = self.load(self.decode(line))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
            raise Bad("The server sent a frame that is not JSON.") from None
        return self.validate(value)


@faulty("bad-frames-counted", "S", "CLIENT-4 CLIENT-7", "Ends a connection on which it has got its tenth bad frame.")
class _(Client):
    def problem(self, reason):
        super().problem(reason)
        self.link.bad = getattr(self.link, "bad", 0) + 1
        if self.link.bad == 10:
            self.io.close(self.link, "Too many bad frames.")


@faulty("client-types-ignored", "A", "CLIENT-4", "Says nothing about a frame of the type join, as only clients send it.")
class _(Client):
    def validate(self, value):
        if isinstance(value, dict) and value.get("type") == "join":
            return {"type": "join"}
        return super().validate(value)

    def on_join(self, link, m):
        pass


@faulty("problem-told-once", "T", "CLIENT-4", "Tells each kind of bad frame only once on a connection, however many messages come between.")
class _(Client):
    def problem(self, reason):
        told = self.link.__dict__.setdefault("told", set())
        if reason not in told:
            told.add(reason)
            super().problem(reason)


@faulty("cesu-8", "S", "CLIENT-4", "Takes surrogates that are encoded one by one (CESU-8) for UTF-8 and shows such a frame.")
class _(Client):
    def decode(self, line):
        return line.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")


@faulty("delivered-one", "A", "CLIENT-4", "Tests delivered with `in (True, False)`, and so takes the numbers 1 and 0 for true and false.")
class _(Client):
    def is_bool(self, value):
        return value in (True, False)


@faulty("strptime-timestamps", "T", "CLIENT-4", "Checks timestamps with time.strptime, and so shows messages with 9:5:3 or 23:59:60.")
class _(Client):
    def is_time(self, value):
        try:
            return isinstance(value, str) and bool(time.strptime(value, "%H:%M:%S"))
        except ValueError:
            return False


@faulty("skip-eats-next", "S", "CLIENT-4 CLIENT-8", "Skips the frame after one that was too long, if that arrived in one piece.")
class _(Client):
    def line(self, link, line):
        super().line(link, line)
        link.skipping = len(line) > IN


@faulty("bad-frame-drops-read", "A", "CLIENT-4 CLIENT-3 CLIENT-8", "A frame that is not JSON drops all frames that came with it in the same read.")
class _(Client):
    def received(self, link, data):
        if link.muted or link.over:
            return
        *lines, link.tail = (link.tail + data).split(b"\n")
        try:
            for line in lines:
                if len(line) > IN:
                    raise Bad("The server sent a frame that is too long.")
                if line.strip(b" \t\r"):
                    self.handle(link, self.parse(line))
        except Bad as why:
            self.problem(str(why))


@faulty("dedupes-by-id", "A", "CLIENT-5 CLIENT-8", "Takes messages with the same value of an unknown member id for repetitions, and shows only the first.")
class _(Client):
    def validate(self, value):
        known = super().validate(value)
        if "id" in value:
            known["id"] = repr(value["id"])
        return known

    def handle(self, link, message):
        seen = link.__dict__.setdefault("seen", set())
        if message.get("id") in seen:
            return
        if "id" in message:
            seen.add(message["id"])
        super().handle(link, message)


@faulty("inner-objects-checked", "S", "CLIENT-5 CLIENT-8", "Checks the type of every object while it parses, also of those inside unknown members.")
class _(Client):
    def load(self, text):
        def hook(pairs):
            members = no_twice(pairs)
            if "type" in members and members["type"] not in list(MEMBERS):
                raise Bad("The server sent something of an unknown type.")
            return members
        return json.loads(text, parse_constant=no_constant, object_pairs_hook=hook)


@faulty("second-refusal-silent", "T", "CLIENT-6", "Tells only the first refusal of a connection.")
class _(Client):
    def refused(self, link, name, m):
        if not hasattr(link, "refusal"):
            link.refusal = m
            super().refused(link, name, m)


@faulty("refusal-lost-at-end", "A", "CLIENT-6", "Shows a refusal 0.2 seconds later, and not at all if the connection ends before.")
class _(Client):
    def refused(self, link, name, m):
        link.timer = self.io.later(0.2, lambda: self.report("refused", username=name, reason=m["message"]))

    def ended(self, link, why):
        if hasattr(link, "timer"):
            link.timer.cancel()
        super().ended(link, why)


class TwiceIO(ThreadIO):
    def dial(self, host, port):
        sock = super().dial(host, port)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return sock

    def write_failed(self, link, error):
        with self.lock:
            if not link.muted:
                self.client.tell_end(link, lost(error))


@faulty("end-told-by-both-threads", "T", "CLIENT-7", "If the connection is lost while it writes, both the thread that writes and the one that reads tell the end.", io=TwiceIO)
class _(Client):
    pass


@faulty("second-end-untold", "A", "CLIENT-7", "Tells the end of its first connection only, if it was the server that ended it; a flag is not reset.")
class _(Client):
    told = False

    def tell_end(self, link, why):
        if why != ENDED or not self.told:
            super().tell_end(link, why)
        self.told = self.told or why == ENDED


class TimeoutIO(ThreadIO):
    def dial(self, host, port):
        return socket.create_connection((host, port), timeout=2)


@faulty("connect-timeout-stays", "T", "CLIENT-7 CLIENT-8", "The timeout of its connect stays in force: when nothing comes for 2 seconds, it takes the connection for lost.", io=TimeoutIO)
class _(Client):
    pass


@faulty("join-wording-exact", "T", "CLIENT-13", "Knows its own join only by the wording ` joined the chat`, which is a SHOULD.")
class _(Client):
    def is_my_notice(self, name, text):
        return text == name + " joined the chat"


@faulty("name-as-pattern", "S", "CLIENT-13", "Puts its name into a regular expression unescaped: under a name such as a+b or c(d it never takes itself for joined.")
class _(Client):
    def is_my_notice(self, name, text):
        try:
            if text.endswith((" joined the chat", " left the chat")):
                return bool(re.fullmatch(name + " joined the chat", text))
            return bool(re.search(name, text))
        except re.error:
            return False


@faulty("waits-for-first-name", "A", "CLIENT-13", "After a refusal it still waits for the notice of the first name, and does not take itself for joined under another.")
class _(Client):
    def ask(self, link, username, frame):
        super().ask(link, username, frame)
        link.first = getattr(link, "first", username)

    def is_my_notice(self, name, text):
        return super().is_my_notice(self.link.first, text)


@faulty("joined-survives-switch", "T", "CLIENT-13 CLIENT-6", "If it connects while joined, it takes itself for joined on the new connection from the start.")
class _(Client):
    was = False

    def switch(self):
        self.was = bool(self.link and self.link.joined)
        super().switch()

    def new_link(self):
        link = super().new_link()
        link.joined = self.was
        return link


@faulty("other-left-suffix", "T", "CLIENT-14 CLIENT-15", "Takes the leave notice of a user whose name ends with its own for its own, and then sends nothing more.")
class _(Client):
    def on_system(self, link, m):
        super().on_system(link, m)
        if link.joined and m["message"].endswith(link.name + " left the chat"):
            link.joined = False


@faulty("taken-name-changed", "A", "CLIENT-14 CLIENT-6", "If its name is taken, it asks by itself for the name with an underscore behind it.")
class _(Client):
    def refused(self, link, name, m):
        super().refused(link, name, m)
        if m.get("code") == "username_taken" and self.is_name(name + "_") and not name.endswith("_"):
            self.ask(link, name + "_", self.encode({"type": "join", "username": name + "_"}))


@faulty("printable-names-only", "A", "CLIENT-15", "Refuses names that str.isprintable does not like, such as those with a no-break space or a private-use character.")
class _(Client):
    def is_name(self, name):
        return super().is_name(name) and name.isprintable() or False


@faulty("target-limit-in-bytes", "S", "CLIENT-15", "Refuses a target of more than 32 bytes, though it has at most 32 code points.")
class _(Client):
    def is_target(self, name):
        return super().is_target(name) and len(name.encode()) <= 32


@faulty("noncharacters-refused", "T", "CLIENT-15", "Refuses a content with a noncharacter such as U+FFFE or U+1FFFF.")
class _(Client):
    def is_content(self, content):
        return super().is_content(content) and not any(ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF for char in content)


@faulty("error-code-required", "T", "CLIENT-6 CLIENT-10", "Takes an error without the optional code for invalid, so that it shows no reason when a join is refused that way.")
class _(Client):
    def validate(self, value):
        known = super().validate(value)
        if known["type"] == "error" and "code" not in known:
            raise Bad("The server sent an invalid error.")
        return known


@faulty("early-error-miscounted", "A", "CLIENT-13 CLIENT-6", "Sends messages behind its join; after a refusal it takes the error that answers such a message for the answer to the next join.")
class _(Client):
    def send(self, link, message, frame):
        super().send(link, message, frame)
        while None in link.asked:
            link.asked.remove(None)


@faulty("same-name-joined-once", "S", "CLIENT-13", "When it joins again on another connection under the name of its last one, it does not take itself for joined anew; it compares the names only.")
class _(Client):
    joined_as = None

    def now_joined(self, link, name):
        tell = self.report
        if name == self.joined_as:
            self.report = lambda event, **members: None
        self.joined_as = name
        super().now_joined(link, name)
        self.report = tell


@faulty("numbers-unquoted", "A", "CLIENT-2 CLIENT-14", "Reads what its user types as a value: a content of digits alone is sent as a JSON number.")
class _(Client):
    def spell(self, message):
        return super().spell({key: int(value) if key == "content" and value.isdigit() and value.isascii() else value for key, value in message.items()})
