"""``chatproof check`` neither reads nor writes anything in the folder where it is run."""

import os
import re
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from hypothesis.strategies import integers

from chatproof_conformance.core.marks import generated
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import Abandoned, Broken
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.engine import case_runner
from chatproof_conformance.engine.checking import examine
from support.paths import RUN_CLIENT

SELECTED = ("PRIVATE-2", "PUBLIC-2")
HOSTILE = {
    "conftest.py": "raise SystemExit('the conftest.py of the folder was read')\n",
    "test_error.py": "raise SystemExit('a test of the folder was collected')\n",
    "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--no-such-option'\n[tool.hypothesis]\nmax_examples = -1\n",
    "tox.ini": "[pytest]\naddopts = --no-such-option\n",
    "setup.cfg": "[tool:pytest]\naddopts = --no-such-option\n",
    # Modules of the standard library that the harness and the bundled server import.
    "queue.py": "raise SystemExit('a module of the folder was imported')\n",
    "selectors.py": "raise SystemExit('a module of the folder was imported')\n",
}


def verdicts(printed):
    return re.findall(r"^  \S [A-Z]+-\d+\b", printed, re.MULTILINE)


def test_no_file_is_left_behind(run_check, tmp_path):
    assert run_check(*SELECTED).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_failing_run_leaves_no_file_either(check_server, tmp_path):
    assert check_server("blank-line-refused", "FRAME-7", "--strict").returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_foreign_files_have_no_influence(run_check, tmp_path):
    (plain := tmp_path / "plain").mkdir()
    (hostile := tmp_path / "hostile").mkdir()
    for name, text in HOSTILE.items():
        (hostile / name).write_text(text)
    here, there = run_check(*SELECTED, folder=plain), run_check(*SELECTED, folder=hostile)
    assert (there.returncode, there.stderr) == (0, "")
    assert verdicts(there.stdout) == verdicts(here.stdout)
    assert sorted(path.name for path in hostile.iterdir()) == sorted(HOSTILE)


@pytest.mark.parametrize("name", ["PYTEST_ADDOPTS", "PYTEST_PLUGINS"])
def test_foreign_environment_has_no_influence(run_check, name):
    done = run_check(*SELECTED, environment={**os.environ, name: "--no-such-option"})
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_can_be_run_where_no_script_is_on_the_path(tmp_path):
    words = [sys.executable, "-m", "chatproof_common.command_line.main", "check", SELECTED[0]]
    done = subprocess.run(words, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The server conforms." in done.stdout


def test_a_reader_that_stops_reading_gets_no_traceback(tmp_path):
    words = [sys.executable, "-m", "chatproof_common.command_line.main", "check", "--list"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


CASES = ("its_first_frame_is_a_join", "the_longest_message", "last_words_are_sent")
RIGHT_CLIENT = f"{sys.executable} -S -E {RUN_CLIENT} client-baseline"


def raise_at(monkeypatch, owner, name, number):
    """Let the how-manieth call of a function raise what no case expects."""
    whole, calls = getattr(owner, name), []

    def faulty(*words, **named):
        calls.append(words)
        if len(calls) == number:
            raise MemoryError("ours")
        return whole(*words, **named)

    monkeypatch.setattr(owner, name, faulty)


@pytest.mark.parametrize(
    ("owner", "name", "number"),
    [
        (ClientSession, "__init__", 3),  # one to learn its speed, one for each case: pytest's set-up fails
        (ClientSession, "sends_join", 2),  # in the first case
        (ClientSession, "close", 3),  # after the second
        (case_runner, "_judged", 2),
    ],
)
def test_a_case_that_an_error_of_ours_has_kept_from_a_result_leaves_no_verdict(monkeypatch, owner, name, number):
    raise_at(monkeypatch, owner, name, number)
    found = examine(Role.CLIENT, RIGHT_CLIENT, Options(CASES), RunListener())
    assert found.ended_early == "the harness failed: MemoryError: ours"
    assert Verdict.INCONCLUSIVE in {row.verdict for row in found.judged}
    assert Verdict.FAIL not in {row.verdict for row in found.judged}
    assert len(found.cases) < 3 or found.cases[-1].reason


def test_an_error_of_ours_before_the_first_case_is_raised_again(monkeypatch):
    raise_at(monkeypatch, ClientSession, "sends_join", 1)
    with pytest.raises(MemoryError, match="ours"):
        examine(Role.CLIENT, RIGHT_CLIENT, Options(CASES), RunListener())


def test_what_ends_a_thread_is_left_to_whoever_reports_it(monkeypatch):
    ended = []
    monkeypatch.setattr(threading, "excepthook", lambda thread: ended.append(thread.exc_type))
    whole = ClientSession.joins

    def joins(session, *words):
        thread = threading.Thread(target=int, args=("x",))
        thread.start()
        thread.join()
        return whole(session, *words)

    monkeypatch.setattr(ClientSession, "joins", joins)
    examine(Role.CLIENT, RIGHT_CLIENT, Options(CASES), RunListener())
    assert set(ended) == {ValueError}
    assert len(ended) > 1, "one was before the cases, where pytest has no say"


@pytest.mark.parametrize("name", ["describe", "_selected"])
def test_an_error_while_cases_are_collected_is_raised_again(monkeypatch, capfd, name):
    raise_at(monkeypatch, case_runner, name, 1)
    with pytest.raises(MemoryError, match="ours"):
        examine(Role.CLIENT, RIGHT_CLIENT, Options(CASES), RunListener())
    assert capfd.readouterr() == ("", "")


def test_an_error_of_ours_in_one_example_is_not_followed_by_another():
    """What is left of the first would be called the client's fault."""
    tried = []

    session = SimpleNamespace(traffic=SimpleNamespace(begin_example=lambda: None))

    @generated(number=integers())
    def case(session, number):
        tried.append(number)
        if len(tried) > 1:
            raise Broken("nothing", "what the first has left")
        raise MemoryError("ours")

    with pytest.raises(Abandoned, match="ours") as raised:
        case(session)
    assert isinstance(raised.value.outcome, MemoryError)
    assert len(tried) == 1
