"""A whole check of a client: what it finds, how far it narrows it, and how it ends."""

import sys
import time

import pytest

from chatproof_conformance.core.exploration import run_result
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.verdicts import Verdict
from chatproof_schemas import requirements
from support.own_client import client_command, explored_client, write_driver

CLIENT_IDS = [id_ for id_, row in requirements().items() if row.section == "CLIENT"]


def test_a_right_client_passes_every_requirement(monkeypatch):
    monkeypatch.setattr("chatproof_conformance.engine.conversations.explorer._BULK_SECONDS", 120.0)
    known, heard = explored_client(client_command("client-baseline"))
    assert heard.findings == []
    assert {one.verdict for one in run_result(known, CLIENT_IDS).judged} == {Verdict.PASS}
    assert known.situations.unreached() == []
    assert heard.rounds[-1][0] == heard.rounds[-1][1]


@pytest.mark.parametrize(
    ("name", "id_", "words"),
    [
        ("client-takes-nan", "CLIENT-4", ["joined"]),
        ("client-fails-once", "CLIENT-9", ["joined"]),
        ("client-dies-of-a-reset", "CLIENT-7", ["reset"]),
        ("client-second-end", "CLIENT-7", []),
        ("client-plain-names", "CLIENT-15", ["joined"]),
        pytest.param("client-eighth-twice", "CLIENT-14", [], marks=pytest.mark.long("narrows a history")),
    ],
)
def test_a_fault_is_narrowed_to_the_shortest_conversation_that_shows_it(name, id_, words):
    _, heard = explored_client(client_command(name))
    assert {one.requirement for one in heard.findings} == {id_}
    found = heard.findings[0]
    assert all(word in found.situation for word in words)
    assert found.events


def test_of_a_client_that_cannot_join_all_else_is_blocked():
    known, heard = explored_client(client_command("client-never-joins"))
    assert [one.requirement for one in heard.findings] == ["CLIENT-1"]
    assert {*known.blocked} == {*CLIENT_IDS}


def test_a_client_that_is_wrong_at_each_opening_is_checked_all_the_same():
    _, heard = explored_client(client_command("client-joined-at-once"))
    assert {one.requirement for one in heard.findings} == {"CLIENT-6", "CLIENT-13"}


def test_the_time_limit_ends_it_with_what_is_known():
    began = time.monotonic()
    known, _ = explored_client(client_command("client-baseline"), time_limit=1.0, budget=60)
    assert known.interrupted == "the time limit of 1 seconds was reached"
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("while True: print('y', flush=True)", "the driver wrote what is no JSON object on a line: y"),
        ("sys.exit('no license')", "the client's process ended with exit status 1; it printed: no license"),
        ("for line in sys.stdin: tell('unsupported', do='connect')", "unsupported"),
        ("while True: tell('status')", "the driver writes without end"),
    ],
)
def test_a_driver_that_does_not_connect_ends_it_at_once_with_its_last_words(tmp_path, body, why):
    began = time.monotonic()
    with pytest.raises(TargetGone, match=why):
        explored_client(write_driver(tmp_path / "driver.py", body))
    assert time.monotonic() - began < 60


def test_a_command_that_cannot_be_run_is_said_so():
    with pytest.raises(TargetGone, match="No such file or directory"):
        explored_client("no-such-program-anywhere")


def test_a_driver_that_turns_to_nonsense_ends_it_with_what_is_known(tmp_path):
    path = tmp_path / "driver.py"
    path.write_text(
        "import subprocess, sys\n"
        f"child = subprocess.Popen({client_command('client-shows-garbage').split()!r}, stdout=-1)\n"
        "for number, line in enumerate(child.stdout):\n"
        "    sys.stdout.buffer.write(line if number < 400 else b'debug\\n')\n"
        "    sys.stdout.flush()\n"
    )
    known, heard = explored_client(f"{sys.executable} {path}")
    assert "no JSON object on a line: debug" in known.gone
    assert {one.requirement for one in heard.findings} <= {"CLIENT-4"}
