"""Faulty clients: what is shown, what is sent, the end."""

import re
import socket
import time
import unicodedata
from collections import deque

from core import SURROGATE, Client, NotSent
from faults1 import SmallBuffer
from ios import SelectIO, ThreadIO
from registry import faulty


@faulty("same-second-same-words", "S", "CLIENT-8", "Takes a message that equals the one before it, timestamp included, for a repetition and does not show it.")
class _(Client):
    def handle(self, link, message):
        last, link.last = getattr(link, "last", None), message
        if message != last or message["type"] != "message":
            super().handle(link, message)


@faulty("own-echo-in-a-set", "A", "CLIENT-8", "Shows its own message when it sends it and keeps a set of those to drop when they return: of two equal ones sent in a row, the second appears twice.")
class _(Client):
    def send(self, link, message, frame):
        super().send(link, message, frame)
        if link.joined and message["type"] == "message":
            link.__dict__.setdefault("own", set()).add(message["content"])
            self.show("message", username=link.name, content=message["content"])

    def on_message(self, link, m):
        own = link.__dict__.get("own", set())
        if m["username"] == link.name and m["content"] in own:
            own.remove(m["content"])
        else:
            super().on_message(link, m)


@faulty("own-name-casefolded", "S", "CLIENT-8 CLIENT-10", "Shows its own message when it sends it and drops all that comes under its own name in any letter case: what Alice says, alice never sees.")
class _(Client):
    def send(self, link, message, frame):
        super().send(link, message, frame)
        if message["type"] == "message":
            self.show("message", username=link.name, content=message["content"])

    def on_message(self, link, m):
        if m["username"].casefold() != link.name.casefold():
            super().on_message(link, m)


@faulty("roster-not-reset", "T", "CLIENT-8 CLIENT-10", "Shows no join notice of a user who is on its list already; the list survives the connection.")
class _(Client):
    def setup(self):
        self.roster = set()

    def on_system(self, link, m):
        name, joined, _ = m["message"].partition(" joined the chat")
        if joined and link.joined:
            if name in self.roster:
                return
            self.roster.add(name)
        self.roster.discard(m["message"].partition(" left the chat")[0])
        super().on_system(link, m)


@faulty("private-to-self-hidden", "A", "CLIENT-8", "Drops a private message that comes from its own user, as if the confirmation had shown it.")
class _(Client):
    def on_private_message(self, link, m):
        if m["sender"] != link.name:
            super().on_private_message(link, m)


@faulty("failure-told-once-per-target", "T", "CLIENT-9", "Tells only once that a target is away: further private messages to it fail without a word.")
class _(Client):
    def setup(self):
        self.away = set()

    def undelivered(self, target, content, reason):
        if target not in self.away:
            self.away.add(target)
            super().undelivered(target, content, reason)


@faulty("failure-needs-reason", "S", "CLIENT-9 CLIENT-10", "Shows an undelivered private message as delivered if the confirmation has no reason.", subtle=False)
class _(Client):
    def on_private_confirmation(self, link, m):
        m["delivered"] = "reason" not in m
        super().on_private_confirmation(link, m)


@faulty("reason-means-failed", "A", "CLIENT-10", "Shows a private message as failed if its confirmation has a reason, although delivered is true.")
class _(Client):
    def on_private_confirmation(self, link, m):
        m["delivered"] = m["delivered"] and "reason" not in m
        super().on_private_confirmation(link, m)


@faulty("confirmation-by-target", "T", "CLIENT-10", "Shows at a confirmation the last content that it sent to this target, not the one that is confirmed.")
class _(Client):
    def send(self, link, message, frame):
        super().send(link, message, frame)
        if "target" in message:
            link.__dict__.setdefault("last", {})[message["target"]] = message["content"]

    def on_private_confirmation(self, link, m):
        m["content"] = link.__dict__.get("last", {}).get(m["target"], m["content"])
        super().on_private_confirmation(link, m)


@faulty("confirmation-queue-shifts", "S", "CLIENT-10", "Takes target and content of a confirmation from a queue of what it sent, which an error in place of a confirmation does not shorten.")
class _(Client):
    def send(self, link, message, frame):
        super().send(link, message, frame)
        if "target" in message:
            link.__dict__.setdefault("sent", deque()).append(message)

    def on_private_confirmation(self, link, m):
        if link.__dict__.get("sent"):
            sent = link.sent.popleft()
            m["target"], m["content"] = sent["target"], sent["content"]
        super().on_private_confirmation(link, m)


@faulty("name-cache-normalised", "A", "CLIENT-10", "Keeps names in a cache under their NFC form: the second of two users whose names differ only in that is shown under the name of the first.")
class _(Client):
    def setup(self):
        self.names = {}

    def cached(self, name):
        return self.names.setdefault(unicodedata.normalize("NFC", name), name)

    def on_message(self, link, m):
        super().on_message(link, m | {"username": self.cached(m["username"])})

    def on_private_message(self, link, m):
        super().on_private_message(link, m | {"sender": self.cached(m["sender"])})


