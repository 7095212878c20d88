"""The harness on trial: the rules that the catalogue of servers keeps, and a part of the trial itself."""

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.selftest import trials as trials_module
from chatproof_conformance.apps.selftest.document import as_document
from chatproof_conformance.apps.selftest.implementations import Implementation, find_implementations
from chatproof_conformance.apps.selftest.summary import Spread, add_up, find_gaps, spread
from chatproof_conformance.apps.selftest.trials import Trial, Trials
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role
from chatproof_conformance.explanations.reading import causes
from chatproof_schemas import requirements
from support.commands import BROKEN_CLIENT

SERVER_IDS = [id_ for id_, row in requirements().items() if row.of == "server"]
FAULTS_TRIED = ("full-frame-before-lf", "rejoin-not-told", "second-leave-untold", "kept-for-later", "types-in-any-case")
"""A few of different sections; the whole trial is a command of its own, which the build runs."""


def make_server(name="server", *, breaks=(), warnings=(), faulty=True, subtle=False, role=Role.SERVER):  # noqa: PLR0913  a row
    return Implementation(
        name, "a note", ("true",), faulty, frozenset(breaks), subtle, frozenset(warnings), (), "python", role
    )


def seen(requirement, case="a_case"):
    return Finding(requirement, "this", "that", case=case)


# The catalogue


def test_every_requirement_has_a_fault_and_every_must_two_one_of_them_subtle():
    assert find_gaps(find_implementations()) == {}


def test_there_are_120_faulty_servers_and_each_breaks_requirements_of_a_server():
    faulty = [server for server in find_implementations() if server.faulty and server.of == "server"]
    assert len(faulty) >= 120
    assert {id_ for server in faulty for id_ in server.breaks} <= set(SERVER_IDS)
    assert all(server.breaks for server in faulty)


def test_at_least_120_faulty_servers_name_a_cause_that_can_be_explained():
    named = [server.cause for server in find_implementations() if server.faulty and server.cause]
    assert len(named) >= 120
    assert set(named) <= set(causes())
    assert not [server for server in find_implementations() if server.cause and not server.faulty]


def test_the_likely_cause_is_that_of_the_right_finding_to_be_mended_first():
    server = replace(make_server(breaks=["FRAME-3", "LOAD-2"]), cause="rest-of-read-forgotten")
    findings = (seen("FRAME-1"), seen("FRAME-3"), replace(seen("LOAD-2"), hides=3, hidden=("FRAME-2",)))
    trials = [
        Trial(server, findings[:2]),
        Trial(server, findings),
        Trial(server, findings[:1]),
        Trial(replace(server, cause=""), findings[:2]),
    ]
    assert [trial.likely for trial in trials] == [
        "rest-of-read-forgotten", "waits-for-slow-client", "", "rest-of-read-forgotten"
    ]  # fmt: skip
    totals = add_up(trials, whole=False, seed=0, seconds=0.0)
    assert (totals.named, totals.hinted) == (2, 1)


def test_conforming_servers_are_in_three_languages_and_break_no_must():
    conforming = [server for server in find_implementations() if not server.faulty and server.of == "server"]
    assert len({server.language for server in conforming}) >= 3
    assert all(not server.breaks for server in conforming)
    assert {requirements()[id_].level.value for server in conforming for id_ in server.warnings} <= {"SHOULD"}


def test_a_name_that_no_server_has_is_refused_with_the_names_near_it():
    with pytest.raises(CommandError, match="nothing is named baselin; near it: baseline"):
        find_implementations(["baselin"])


# What is said of a trial


def test_a_fault_found_under_a_right_id_is_no_problem_whatever_else_is_found():
    trial = Trial(make_server(breaks=["JOIN-1", "JOIN-2"]), (seen("JOIN-2"), seen("LOAD-1")))
    assert trial.problems == []
    assert (trial.right, trial.others) == ({"JOIN-2"}, {"LOAD-1"})


def test_a_fault_found_under_wrong_ids_only_or_not_at_all_is_a_problem():
    server = make_server(breaks=["JOIN-1"])
    assert Trial(server, (seen("LOAD-1"),)).problems == ["found only under LOAD-1"]
    assert Trial(server).problems == ["not found"]
    assert Trial(server, error="gone").problems == ["the check ended early: gone"]


