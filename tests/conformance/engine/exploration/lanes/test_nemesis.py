"""What may happen to one server on any day: faults that only then show are found, right servers are not accused."""

import pytest

from chatproof_conformance.engine.exploration.lanes import GROUPS, nemesis, shows
from chatproof_schemas.transcript import Kind
from support.workshop import broken_by, run_lane

REMEMBERS_NAMES = """
def join(self, connection, name):
    kept = "taken-" + str(self.listener.getsockname()[1])
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), kept)
    known = open(path).read().split() if os.path.exists(path) else []
    if name in known:
        raise Refused("username_taken", "Username already taken")
    with open(path, "a") as file:
        file.write(name + "\\n")
    ChatServer.join(self, connection, name)
"""
FORGETS_WHAT_WAITS = """
def received(self, connection, data):
    now = time.monotonic()
    stalled = now - getattr(self, "read_last", now) > 1.0
    self.read_last = now
    if not stalled:
        ChatServer.received(self, connection, data)
"""
DIES_WITHOUT_FILES = """
def accept(self, _=0):
    try:
        while True:
            self.accepted(self.listener.accept()[0])
    except BlockingIOError:
        pass
"""
NEVER_ACCEPTS_AGAIN = """
def accept_again(self):
    pass
"""


@pytest.mark.parametrize("lane", [nemesis.killed, nemesis.paused, nemesis.few_files])
@pytest.mark.parametrize("server", [None, "baseline"])
def test_right_servers_survive(lane, server):
    workshop = run_lane(lane, server)
    assert workshop.findings == []
    assert workshop.evidence


@pytest.mark.parametrize(
    ("lane", "body", "requirement"),
    [
        (nemesis.killed, REMEMBERS_NAMES, "LEAVE-4"),
        (nemesis.paused, FORGETS_WHAT_WAITS, "PUBLIC-1"),
        (nemesis.few_files, DIES_WITHOUT_FILES, "LEAVE-7"),
        (nemesis.few_files, NEVER_ACCEPTS_AGAIN, "JOIN-1"),
    ],
)
def test_what_shows_only_then_is_found(own_server, lane, body, requirement):
    workshop = run_lane(lane, own_server(body))
    assert requirement in broken_by(workshop)
    finding = next(one for one in workshop.findings if one.requirement == requirement)
    assert any(event.kind is Kind.NOTE and event.data.startswith(b"the server") for event in finding.events)


def test_a_port_that_lingers_is_found_after_a_kill():
    workshop = run_lane(nemesis.killed, "port-stays-taken")
    (finding,) = workshop.findings
    assert finding.requirement == "STOP-3"
    assert finding.situation == "the server was killed (SIGKILL) and started again at once"


def test_it_is_done_only_if_it_is_asked_for():
    asked = [at for at, group in enumerate(GROUPS) if group.is_nemesis]
    assert len(asked) == 1
    assert not {at for at, _ in shows("STOP-3")} & set(asked)


@pytest.mark.parametrize("lane", [nemesis.killed, nemesis.paused, nemesis.few_files])
def test_if_people_cannot_talk_nothing_is_known(own_server, lane):
    workshop = run_lane(
        lane,
        own_server("""
        def handle_frame(self, connection, frame):
            if b'"join"' in frame:
                ChatServer.handle_frame(self, connection, frame)
    """),
    )
    assert workshop.findings == []
    assert set(workshop.unknown.values()) == {"people could not talk before that was done to the server"}
