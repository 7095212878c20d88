"""What a driver writes is read line by line however it arrives, and judged whatever it says; so are its requests."""

import json
from unittest import mock

import jiter

from chatproof_conformance.endpoints.process import driver
from chatproof_conformance.endpoints.served.driver_lines import read_event, request_line
from chatproof_conformance.judges.client import judge_client
from chatproof_conformance.judges.client.wording import all_described
from chatproof_conformance.wire import client_steps
from chatproof_reference.client import program
from chatproof_schemas.transcript import Event, Kind, Transcript
from support.framing import cut, lines_of
from support.recordings import frame, join, notice

PLAN_BYTES = 4
"""The first bytes of an input: where the others are cut."""
EVENTS = [
    {"event": "joined", "username": "a"},
    {"event": "refused", "username": "a", "reason": "taken"},
    {"event": "shown", "kind": "message", "username": "a", "content": "hi", "own": True},
    {"event": "shown", "kind": "private_message", "sender": "b", "content": "hi"},
    {"event": "shown", "kind": "private_confirmation", "target": "b", "content": "hi"},
    {"event": "shown", "kind": "system", "message": "a joined the chat"},
    {"event": "shown", "kind": "error", "message": "no"},
    {"event": "failed", "do": "say", "content": "hi", "reason": "too long"},
    {"event": "failed", "do": "say_privately", "target": "b", "content": "hi", "reason": "User not found"},
    {"event": "problem", "reason": "not JSON"},
    {"event": "unsupported", "do": "say", "reason": "it cannot"},
    {"event": "disconnected", "reason": "the end"},
]
REQUESTS = [
    {"do": "connect", "host": "::1", "port": 12345, "username": "a"},
    {"do": "join", "username": "a"},
    {"do": "say", "content": "hi"},
    {"do": "say_privately", "target": "b", "content": "hi"},
    {"do": "leave"},
]
SERVED = [
    notice("a"),
    frame(type="message", username="a", content="hi", timestamp="12:00:00"),
    frame(type="private_message", sender="b", content="hi", timestamp="12:00:00"),
    frame(type="private_confirmation", target="b", content="hi", timestamp="12:00:00", delivered=False, reason="no"),
    b"not JSON\n",
    frame(type="error", message="no"),
]
"""What the client was sent while its driver wrote the lines of an input."""


def seeds():
    plan = bytes([30, 90, 150, 210])
    lines = [frame(**members) for members in (*EVENTS, *REQUESTS)]
    yield from (plan + line for line in lines)
    yield plan + b"".join(lines)


def check(data):
    plan, output = data[:PLAN_BYTES], data[PLAN_BYTES:]
    lines = read_in_pieces(cut(output, [place * len(output) // 256 for place in plan]))
    whole, rest = lines_of(output)
    assert lines == [line for line in [*whole, rest] if line.strip()]
    check_judgement(lines)
    for line in lines:
        check_event(line)
        check_request(line)


class Process:
    """Stands in for the process of a driver: its output arrives in these pieces, then ends."""

    def __init__(self, pieces):
        self.pieces = [piece for piece in pieces if piece]

    def read(self):
        return self.pieces.pop(0) if self.pieces else b""


def driver_of(pieces):
    with mock.patch.object(driver, "ProcessTree", return_value=Process(pieces)):
        return driver.Driver("driver")


def read_in_pieces(pieces):
    running, lines = driver_of(pieces), []
    while running.open:
        lines += running.read()
    return lines


def check_event(line):
    """A line is an event, the one that others read, or is said to be none."""
    event = read_event(line)
    if event is None:
        assert not isinstance(decoded(line), dict)
        return
    assert all_described([event]).isprintable()
    line.decode("utf-8", "surrogatepass")
    if (value := decoded(line)) is not None:
        assert repr(event) == repr(value)


def decoded(line):
    """Return what jiter reads; None if it reads nothing."""
    try:
        return jiter.from_json(line)
    except ValueError:
        return None


def check_judgement(lines):
    """Judge a client that was served, asked and heard all at once, and find the steps that repeat it."""
    events = [Event(0.0, "", Kind.REQUEST, json.dumps(REQUESTS[0]).encode()), Event(0.1, "a", Kind.OPEN)]
    events.append(Event(0.2, "a", Kind.CLIENT_DATA, join("a")))
    events += (Event(0.3, "", Kind.REQUEST, json.dumps(request).encode()) for request in REQUESTS[2:4])
    events += (Event(0.4, "a", Kind.SERVER_DATA, data) for data in SERVED)
    events += (Event(0.5, "", Kind.DRIVER_EVENT, line) for line in lines)
    events.append(Event(0.6, "a", Kind.SERVER_CLOSE))
    judgement = judge_client(events)
    assert all(found.requirement.startswith("CLIENT-") for found in judgement.findings)


def check_request(line):
    """A request is read or refused by the reference client, and what the harness writes is read as it was meant."""
    try:
        request = program._read_request(line)
    except program.InvalidRequest as error:
        assert str(error)
        return
    written = request_line(**request)
    assert written.isascii()
    assert b"\n" not in written
    assert program._read_request(written) == request
    transcript = Transcript(checked="client")
    transcript.append("", Kind.REQUEST, written)
    (step,) = client_steps.find_steps(transcript)
    assert step.request == request
