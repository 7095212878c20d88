"""Whatever happens, no user gets a traceback, and exit code 1 means that something checked is broken."""

import asyncio
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from chatproof_common.command_line import last_resort
from chatproof_common.command_line import main as main_module
from chatproof_common.command_line.main import main
from chatproof_common.command_line.program import PROGRAM

WORDS = {
    "check": ["--list"],
    "check-client": ["--list"],
    "selftest": ["--list"],
    "compare": ["no-such-report", "nor-this"],
    "interop": ["no-such-file"],
    "grade": ["no-such-class", "--scheme", "no-such-scheme"],
    "explain": ["no-such-word"],
    "new": ["server", "--language", "python", "/dev/null/chat"],
    "replay": ["no-such-recording"],
    "tap": ["--to", "127.0.0.1:1", "--seconds", "0.2"],
    "validate": ["/dev/null", "-"],
    "client": ["--headless", "127.0.0.1:1", "--username", "ann"],
    "client ": ["--json-lines"],
    "server": ["--headless", "--host", "256.0.0.1"],
    "bench": ["127.0.0.1:1", "--scenario", "clients=1,senders=1,seconds=0.1"],
    "completion": ["bash"],
    "--help": [],
}
"""By command: words with which it ends by itself, soon."""


def run(name, redirections, *words):
    script = f'"$@" {redirections}'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *PROGRAM, name.strip(), *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("redirections", ["<&-", ">&-", "2>&-", ">/dev/full", "2>/dev/full"])
@pytest.mark.parametrize("name", WORDS)
def test_a_stream_that_is_closed_or_full_ends_no_command_with_a_traceback_or_a_finding(name, redirections):
    code, printed = run(name, redirections, *WORDS[name])
    assert "Traceback" not in printed
    assert "Exception" not in printed
    # A client that loses its connection ends with 1.
    assert code in ((0, 1, 2) if name == "client" else (0, 2)), printed


@pytest.mark.parametrize("name", ["check", "check-client", "selftest", "bench", "validate"])
def test_a_folder_that_has_been_removed_is_named_and_nothing_is_judged(name, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'cd "$0" && rmdir "$0" && exec "$@"'
    # As users start it: Python 3.13 itself fails there with -m.
    words = ["sh", "-c", script, gone, Path(sys.executable).with_name("chatproof"), name, *WORDS[name]]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert done.stderr == "chatproof: the current folder has been removed; change to one that exists\n"


def test_too_little_room_for_threads_is_no_error_of_ours(capsys):
    last_resort.report("check", RuntimeError("can't start new thread"))
    assert "this process may start too few threads" in capsys.readouterr().err


def test_no_folder_for_temporary_files_is_no_error_of_ours(monkeypatch, capsys):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/dev/null/none"])
    with pytest.raises(FileNotFoundError) as raised:
        tempfile.gettempdir()
    last_resort.report("check", raised.value)
    assert capsys.readouterr().err == (
        "chatproof check: there is no folder for temporary files; set TMPDIR to one, or give a container --tmpfs /tmp\n"
    )


def test_every_command_is_tried_so():
    assert {name.strip() for name in WORDS} == {*main_module.find_commands(), "--help"}


@pytest.mark.parametrize("words", [["check", "--list"], ["selftest", "--list"], ["completion", "zsh"]])
def test_whoever_stops_reading_gets_the_exit_code_that_shells_know(words):
    script = '("$@"; echo $? >&2) | true'
    done = subprocess.run(["sh", "-c", script, "sh", *PROGRAM, *words], capture_output=True, text=True, check=False)
    assert done.stderr in ("141\n", "0\n"), "a short text may be written before the reader has gone"
    if words[0] == "check":
        assert done.stderr == "141\n"


def test_what_cannot_be_printed_is_told():
    code, printed = run("completion", ">/dev/full", "bash")
    assert (code, printed) == (2, "chatproof completion: what it prints cannot be written: No space left on device\n")


class Entry:
    name = "broken"

    def __init__(self, error):
        self.error = error

    def load(self):
        from chatproof_common.command_line.command import Command  # noqa: PLC0415  for this alone

        return Command("fails", lambda _: None, self.fail)

    def fail(self, _):
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ZeroDivisionError("oh"),
            "an error of chatproof itself, which says nothing of what was checked: ZeroDiv",
        ),
        (OSError(24, "Too many open files"), "this process may open too few files and sockets"),
        (MemoryError(), "there is too little memory"),
        (asyncio.CancelledError("oh"), "an error of chatproof itself"),
    ],
)
def test_an_error_that_nobody_has_foreseen_is_ours(monkeypatch, tmp_path, capsys, error, told):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(main_module, "find_commands", lambda: {"broken": Entry(error)})
    assert main(["broken"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"chatproof broken: {told}")
    assert printed.count("\n") == 1
    if isinstance(error, ZeroDivisionError):
        assert "in fail\n    raise self.error" in (tmp_path / "chatproof" / "last-error.txt").read_text()


def test_a_thread_that_dies_is_told_in_a_line():
    program = (
        "import threading\n"
        "from chatproof_common.command_line.last_resort import report_uncaught\n"
        "report_uncaught('tap')\n"
        "thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr.startswith("chatproof tap: an error of chatproof itself")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("code", [0, 1])
def test_nothing_is_certain_if_a_thread_of_ours_has_died(monkeypatch, tmp_path, capsys, code):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(sys, "argv", ["chatproof", "broken"])
    entry = Entry(None)
    monkeypatch.setattr(main_module, "find_commands", lambda: {"broken": entry})
    thread = threading.Thread(target=lambda: 1 / 0)

    def run_thread(_):
        thread.start()
        thread.join()
        return code

    monkeypatch.setattr(entry, "fail", run_thread)
    assert main() == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_error_that_cannot_be_told_is_no_finding(monkeypatch):
    monkeypatch.setattr(main_module, "find_commands", lambda: {"broken": Entry(MemoryError())})
    monkeypatch.setattr(main_module.last_resort, "report", Entry(MemoryError()).fail)
    monkeypatch.setattr(Entry, "fail", lambda self, *_: (_ for _ in ()).throw(self.error))
    assert main(["broken"]) == 2
