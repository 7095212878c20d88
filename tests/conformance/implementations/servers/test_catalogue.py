"""The catalogue of servers that prove the harness: what it has to hold, and no id that is not in SPEC.md."""

import json
import subprocess
import sys

import pytest

from chatproof_schemas import Level, requirements
from support.paths import RUN_SERVER

OF_SERVERS = {name: row for name, row in requirements().items() if row.of == "server"}


@pytest.fixture(scope="module")
def entries():
    listed = subprocess.run([sys.executable, str(RUN_SERVER), "--list"], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in listed.stdout.splitlines()]


@pytest.fixture(scope="module")
def faulty(entries):
    return [entry for entry in entries if entry["kind"] == "faulty"]


def test_there_are_enough_of_both_kinds(entries, faulty):
    assert len(faulty) >= 120
    assert len(entries) - len(faulty) >= 20
    assert {entry["language"] for entry in entries} >= {"python", "javascript", "java", "perl"}


def test_names_are_unique(entries):
    names = [entry["name"] for entry in entries]
    assert len(set(names)) == len(names)


def test_every_id_is_a_requirement_of_a_server(entries):
    for entry in entries:
        assert {*entry["breaks"], *entry["warnings"]} <= set(OF_SERVERS), entry["name"]


def test_only_faulty_servers_break_something_and_all_of_them_do(entries):
    for entry in entries:
        assert bool(entry["breaks"]) == (entry["kind"] == "faulty"), entry["name"]


def test_conforming_servers_earn_warnings_for_shoulds_only(entries):
    for entry in entries:
        assert all(OF_SERVERS[name].level is Level.SHOULD for name in entry["warnings"]), entry["name"]


def test_every_requirement_is_broken_by_some_server_and_a_must_by_two_one_of_them_subtle(faulty):
    for name, row in OF_SERVERS.items():
        breakers = [entry for entry in faulty if name in entry["breaks"]]
        assert breakers, name
        if row.level is Level.MUST:
            assert len(breakers) >= 2, name
            assert any(entry["subtle"] for entry in breakers), name


def test_every_requirement_is_the_main_one_that_some_server_breaks(faulty):
    assert set(OF_SERVERS) <= {entry["breaks"][0] for entry in faulty}


def test_an_unknown_name_is_refused_in_words():
    started = subprocess.run(
        [sys.executable, str(RUN_SERVER), "no-such-server"], capture_output=True, text=True, check=False
    )
    assert started.returncode == 2
    assert "no server is named no-such-server" in started.stderr
    assert "Traceback" not in started.stderr
