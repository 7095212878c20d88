"""Faults in timestamps (TIME)."""

import time

from baseline.chat import ChatServer
from catalogue import faulty


@faulty("clock-slow", breaks=("TIME-1",), note="is seven minutes late")
def timestamp(self):
    return time.strftime("%H:%M:%S", time.localtime(time.time() - 420))


@faulty("private-clock-fast", breaks=("TIME-1",), note="is 20 minutes early in private messages", subtle=True)
def private(self, connection, message):
    early = time.strftime("%H:%M:%S", time.localtime(time.time() + 1200))
    return {**ChatServer.private(self, connection, message), "timestamp": early}


@faulty("seconds-as-numbers", breaks=("FRAME-8",), note="sends timestamps as numbers")
def timestamp(self):
    return time.time()


@faulty("iso-timestamps", breaks=("FRAME-8",), note="sends dates and times")
def timestamp(self):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@faulty("twelve-hours", breaks=("FRAME-8",), note="sends twelve-hour times with AM or PM")
def timestamp(self):
    return time.strftime("%I:%M:%S %p")


@faulty("failure-without-seconds", breaks=("FRAME-8",), note="leaves out the seconds of a failed delivery", subtle=True)
def confirmation(self, message, *, delivered):
    confirmation = ChatServer.confirmation(self, message, delivered=delivered)
    return confirmation if delivered else {**confirmation, "timestamp": time.strftime("%H:%M")}
