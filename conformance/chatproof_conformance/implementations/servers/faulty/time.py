"""Faults in timestamps (TIME)."""

import time

from baseline.chat import ChatServer
from catalogue import faulty, subtle


@faulty("clock-slow", "is seven minutes late", breaks=("TIME-1",), cause="wrong-clock")
def timestamp(self):
    return time.strftime("%H:%M:%S", time.localtime(time.time() - 420))


@subtle("private-clock-fast", "is 20 minutes early in private messages", breaks=("TIME-1",), cause="wrong-clock")
def private(self, connection, message):
    early = time.strftime("%H:%M:%S", time.localtime(time.time() + 1200))
    return {**ChatServer.private(self, connection, message), "timestamp": early}


@faulty("seconds-as-numbers", "sends timestamps as numbers", breaks=("FRAME-8",), cause="message-without-its-schema")
def timestamp(self):
    return time.time()


@faulty("iso-timestamps", "sends dates and times", breaks=("FRAME-8",), cause="message-without-its-schema")
def timestamp(self):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@faulty(
    "twelve-hours", "sends twelve-hour times with AM or PM", breaks=("FRAME-8",), cause="message-without-its-schema"
)
def timestamp(self):
    return time.strftime("%I:%M:%S %p")


@subtle(
    "failure-without-seconds",
    "leaves out the seconds of a failed delivery",
    breaks=("FRAME-8",),
    cause="message-without-its-schema",
)
def confirmation(self, message, *, delivered):
    confirmation = ChatServer.confirmation(self, message, delivered=delivered)
    return confirmation if delivered else {**confirmation, "timestamp": time.strftime("%H:%M")}
