"""Plays one exchange to every client that is built on the baseline, with no socket, and prints what each did, as JSON.

Run with the folder of the clients and the one above it on the path; a line is
``{"name": …, "trace": [["sends"|"tells"|"ends"|"dies", …], …]}``.
"""

import json

from baseline.requests import take_request
from catalogue import CATALOGUE

LONG = "x" * 981
SAID = [
    "mine", "", "x" * 991, LONG, LONG + "x" * 12, LONG + "x" * 13, "x" * 1100, "é" * 500, "é", "e\u0301", " padded ",
    "two\nlines", "\ud800", "\U0001f600",
]  # fmt: skip


def frame(kind, **members):
    return json.dumps({"type": kind, **members, "timestamp": "10:00:00"}, ensure_ascii=False).encode()


def public(content, username="bob", **members):
    return frame("message", username=username, content=content, **members)


def confirmed(**members):
    return frame("private_confirmation", target="bob", content="psst", **members)


BAD = [
    b"no JSON", b"\xff", b'{"type":"later"}', b"null", b"[" * 4000, b"y" * 9000, public(5),
    public("a\tb").replace(b"\\t", b"\t"), frame("system", message="x").replace(b"10:", b"99:"),
    b'{"type":"system","message":"x"}', frame("system", message="x", n=float("nan")),
    frame("system", message="x") + b" more", confirmed(delivered=1),
]  # fmt: skip
GOOD = [
    public("hi"), public("hi"), public("mine"), public("two\nlines"), public("line\u2028separator"),
    public("\U0001f600 é"), public("l" * 2000), public("l" * 7000), public("mine", "alice"), public("hi", sender="eve"),
    frame("private_message", sender="bob", content="psst \U0001f600"),
    frame("private_message", sender="alice", content="note"), frame("server", message="tea"),
    frame("system", message="x", more={"deep": [1]}), frame("system", message="x", more=1),
    frame("error", message="no"), confirmed(delivered=True), confirmed(delivered=True, more=1),
    confirmed(delivered=False, reason="gone"), confirmed(delivered=False),
    frame("system", message="alicette joined the chat"), public("alice joined the chat"),
]  # fmt: skip


class Trace:
    """A link that writes down what a client does, and dies of nothing."""

    def __init__(self, make_client):
        self.steps = []
        self.client = make_client(self)

    def connect(self, host, port):
        self.steps.append(["connects", host, port])

    def send(self, data):
        self.steps.append(["sends", data.decode("latin-1")])

    def close(self):
        self.steps.append(["ends"])

    def report(self, event):
        self.steps.append(["tells", event])

    def ask(self, **request):
        self.call(take_request, self.client, json.dumps(request).encode())

    def receive(self, *pieces):
        for data in pieces:
            if self.client.connected:
                self.call(self.client.receive, data)

    def lose(self, *, reset):
        if self.client.connected:
            self.call(self.client.lose, reset=reset)

    def call(self, act, *words, **named):
        self.steps.append(["asked", act.__name__])
        try:
            act(*words, **named)
        except SystemExit as death:
            self.steps.append(["dies", str(death)])

    def join(self, name="alice"):
        self.ask(do="connect", host="127.0.0.1", port=1, username=name)
        self.receive(frame("system", message=f"{name} joined the chat") + b"\n")


def play(trace):
    """Play the scene: refusals, all kinds of words said, good and bad frames whole and in pieces, all ends."""
    for name in ("", "a\u200bb", " alice", "élan"):
        trace.ask(do="connect", host="127.0.0.1", port=1, username=name)
    trace.lose(reset=False)
    refuse(trace)
    trace.join()
    for content in SAID:
        trace.ask(do="say", content=content)
        trace.ask(do="say_privately", target="bob", content=content)
    trace.ask(do="say_privately", target="no\nname", content="x")
    for frames in (GOOD, GOOD):
        hear(trace, frames)
    hear(trace, BAD)
    trace.lose(reset=False)
    for reset in (False, True):
        trace.join("alice")
        trace.receive(frame("system", message="half"))
        trace.lose(reset=reset)
        trace.ask(do="connect", host="127.0.0.1", port=1, username="alice")
        trace.lose(reset=reset)
    trace.join()
    trace.lose(reset=True)
    trace.ask(do="say", content="too late")
    trace.ask(do="say_privately", target="bob", content="too late")
    trace.join()
    trace.ask(do="leave")


def refuse(trace):
    trace.ask(do="connect", host="127.0.0.1", port=1, username="alice")
    trace.ask(do="say", content="too early")
    for _ in range(2):
        trace.receive(b'{"type":"error","message":"taken"}\n')
        trace.ask(do="say", content="refused")
        trace.ask(do="join", username="alice")
    trace.ask(do="leave")


def hear(trace, frames):
    for each in frames:
        trace.receive(each + b"\n")
    trace.receive(b"\n".join(frames) + b"\n")
    for at in (0, 7):
        for each in frames:
            cut = len(each) - at
            trace.receive(each[:cut], each[cut:], b"\n")
    for each in frames:
        cut = each.find("é".encode()) + 1
        trace.receive(each[:cut], each[cut:] + b"\n")


def main():
    for entry in CATALOGUE.entries():
        make_client = CATALOGUE.find(entry.name)
        if make_client is not None and "-ms" not in entry.name:
            trace = Trace(make_client)
            play(trace)
            print(json.dumps({"name": entry.name, "trace": trace.steps}))  # noqa: T201  what was asked for


main()
