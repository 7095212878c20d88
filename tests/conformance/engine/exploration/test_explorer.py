"""A whole check: it goes on after a crash, ends when it is told to, and always says why it could not go on."""

import shlex
import subprocess
import sys
import time

import pytest

from chatproof_common.system.ports import free_port
from chatproof_conformance.core.exploration import run_result
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.explorer import Explorer
from chatproof_conformance.engine.exploration.exploring import explore
from chatproof_schemas import requirements
from support.workshop import source_of

SERVER_IDS = [id_ for id_, row in requirements().items() if row.of == "server"]


class Heard(RunListener):
    """What a run told, in order, with the seconds since it began."""

    def __init__(self):
        self.began = time.monotonic()
        self.findings = []
        self.times = []
        self.rounds = []
        self.is_done = False

    def finding(self, finding):
        self.findings.append(finding)
        self.times.append(time.monotonic() - self.began)

    def progress(self, done, planned, what):  # noqa: ARG002  as its callers name them
        self.rounds.append((done, planned))

    def done(self):
        self.is_done = True


def explored(server, **options):
    """Check a server by generated traffic alone; return what is known, and what was told on the way."""
    heard = Heard()
    source = server if isinstance(server, ServerSource) else source_of(server)
    known = explore(source, Options(**{"lanes": False, "budget": 0.1, **options}), heard)
    assert heard.is_done
    return known, heard


CRASHES = """
def check_member(self, message, member):
    if member == "content" and message.get(member, 0) is None:
        print("I cannot stand null", file=sys.stderr, flush=True)
        os._exit(3)
    super().check_member(message, member)
"""
HANGS = CRASHES.replace("os._exit(3)", "time.sleep(600)")


@pytest.mark.parametrize(
    "body", [CRASHES, pytest.param(HANGS, marks=pytest.mark.long)], ids=["it ends", "it answers nobody"]
)
def test_the_act_that_wrecks_a_server_is_named_and_the_run_goes_on(body, own_server):
    known, heard = explored(own_server(body))
    assert {finding.requirement for finding in known.findings} == {"ERROR-4"}
    wreck = known.findings[0]
    assert "content: null" in wreck.situation
    assert ("exit" in wreck.actual) if body is CRASHES else (wreck.actual == "it answers nobody any more")
    assert "I cannot stand null" in wreck.last_words
    assert known.interrupted is known.gone is None
    assert heard.rounds[-1][0] == heard.rounds[0][1], "all that was planned"
    assert {"PUBLIC-1", "JOIN-9", "FRAME-2", "LEAVE-1", "NAME-1"} & set(known.evidence)


TWICE = f"""{CRASHES}
def parse(self, text):
    if "[" * 100 in text:
        os._exit(4)
    return super().parse(text)
"""


def test_what_is_left_of_traffic_that_wrecked_a_server_is_played_too(own_server):
    known, _ = explored(own_server(TWICE), selection=("ERROR-4", "ERROR-10"))
    assert {"ERROR-4", "ERROR-10"} <= {finding.requirement for finding in known.findings}


ONCE = """
def __init__(self):
    if os.path.exists(__file__ + ".ran"):
        sys.exit("I run but once")
    super().__init__()

def check_member(self, message, member):
    if message.get(member, 0) is None:
        open(__file__ + ".ran", "w").close()
        os._exit(3)
    super().check_member(message, member)
"""


def test_a_server_that_cannot_be_started_again_leaves_what_is_known(own_server):
    known, _ = explored(own_server(ONCE))
    assert known.findings, "the crash was seen"
    assert known.gone


