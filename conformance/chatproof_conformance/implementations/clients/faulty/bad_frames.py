"""Clients that bad frames stop, fool, or leave silent (CLIENT-4)."""

import json

from baseline.checks import REQUIRED, is_time
from baseline.client import Client
from baseline.refused import Refused
from catalogue import faulty, subtle


@faulty("client-leaves-at-bad-json", "ends the connection at a frame that is not JSON", breaks=("CLIENT-4",))
def ignore(self, frame, reason):
    Client.ignore(self, frame, reason)
    if "not JSON" in reason:
        self.leave()


@faulty("client-dies-of-bad-bytes", "dies of a frame that is not UTF-8", breaks=("CLIENT-4",))
def parse(self, frame):
    try:
        frame.decode()
    except UnicodeDecodeError:
        raise SystemExit("not UTF-8") from None
    return Client.parse(self, frame)


@faulty("client-silent-on-unknown", "says nothing of a message of unknown type", breaks=("CLIENT-4",))
def ignore(self, frame, reason):
    if "unknown type" not in reason:
        Client.ignore(self, frame, reason)


@faulty("client-silent-on-bad-frames", "says nothing of any frame that it ignores", breaks=("CLIENT-4",))
def ignore(self, frame, reason):
    pass


@faulty("client-shows-garbage", "shows what is not JSON as a notice of the server", breaks=("CLIENT-4",))
def ignore(self, frame, reason):
    Client.ignore(self, frame, reason)
    if "not JSON" in reason:
        self.show("system", message=frame.decode("utf-8", "replace"))


@subtle("client-tells-of-one", "tells of the first bad frame of a connection only", breaks=("CLIENT-4",))
class TellsOfOne(Client):
    def begin(self):
        super().begin()
        self.reported = False

    def ignore(self, frame, reason):
        if not self.reported:
            super().ignore(frame, reason)
        self.reported = True


@subtle("client-gives-up-at-the-fifth", "leaves at the fifth bad frame", breaks=("CLIENT-4",))
class GivesUpAtTheFifth(Client):
    def begin(self):
        super().begin()
        self.bad = 0

    def ignore(self, frame, reason):
        super().ignore(frame, reason)
        self.bad += 1
        if self.bad == 5:
            self.leave()


@subtle("client-takes-nan", "reads NaN and Infinity as JSON", breaks=("CLIENT-4",))
def parse(self, frame):
    for word in (b"-Infinity", b"Infinity", b"NaN"):
        frame = frame.replace(b":" + word, b":0").replace(b": " + word, b":0")
    return Client.parse(self, frame)


@subtle("client-takes-text-after", "ignores what stands after the object", breaks=("CLIENT-4",))
def parse(self, frame):
    try:
        return Client.parse(self, frame)
    except Refused:
        try:
            return json.JSONDecoder().raw_decode(frame.decode().lstrip())[0]
        except (ValueError, RecursionError):
            raise Refused("the server sent a frame that is not JSON") from None


@subtle("client-takes-raw-controls", "takes raw control characters in strings", breaks=("CLIENT-4",))
def parse(self, frame):
    try:
        return json.loads(frame.decode(), strict=False) if b"\t" in frame else Client.parse(self, frame)
    except ValueError as error:
        raise Refused(str(error)) from None


@subtle("client-dies-of-null", "dies of JSON that is not an object", breaks=("CLIENT-4",))
def check(self, value):
    if not isinstance(value, dict):
        raise SystemExit("no object")
    return Client.check(self, value)


@subtle("client-dies-of-depth", "dies of deep nesting", breaks=("CLIENT-4",))
def parse(self, frame):
    if frame.count(b"[") > 500 or frame.count(b"{") > 500:
        raise SystemExit("too deep")
    return Client.parse(self, frame)


@faulty("client-shows-numbers", "shows a content that is no string", breaks=("CLIENT-4",))
def check(self, value):
    if isinstance(value, dict) and not isinstance(value.get("content", ""), str):
        value = {**value, "content": str(value["content"])}
    return Client.check(self, value)


@subtle("client-any-time", "takes any eight characters for a timestamp", breaks=("CLIENT-4",))
def check(self, value):
    time = value.get("timestamp") if isinstance(value, dict) else None
    if isinstance(time, str) and len(time) == 8 and not is_time(time):
        value = {**value, "timestamp": "00:00:00"}
    return Client.check(self, value)


@subtle("client-no-time-needed", "shows messages with no timestamp", breaks=("CLIENT-4",))
def check(self, value):
    if isinstance(value, dict) and value.get("type") in REQUIRED and "timestamp" not in value:
        value = {**value, "timestamp": "00:00:00"}
    return Client.check(self, value)


@subtle("client-truthy-delivery", "takes any value for delivered", breaks=("CLIENT-4",))
def check(self, value):
    if isinstance(value, dict) and "delivered" in value:
        value = {**value, "delivered": bool(value["delivered"])}
    return Client.check(self, value)


@subtle("client-stops-after-overlong", "goes deaf after a frame of more than 8192 bytes", breaks=("CLIENT-4",))
class StopsAfterOverlong(Client):
    def begin(self):
        super().begin()
        self.deaf = False

    def cut(self, data):
        return [] if self.deaf else super().cut(data)

    def ignore(self, frame, reason):
        super().ignore(frame, reason)
        self.deaf = not isinstance(frame, bytes)
