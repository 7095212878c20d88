"""Clients that bad frames stop, fool, or leave silent (CLIENT-4)."""

import json

from baseline.checks import REQUIRED, is_time
from baseline.client import Client
from baseline.refused import Refused
from catalogue import faulty


@faulty("client-leaves-at-bad-json", breaks=("CLIENT-4",), note="ends the connection at a frame that is not JSON")
def ignore(self, frame, reason):
    Client.ignore(self, frame, reason)
    if "not JSON" in reason:
        self.leave()


@faulty("client-dies-of-bad-bytes", breaks=("CLIENT-4",), note="dies of a frame that is not UTF-8")
def parse(self, frame):
    try:
        frame.decode()
    except UnicodeDecodeError:
        raise SystemExit("not UTF-8") from None
    return Client.parse(self, frame)


@faulty("client-silent-on-unknown", breaks=("CLIENT-4",), note="says nothing of a message of unknown type")
def ignore(self, frame, reason):
    if "unknown type" not in reason:
        Client.ignore(self, frame, reason)


@faulty("client-silent-on-bad-frames", breaks=("CLIENT-4",), note="says nothing of any frame that it ignores")
def ignore(self, frame, reason):
    pass


@faulty("client-shows-garbage", breaks=("CLIENT-4",), note="shows what is not JSON as a notice of the server")
def ignore(self, frame, reason):
    Client.ignore(self, frame, reason)
    if "not JSON" in reason:
        self.show("system", message=frame.decode("utf-8", "replace"))


@faulty(
    "client-tells-of-one", breaks=("CLIENT-4",), note="tells of the first bad frame of a connection only", subtle=True
)
class TellsOfOne(Client):
    def begin(self):
        super().begin()
        self.told = False

    def ignore(self, frame, reason):
        if not self.told:
            super().ignore(frame, reason)
        self.told = True


@faulty("client-gives-up-at-the-fifth", breaks=("CLIENT-4",), note="leaves at the fifth bad frame", subtle=True)
class GivesUpAtTheFifth(Client):
    def begin(self):
        super().begin()
        self.bad = 0

    def ignore(self, frame, reason):
        super().ignore(frame, reason)
        self.bad += 1
        if self.bad == 5:
            self.leave()


@faulty("client-takes-nan", breaks=("CLIENT-4",), note="reads NaN and Infinity as JSON", subtle=True)
def parse(self, frame):
    for word in (b"-Infinity", b"Infinity", b"NaN"):
        frame = frame.replace(b":" + word, b":0").replace(b": " + word, b":0")
    return Client.parse(self, frame)


@faulty("client-takes-text-after", breaks=("CLIENT-4",), note="ignores what stands after the object", subtle=True)
def parse(self, frame):
    try:
        return Client.parse(self, frame)
    except Refused:
        try:
            return json.JSONDecoder().raw_decode(frame.decode().lstrip())[0]
        except (ValueError, RecursionError):
            raise Refused("the server sent a frame that is not JSON") from None


@faulty("client-takes-raw-controls", breaks=("CLIENT-4",), note="takes raw control characters in strings", subtle=True)
def parse(self, frame):
    try:
        return json.loads(frame.decode(), strict=False) if b"\t" in frame else Client.parse(self, frame)
    except ValueError as error:
        raise Refused(str(error)) from None


@faulty("client-dies-of-null", breaks=("CLIENT-4",), note="dies of JSON that is not an object", subtle=True)
def check(self, value):
    if not isinstance(value, dict):
        raise SystemExit("no object")
    return Client.check(self, value)


@faulty("client-dies-of-depth", breaks=("CLIENT-4",), note="dies of deep nesting", subtle=True)
def parse(self, frame):
    if frame.count(b"[") > 500 or frame.count(b"{") > 500:
        raise SystemExit("too deep")
    return Client.parse(self, frame)


@faulty("client-shows-numbers", breaks=("CLIENT-4",), note="shows a content that is no string")
def check(self, value):
    if isinstance(value, dict) and not isinstance(value.get("content", ""), str):
        value = {**value, "content": str(value["content"])}
    return Client.check(self, value)


@faulty("client-any-time", breaks=("CLIENT-4",), note="takes any eight characters for a timestamp", subtle=True)
def check(self, value):
    time = value.get("timestamp") if isinstance(value, dict) else None
    if isinstance(time, str) and len(time) == 8 and not is_time(time):
        value = {**value, "timestamp": "00:00:00"}
    return Client.check(self, value)


@faulty("client-no-time-needed", breaks=("CLIENT-4",), note="shows messages with no timestamp", subtle=True)
def check(self, value):
    if isinstance(value, dict) and value.get("type") in REQUIRED and "timestamp" not in value:
        value = {**value, "timestamp": "00:00:00"}
    return Client.check(self, value)


@faulty("client-truthy-delivery", breaks=("CLIENT-4",), note="takes any value for delivered", subtle=True)
def check(self, value):
    if isinstance(value, dict) and "delivered" in value:
        value = {**value, "delivered": bool(value["delivered"])}
    return Client.check(self, value)


@faulty(
    "client-stops-after-overlong",
    breaks=("CLIENT-4",),
    note="goes deaf after a frame of more than 8192 bytes",
    subtle=True,
)
class StopsAfterOverlong(Client):
    def begin(self):
        super().begin()
        self.deaf = False

    def cut(self, data):
        return [] if self.deaf else super().cut(data)

    def ignore(self, frame, reason):
        super().ignore(frame, reason)
        self.deaf = not isinstance(frame, bytes)