def test_a_running_server_that_dies_is_a_finding_that_names_nobody_who_may_be_innocent(own_server):
    port = free_port()
    with subprocess.Popen([sys.executable, str(own_server(CRASHES)), str(port)], stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            known, _ = explored(ServerSource(address=("127.0.0.1", port)))
        finally:
            process.kill()
    (finding,) = known.findings
    assert finding.situation == "8 clients at once"
    assert known.gone == f"no connection to 127.0.0.1:{port}: Connection refused"


@pytest.mark.parametrize(
    ("body", "requirement"),
    [
        ("def on_join(self, connection, message): raise Refused('not_joined', 'never')", "JOIN-1"),
        ("def on_join(self, connection, message): pass", "JOIN-1"),
        ("def received(self, connection, data): self.finish(connection)", "JOIN-1"),
        ("def connected(self, connection): self.close(connection)", "JOIN-1"),
        ("def encode(self, message): return super().encode(message).rstrip()", "FRAME-1"),
    ],
    ids=["refuses", "is silent", "hangs up", "closes at once", "no LF"],
)
def test_if_nobody_can_join_that_is_what_stands_in_the_way(body, requirement, own_server):
    known, _ = explored(own_server(body))
    assert [finding.requirement for finding in known.findings] == [requirement]
    verdicts = {one.requirement.id: one.verdict for one in run_result(known, SERVER_IDS).judged}
    assert verdicts.pop(requirement) is Verdict.FAIL
    assert set(verdicts.values()) == {Verdict.BLOCKED}


def test_the_time_limit_ends_a_run_with_what_is_known():
    known, heard = explored("private-to-everyone", time_limit=4, budget=60)
    assert known.interrupted == "the time limit of 4 seconds was reached"
    assert not known.by_user
    assert "PRIVATE-2" in {finding.requirement for finding in known.findings}
    assert time.monotonic() - heard.began < 10
    judged = run_result(known, SERVER_IDS).judged
    untried = [one for one in judged if one.requirement.id.startswith("STOP")]
    assert {one.reason for one in untried} == {known.interrupted}


def test_findings_are_told_the_moment_they_are_known_and_once():
    known, heard = explored("private-to-everyone", time_limit=6)
    assert heard.times[0] < 8
    assert sorted(finding.situation for finding in heard.findings) == sorted(f.situation for f in known.findings)


def test_a_right_server_is_left_alone_and_all_that_was_planned_is_reached():
    known, heard = explored("baseline", budget=1)
    assert not known.findings
    assert heard.rounds[-1][0] == heard.rounds[0][1]
    assert known.interrupted is known.gone is None
    assert set(known.evidence) >= {f"ERROR-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}
    assert known.total.deliveries > 10_000


def test_what_does_not_listen_is_an_error_of_its_own(tmp_path):
    program = tmp_path / "server.py"
    program.write_text("import sys; sys.exit('no such thing')")
    source = ServerSource(command=shlex.join([sys.executable, str(program), "{port}"]))
    with pytest.raises(Exception, match="no such thing"):
        explore(source, Options(), Heard())


def test_notices_of_another_shape_are_that_and_break_nothing_else(own_server):
    misshapen = """
    def system(self, text):
        return {"type": "system", "text": text, "timestamp": self.timestamp()}
    """
    known, heard = explored(own_server(misshapen), time_limit=20.0)
    assert {finding.requirement for finding in known.findings} == {"FRAME-8"}
    assert heard.findings[0].situation == "a client joins"


READS_ARE_FRAMES = """
def received(self, connection, data):
    try:
        self.handle_frame(connection, data.strip())
    except Exception:
        self.end(connection)
"""
FIRST_OF_A_READ = """
def lines(self, data):
    first, lf, _ = data.partition(b"\\n")
    return [first, b""] if lf else [first]
"""


@pytest.mark.parametrize(
    ("body", "expected"), [(READS_ARE_FRAMES, ["FRAME-2", "FRAME-3"]), (FIRST_OF_A_READ, ["FRAME-3"])]
)
def test_who_takes_each_read_for_a_frame_is_told_so_first(body, expected, own_server):
    _, heard = explored(own_server(body), time_limit=15.0)
    assert [finding.requirement for finding in heard.findings[: len(expected)]] == expected
    assert heard.times[0] < 10
    assert "only whole lines, one at a time, are handled" in heard.findings[0].actual


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ({"ERROR-1": 3}, Verdict.NOT_TESTED),
        ({"ERROR-1": 3, "ERROR-12": 1}, Verdict.PASS),
        ({}, Verdict.INCONCLUSIVE),
    ],
)
def test_a_server_that_sends_no_codes_breaks_nothing_and_is_not_unknown_for_it(evidence, verdict):
    explorer = Explorer(source_of("baseline"), Options(), RunListener())
    explorer._workshop.evidence.update(evidence)  # noqa: SLF001  what a whole check would take minutes to see
    (judged,) = run_result(explorer.result(), ["ERROR-12"]).judged
    assert judged.verdict is verdict
    if verdict is Verdict.NOT_TESTED:
        assert judged.reason == "none of the server's errors has a code, which is optional"
