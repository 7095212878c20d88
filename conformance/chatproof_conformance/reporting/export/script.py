"""A recording as a script that a server's author runs without installing anything."""

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.export.template import script_of
from chatproof_conformance.wire.steps import ServerStep, find_steps
from chatproof_schemas.transcript import Kind, Transcript

_WORDS = {
    Kind.OPEN: "open",
    Kind.CLIENT_DATA: "send",
    Kind.SERVER_DATA: "wait",
    Kind.SERVER_CLOSE: "wait for the end",
    Kind.HALF_CLOSE: "end sending",
    Kind.RESET: "reset",
    Kind.CLOSE: "close",
    Kind.ANNOUNCE: "announce",
}
_COUNTS = {
    "lf": 'sum(bool(line.strip()) for line in data.split(b"\\n")[:-1])',
    "none": 'data.count(b"}{") + data.endswith(b"}")',
}


def standalone_script(finding: Finding, recorded: Transcript) -> str | None:
    """Return the text of a Python script that plays a finding's traffic; None if it is too long to read."""
    steps = [_line(step) for step in find_steps(recorded)]
    return script_of(finding, _TEMPLATE, steps, count=_COUNTS[recorded.framing])


def _line(step: ServerStep) -> str:
    data = f", {step.frames}" if step.kind is Kind.SERVER_DATA else f", {step.data!r}" if step.data else ""
    return f"({step.connection!r}, {_WORDS[step.kind]!r}{data})"


_TEMPLATE = '''\
#!/usr/bin/env python3
"""{sentence}

Plays the traffic in which this was seen broken, and prints what the server sends.
Needs Python 3.8 or newer and nothing else:  python3 THIS_FILE HOST:PORT
"""

import socket
import struct
import sys
import time

EXPECTED = {expected!r}
ACTUAL = {actual!r}
SECONDS = 2.0  # how long to wait for what does not arrive

# Who (which connection), does what, with what: the bytes to send, or how many frames it waits for since it was opened.
STEPS = [
{steps}
]

sockets, arrived, missing, ended = {{}}, {{}}, {{}}, set()  # by connection


def count_frames(data):
    return {count}


def read(who, frames, seconds):
    """Print what arrives until there are that many frames, the stream ends, or the time is over."""
    give_up = time.monotonic() + seconds
    while who not in ended and count_frames(arrived[who]) < frames - missing[who]:
        sockets[who].settimeout(max(0.001, give_up - time.monotonic()))
        try:
            data = sockets[who].recv(65536)
        except socket.timeout:
            missing[who] = frames - count_frames(arrived[who])
            return
        except OSError as error:
            data = str(error).encode()
            ended.add(who)
        if not data:
            ended.add(who)
        arrived[who] += data
        for line in data.splitlines() or [b"(the end of the stream)"]:
            print(f"{{who}} <- {{line!r}}")


def take(who, what, data=b""):
    if what.startswith("wait"):
        read(who, data or float("inf"), SECONDS)
        return
    print(f"{{who}}: {{what}} {{data or ''}}")
    if what == "open":
        sockets[who] = socket.create_connection(ADDRESS, 10)
        sockets[who].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        arrived[who], missing[who] = b"", 0
        ended.discard(who)
    elif what == "send":
        sockets[who].settimeout(10)
        sockets[who].sendall(data)
    elif what == "end sending":
        sockets[who].shutdown(socket.SHUT_WR)
    elif what == "announce":
        time.sleep(10)  # let the server announce this now
    else:
        if what == "reset":
            sockets[who].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sockets[who].close()
        ended.add(who)


HOST, _, PORT = sys.argv[-1].rpartition(":")
if not HOST or not PORT.isdigit():
    sys.exit(f"usage: python3 {{sys.argv[0]}} HOST:PORT")
ADDRESS = (HOST.strip("[]"), int(PORT))
for step in STEPS:
    try:
        take(*step)
    except OSError as error:
        print(f"{{step[0]}}: cannot {{step[1]}}: {{error}}")
        if not sockets:
            sys.exit(2)
for who in sockets:
    read(who, float("inf"), 0.3)  # what else arrives
print(f"\\nexpected  {{EXPECTED}}\\nactual    {{ACTUAL}} (when this was recorded)")
'''