@faulty("content-as-template", "S", "CLIENT-10", "Puts the content into a template and then fills that with str.format: {{ becomes {, and {user} a name.")
class _(Client):
    def on_message(self, link, m):
        try:
            m["content"] = m["content"].format(user=m["username"], time=m["timestamp"])
        except (ValueError, LookupError, AttributeError):
            pass
        super().on_message(link, m)


@faulty("hours-from-one", "A", "CLIENT-8 CLIENT-10 CLIENT-13", "Takes a timestamp between 00:00:00 and 00:59:59 for invalid, as its hour is not true.")
class _(Client):
    def is_time(self, value):
        return bool(super().is_time(value) and int(value[:2]))


@faulty("colour-codes-removed", "S", "CLIENT-10", "Removes whole colour sequences from texts, so that the visible [31m is lost together with the ESC.")
class _(Client):
    def show(self, kind, **members):
        super().show(kind, **{key: re.sub("\x1b\\[[0-9;]*m", "", value) for key, value in members.items()})


@faulty("shown-until-nul", "A", "CLIENT-10", "Shows a content only up to its first U+0000.")
class _(Client):
    def show(self, kind, **members):
        super().show(kind, **{key: value.split("\0")[0] or value for key, value in members.items()})


@faulty("sorted-by-time", "S", "CLIENT-11", "Sorts the frames of one read by their timestamps, which goes wrong at midnight.")
class _(Client):
    batch = None

    def received(self, link, data):
        self.batch, self.now = [], ""
        super().received(link, data)
        batch, self.batch = self.batch, None
        for _, show, *what in sorted(batch, key=lambda item: item[0]):
            show(*what)

    def handle(self, link, message):
        self.now = message.get("timestamp", self.now)
        self.batch.append((self.now, super().handle, link, message))

    def problem(self, reason):
        self.batch.append((self.now, super().problem, reason))


@faulty("long-frames-overtaken", "T", "CLIENT-11", "Lays out contents of more than 2000 code points aside, so that shorter messages overtake them.")
class _(Client):
    def handle(self, link, message):
        if len(message.get("content", "")) > 2000:
            show = super().handle
            self.io.later(0.05, lambda: show(link, message))
        else:
            super().handle(link, message)


@faulty("own-shown-then-refused", "T", "CLIENT-12", "Shows its own message before it finds that it is too long to be sent.")
class _(Client):
    def do_say(self, content):
        link = self.link
        if link and link.joined and self.is_content(content):
            self.show("message", username=link.name, content=content)
            link.__dict__.setdefault("own", deque()).append(content)
        try:
            super().do_say(content)
        except NotSent:
            if link and link.__dict__.get("own"):
                link.own.pop()
            raise

    def on_message(self, link, m):
        own = link.__dict__.get("own")
        if own and m["username"] == link.name and m["content"] == own[0]:
            own.popleft()
        else:
            super().on_message(link, m)


@faulty("history-replayed", "S", "CLIENT-12 CLIENT-8", "When it has joined again, it shows the last messages of the connection before once more.")
class _(Client):
    def setup(self):
        self.history = deque(maxlen=3)

    def on_message(self, link, m):
        super().on_message(link, m)
        self.history.append(m)

    def now_joined(self, link, name):
        super().now_joined(link, name)
        for m in list(self.history):
            super().on_message(link, m)


@faulty("assumed-delivered", "A", "CLIENT-12 CLIENT-9", "Shows a private message as delivered if no confirmation has come for a second.")
class _(Client):
    def send(self, link, message, frame):
        super().send(link, message, frame)
        if "target" in message:
            waiting, assumed = link.__dict__.setdefault("waiting", ([], []))
            waiting.append(message)

            def assume():
                if message in waiting and not link.over:
                    waiting.remove(message)
                    assumed.append(message)
                    self.show("private_confirmation", target=message["target"], content=message["content"])
            self.io.later(1, assume)

    def on_private_confirmation(self, link, m):
        sent = {"type": "private_message", "target": m["target"], "content": m["content"]}
        waiting, assumed = link.__dict__.get("waiting", ([], []))
        if sent in assumed:
            assumed.remove(sent)
        else:
            if sent in waiting:
                waiting.remove(sent)
            super().on_private_confirmation(link, m)


@faulty("kept-after-refusal", "S", "CLIENT-14", "What it kept for a join that was refused, it sends when another name is accepted.")
class _(Client):
    def give_up_kept(self, link):
        if link.over or link.leaving:
            super().give_up_kept(link)


@faulty("double-click-guard", "A", "CLIENT-14", "Ignores a public message that equals the one asked for less than 0.3 seconds before.")
class _(Client):
    last = ("", 0)

    def do_say(self, content):
        last, self.last = self.last, (content, time.monotonic())
        if last[0] != content or self.last[1] - last[1] > 0.3:
            super().do_say(content)


@faulty("target-respelled", "S", "CLIENT-14", "Writes a target in the letter case in which it has seen a user speak.")
class _(Client):
    def setup(self):
        self.seen = {}

    def on_message(self, link, m):
        self.seen[m["username"].casefold()] = m["username"]
        super().on_message(link, m)

    def do_say_privately(self, target, content):
        super().do_say_privately(self.seen.get(target.casefold(), target), content)


