"""The catalogue of clients that prove the harness: what it has to hold, and no id that is not in SPEC.md."""

import json
import subprocess
import sys

import pytest

from chatproof_schemas import requirements
from support.paths import RUN_CLIENT, RUN_SERVER

OF_CLIENTS = {name: row for name, row in requirements().items() if row.section == "CLIENT"}


def listed(run):
    done = subprocess.run([sys.executable, str(run), "--list"], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def entries():
    return listed(RUN_CLIENT)


@pytest.fixture(scope="module")
def faulty(entries):
    return [entry for entry in entries if entry["kind"] == "faulty"]


def test_there_are_enough_of_both_kinds(entries, faulty):
    assert len(faulty) >= 60
    assert len(entries) - len(faulty) >= 15
    assert {entry["language"] for entry in entries} >= {"python", "javascript", "java", "perl"}


def test_names_are_unique_among_servers_too(entries):
    names = [entry["name"] for entry in (*entries, *listed(RUN_SERVER))]
    assert len(set(names)) == len(names)


def test_only_faulty_clients_break_something_and_each_a_requirement_of_clients(entries):
    for entry in entries:
        assert bool(entry["breaks"]) == (entry["kind"] == "faulty"), entry["name"]
        assert set(entry["breaks"]) <= set(OF_CLIENTS), entry["name"]
        assert entry["warnings"] == [], "no SHOULD is a client's"


@pytest.mark.parametrize("name", OF_CLIENTS)
def test_every_requirement_is_the_main_one_that_two_clients_break_one_of_them_subtly(name, faulty):
    breakers = [entry for entry in faulty if entry["breaks"][0] == name]
    assert len(breakers) >= 2
    assert any(entry["subtle"] for entry in breakers)


def test_an_unknown_name_is_refused_in_words():
    started = subprocess.run(
        [sys.executable, str(RUN_CLIENT), "no-such-client"], capture_output=True, text=True, check=False
    )
    assert started.returncode == 2
    assert "no client is named no-such-client" in started.stderr
    assert "Traceback" not in started.stderr
