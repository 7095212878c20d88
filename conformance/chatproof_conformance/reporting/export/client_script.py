"""A recording of a client's failure as a script: a small server that its author runs without installing anything."""

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.export.template import script_of
from chatproof_conformance.wire.client_steps import ClientStep, Do, find_steps
from chatproof_schemas.transcript import Transcript


def standalone_server(finding: Finding, recorded: Transcript) -> str | None:
    """Return the text of a Python script that plays the server of a finding; None if it is too long to read."""
    steps = [_line(step) for step in find_steps(recorded) if step.do is not Do.AWAIT_EVENTS]
    return script_of(finding, _TEMPLATE, steps)


def _line(step: ClientStep) -> str:
    values: dict[Do, object] = {Do.SEND: step.data, Do.AWAIT_FRAMES: step.count, Do.ASK: step.request}
    return f"({step.do.value!r}, {values[step.do]!r})" if step.do in values else f"({step.do.value!r}, None)"


_TEMPLATE = '''\
#!/usr/bin/env python3
"""{sentence}

Plays the server in the traffic in which this was seen broken, and prints what the client sends. What the client should
show you see at the client.
Needs Python 3.8 or newer and nothing else:  python3 THIS_FILE [PORT]
"""

import socket
import struct
import sys

EXPECTED = {expected!r}
ACTUAL = {actual!r}
SECONDS = 120.0  # how long to wait for the client, and for you
PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12345

# What the server does, or waits for: bytes to send, how many frames the client must have sent; "ask" is for you.
STEPS = [
{steps}
]

listener = socket.create_server(("127.0.0.1", PORT))
listener.settimeout(SECONDS)
print(f"Listening on 127.0.0.1:{{listener.getsockname()[1]}}", flush=True)
connection, arrived = None, b""


def count_frames():
    return sum(bool(line.strip()) for line in arrived.split(b"\\n")[:-1])


def read():
    """Print what arrives; return False at the end of the stream."""
    global arrived
    data = connection.recv(65536)
    arrived += data
    for line in data.splitlines() or [b"(the end of the stream)"]:
        print(f"client -> {{line!r}}", flush=True)
    return bool(data)


def take(what, value):
    global connection, arrived
    if what == "ask":
        if value["do"] == "connect":
            value.update(zip(("host", "port"), listener.getsockname()))
        print(f"now let the client {{value}}", flush=True)
    elif what == "accept":
        connection, arrived = listener.accept()[0], b""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(SECONDS)
        print("the client has connected", flush=True)
    elif what == "wait":
        while count_frames() < value and read():
            pass
    elif what == "wait for the end":
        while read():
            pass
    elif what == "send":
        print(f"server -> {{value!r}}", flush=True)
        connection.sendall(value)
    else:
        print(f"server: {{what}}", flush=True)
        if what == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


for step in STEPS:
    try:
        take(*step)
    except OSError as error:
        print(f"cannot {{step[0]}}: {{error}}", flush=True)
if connection is not None and connection.fileno() >= 0:
    try:
        connection.settimeout(1)
        while read():
            pass
    except OSError:
        pass  # nothing more arrives
print(f"\\nexpected  {{EXPECTED}}\\nactual    {{ACTUAL}} (when this was recorded)")
'''