def test_anything_found_on_a_conforming_server_is_a_problem_but_the_warnings_that_it_earns():
    server = make_server(faulty=False, warnings=["JOIN-3"])
    assert Trial(server, (seen("JOIN-3"),)).problems == []
    assert Trial(server).problems == ["JOIN-3 is broken and not found"]
    assert Trial(server, (seen("JOIN-3"), seen("JOIN-5"))).problems == [
        "false warning of JOIN-5: a_case: expected this; got that"
    ]
    assert Trial(server, (seen("JOIN-3"), seen("JOIN-1"))).problems == [
        "false alarm of JOIN-1: a_case: expected this; got that"
    ]
    assert Trial(server, (seen("JOIN-3"),), {"LOAD-1": "a fence was lost"}).problems == [
        "nothing known of LOAD-1: a fence was lost"
    ]


def test_totals_count_what_was_found_and_how_soon():
    server = make_server("a", breaks=["JOIN-1"])
    trials = [
        Trial(server, (seen("JOIN-1"), seen("LOAD-1")), seconds=4.0, first=1.0),
        Trial(server, (seen("JOIN-1"),), seconds=6.0, first=2.0),
        Trial(server, (seen("LOAD-1"),), seconds=8.0, first=6.0),
        Trial(server, seconds=9.0),
        Trial(make_server("d", faulty=False, warnings=["JOIN-3"]), (seen("LOAD-1"),), seconds=60.0),
    ]
    totals = add_up(trials, whole=False, seed=1, seconds=2.0)
    assert (totals.faulty, totals.found, totals.foreign) == (4, 2, 2)
    assert (totals.checked, totals.first) == (Spread(7.0, 9.0), Spread(2.0, 6.0))
    assert (totals.conforming, totals.false_failures, totals.false_warnings, totals.problems) == (1, 1, 1, 3)
    json.dumps(as_document(trials, [], totals))


def test_95_in_a_hundred_are_within_what_a_spread_calls_most():
    assert spread(range(1, 101)) == Spread(50.5, 95)
    assert spread([]) == Spread()


def test_gaps_of_a_catalogue_are_told():
    gaps = find_gaps([make_server(breaks=SERVER_IDS)])
    assert "nothing faulty breaks" not in gaps
    assert "JOIN-1" in gaps["only one fault breaks"]
    assert "JOIN-1" in gaps["no subtle fault breaks"]
    assert find_gaps([])["nothing faulty breaks"] == tuple(SERVER_IDS)
    assert find_gaps([make_server(role=Role.CLIENT)])["nothing faulty breaks"] == tuple(
        id_ for id_, row in requirements().items() if row.of != "cluster"
    )


# The trial itself: the whole of it is `chatproof selftest`


def test_a_client_is_tried_too():
    faulty = make_client("hides-failures", BROKEN_CLIENT, breaks=["CLIENT-9"])
    conforming = make_client("none", BROKEN_CLIENT, faulty=False)
    trials = Trials(seed=1, budget=0.5, jobs=2).run([faulty, conforming], lambda _: None)
    assert [trial.problems for trial in trials] == [[], []]
    assert trials[0].right == {"CLIENT-9"}
    document = as_document(trials, [], add_up(trials, whole=False, seed=1, seconds=1.0))
    assert [row["name"] for row in document["clients"]] == ["hides-failures", "none"]
    assert document["servers"] == []


def make_client(fault, program, **members):
    return replace(make_server(fault, role=Role.CLIENT, **members), command=(sys.executable, program, fault))


@pytest.mark.long("six whole trials")
def test_faults_of_every_kind_are_found_and_the_baseline_is_left_alone():
    servers = find_implementations([*FAULTS_TRIED, "baseline"])
    trials = Trials(seed=1, budget=0.5, jobs=2).run(servers, lambda _: None)
    assert {trial.implementation.name: trial.problems for trial in trials if trial.problems} == {}