@faulty("leading-mark-lost", "A", "CLIENT-14", "Decodes what its user types as utf-8-sig: a content loses a U+FEFF at its start.")
class _(Client):
    def chat(self, message):
        if not SURROGATE.search(message["content"]) and len(message["content"]) > 1:
            message["content"] = message["content"].encode().decode("utf-8-sig")
        super().chat(message)


@faulty("unconfirmed-sent-again", "S", "CLIENT-14", "Sends private messages that were not confirmed again when it has joined on the next connection.")
class _(Client):
    def setup(self):
        self.open = []

    def send(self, link, message, frame):
        super().send(link, message, frame)
        if "target" in message:
            self.open.append((message, frame))

    def on_private_confirmation(self, link, m):
        self.open = [item for item in self.open if item[0]["content"] != m["content"]]
        super().on_private_confirmation(link, m)

    def now_joined(self, link, name):
        super().now_joined(link, name)
        again, self.open = self.open, []
        for message, frame in again:
            self.send(link, message, frame)


@faulty("old-end-unjoins-new", "T", "CLIENT-14 CLIENT-15", "When the server ends the old connection late, it takes itself for not joined on the new one and refuses to send.")
class _(Client):
    def ended(self, link, why):
        if link.muted and self.link:
            self.link.joined = False
        super().ended(link, why)


@faulty("sent-again-after-error", "T", "CLIENT-14", "Sends its last message once more if an error answers it.")
class _(Client):
    def send(self, link, message, frame):
        super().send(link, message, frame)
        link.last = (message, frame)

    def late_error(self, link, m):
        super().late_error(link, m)
        if link.joined and getattr(link, "last", None):
            super().send(link, *link.last)
            link.last = None


@faulty("kept-drops-oldest", "S", "CLIENT-14", "Keeps only the last 16 messages while its join is unanswered, and drops older ones without a word.")
class _(Client):
    def new_link(self):
        link = super().new_link()
        link.kept = deque(maxlen=16)
        return link


@faulty("leave-drops-kept", "S", "CLIENT-16", "If its user leaves while the join is unanswered, what it kept is dropped without a word.")
class _(Client):
    def do_leave(self):
        if self.link:
            self.link.kept = []
        super().do_leave()


class ClosingIO(SelectIO):
    def end(self, link):
        self.close(link, "You left.")


@faulty("leave-closes-unread", "S", "CLIENT-16", "Closes its socket as soon as the last word is written: what the server is still sending is answered with a reset.", io=ClosingIO)
class _(Client):
    pass


@faulty("switch-drops-queue", "S", "CLIENT-16 CLIENT-14", "If it connects anew, what was still to be written on the old connection is dropped.", io=SmallBuffer)
class _(Client):
    def switch(self):
        if self.link:
            self.link.out.clear()
        super().switch()


@faulty("leave-needs-joined", "A", "CLIENT-16", "Does not end the connection when its user leaves before it has joined, or after a refusal.")
class _(Client):
    def do_leave(self):
        if self.link and self.link.joined:
            super().do_leave()


class HastyIO(ThreadIO):
    def dial(self, host, port):
        sock = super().dial(host, port)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return sock

    def stop(self):
        with self.lock:
            self.client.do_leave()
            self.changed.wait_for(lambda: not self.links, 0.5)


@faulty("half-second-to-flush", "T", "CLIENT-16", "At the end of its input it waits only half a second until all is written, and exits.", io=HastyIO)
class _(Client):
    pass


@faulty("kept-after-end", "S", "CLIENT-17 CLIENT-14", "What is asked after the end of a connection it keeps without a word, and sends it when it has joined on the next one.")
class _(Client):
    def setup(self):
        self.later = []

    def chat(self, message):
        link = self.link
        if link and link.over and not link.leaving:
            self.later.append((message, self.encode(message)))
        else:
            super().chat(message)

    def send_kept(self, link):
        link.kept, self.later = self.later + link.kept, []
        super().send_kept(link)


@faulty("private-after-end-silent", "T", "CLIENT-17", "Says nothing when a private message is asked for after the end of the connection.")
class _(Client):
    def do_say_privately(self, target, content):
        if not self.link or not self.link.over:
            super().do_say_privately(target, content)


@faulty("not-sent-told-once", "A", "CLIENT-17", "Tells only once for a connection that there is none any more; what is asked after that is dropped without a word.")
class _(Client):
    def chat(self, message):
        link = self.link
        if link and link.over:
            if hasattr(link, "told"):
                return
            link.told = True
        super().chat(message)


@faulty("escapes-decoded-twice", "T", "CLIENT-10", "Decodes escapes in texts once more: a visible backslash and n become a line feed.")
class _(Client):
    def show(self, kind, **members):
        super().show(kind, **{key: value.replace("\\n", "\n").replace("\\t", "\t") if key in ("content", "message") else value for key, value in members.items()})