@pytest.mark.long("runs every case three times")
def test_what_shows_a_false_alarm_is_saved_and_nothing_else(tmp_path):
    """A faulty server and a faulty client that are called conforming stand for the false alarms that there are not."""
    (server,) = find_implementations(["no-reason"])
    client = make_client("hides-failures", BROKEN_CLIENT, faulty=False)
    (clean,) = find_implementations(["baseline"])
    called_conforming = replace(server, faulty=False, breaks=frozenset())
    trials = Trials(seed=1, budget=0.5, jobs=2, save=tmp_path)
    alarm, other, quiet = trials.run([called_conforming, client, clean], lambda _: None)
    assert (alarm.saved, other.saved, quiet.saved) == (tmp_path / "no-reason", tmp_path / "hides-failures", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hides-failures", "no-reason"]
    for trial in (alarm, other):
        shown = {f"{seen.requirement}-{seen.case or number}.ndjson" for number, seen in enumerate(trial.findings, 1)}
        assert shown == {path.name for path in trial.saved.glob("*.ndjson")}
        assert all(path.with_suffix(".mmd").is_file() for path in trial.saved.glob("*.ndjson"))
    document = as_document([alarm, quiet], [], add_up([alarm, quiet], whole=False, seed=1, seconds=1.0))
    assert [row["saved"] for row in document["servers"]] == [str(tmp_path / "no-reason"), None]


@pytest.mark.long("a whole trial of each")
def test_generated_input_alone_tries_no_lane_and_of_a_client_one_case():
    servers = [*find_implementations(["no-reason", "stops-by-reset"]), make_client("hides-failures", BROKEN_CLIENT)]
    trials = Trials(seed=1, budget=3, jobs=2, generated=True).run(servers, lambda _: None)
    assert [trial.found for trial in trials] == [{"CONFIRM-3"}, frozenset(), {"CLIENT-9"}]
    assert [trial.unknown for trial in trials] == [{}, {}, {}]


def test_a_server_that_cannot_be_started_is_a_problem_and_no_traceback():
    (trial,) = Trials(seed=1, budget=0.5, jobs=1).run([make_server(breaks=["JOIN-1"])], lambda _: None)
    (problem,) = trial.problems
    assert problem.startswith("the check ended early: the command ended with exit status 0 before it listened")


def test_the_command_prints_one_json_document_and_fails_where_the_harness_does(tmp_path):
    done = selftest("--only", "no-reason", "--budget", "0.5", "--json", "-", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert document["totals"]["found"] == 1
    assert document["servers"][0]["found_right"] == ["CONFIRM-3"]
    assert list(tmp_path.iterdir()) == []


LEAVES_FILES = """
import os, pathlib, signal, sys, tempfile, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
pathlib.Path(tempfile.mkdtemp(), "file").touch()
pathlib.Path(sys.argv[1]).touch()
time.sleep(1000)
"""


@pytest.mark.parametrize("whose", ["server", "check"])
def test_an_interrupt_ends_what_heeds_none_and_leaves_no_file(tmp_path, monkeypatch, whose):
    temporary, began = tmp_path / "temporary", tmp_path / "began"
    temporary.mkdir()
    monkeypatch.setattr(trials_module.tempfile, "tempdir", str(temporary))
    words = (sys.executable, "-c", LEAVES_FILES, str(began))
    if whose == "check":
        monkeypatch.setattr(trials_module, "module_words", lambda _: words)

    def interrupt(_):
        give_up = time.monotonic() + 60
        while not began.exists():
            assert time.monotonic() < give_up
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(trials_module, "each_completed", interrupt)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Trials(seed=1, budget=0.5, jobs=1).run([replace(make_server(), command=words)], lambda _: None)
    assert time.monotonic() - started < 90
    assert list(temporary.iterdir()) == []


def test_the_command_refuses_what_it_cannot_do(tmp_path):
    done = selftest("--only", "nobody", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing is named nobody" in done.stderr
    assert selftest("--jobs", "0", cwd=tmp_path).returncode == 2
    assert selftest("--only", "no-reason", "--json", "missing/file", cwd=tmp_path).returncode == 2


def selftest(*words, cwd):
    command = [sys.executable, "-m", "chatproof_common.command_line.main", "selftest", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
