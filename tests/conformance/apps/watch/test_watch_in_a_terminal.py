"""``check --watch`` as its user sees it, in a real terminal: at each save, with keys, and at Ctrl+C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.paths import SERVERS
from support.terminal import CommandTerminal

CHATPROOF = str(Path(sys.executable).with_name("chatproof"))
COMMAND = f"{sys.executable} server.py --port {{port}}"
RIGHT, WRONG = "self.send([self.posts[target]], type=", "self.send(self.posts.values(), type="
WAITING = "Waiting for a change."
SELECTED = ("PRIVATE-2", "--budget", "0.1")


@pytest.fixture
def folder(tmp_path):
    source = (SERVERS / "conforming" / "threads" / "server.py").read_text("utf-8")
    assert RIGHT in source
    (tmp_path / "server.py").write_text(source.replace(RIGHT, WRONG), "utf-8")
    return tmp_path


def save(folder, old, new):
    file = folder / "server.py"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return time.monotonic()


@pytest.fixture
def start(folder):
    started = []

    def start(*words):
        environment = os.environ | {"XDG_CACHE_HOME": str(folder / ".cache"), "TERM": "xterm"}
        terminal = CommandTerminal([CHATPROOF, "check", "--command", COMMAND, "--watch", *words], folder, environment)
        started.append(terminal)
        return terminal

    yield start
    for terminal in started:
        terminal.close()


def test_each_save_says_what_is_better_and_keys_work(start, folder):
    terminal = start(*SELECTED)
    terminal.until("broken       PRIVATE-2")
    terminal.until("FAIL PRIVATE-2 (MUST)")
    terminal.until("Mend first: PRIVATE-2")
    terminal.until(f"{WAITING} Keys: r run again, o open the report, q stop")

    began = save(folder, WRONG, RIGHT)
    terminal.until("server.py changed")
    terminal.until("what failed last time: PRIVATE-2")
    terminal.until("better       PRIVATE-2")
    assert time.monotonic() - began < 20, "within a second on a machine that does nothing else"
    terminal.until("The server conforms. 1 passed of 1 requirements")
    terminal.until(WAITING)

    save(folder, RIGHT, f"{RIGHT[:-1]} (")
    terminal.until("SyntaxError")
    terminal.until(WAITING)
    save(folder, f"{RIGHT[:-1]} (", RIGHT)
    terminal.until("The server conforms.")
    terminal.until(WAITING)

    terminal.press("o")
    terminal.until("The report:")
    terminal.press("r")
    terminal.until("run")
    terminal.until("all that is selected")
    terminal.press("q")
    assert terminal.end() == 0


def test_the_second_of_two_saves_is_checked_too(start, folder):
    terminal = start(*SELECTED)
    terminal.until("FAIL PRIVATE-2 (MUST)")
    for pause in (0.2, 0.4):  # about as long as a server takes to start: it is called off meanwhile
        save(folder, WRONG, f"{WRONG[:-1]} (")
        time.sleep(pause)
        save(folder, f"{WRONG[:-1]} (", RIGHT)
        terminal.until("better       PRIVATE-2")
        save(folder, RIGHT, WRONG)
        terminal.until("worse        PRIVATE-2")


def test_ctrl_c_ends_it_while_it_checks(start):
    terminal = start()
    terminal.until("everything")
    time.sleep(1.0)
    began = time.monotonic()
    terminal.press("\x03")
    assert terminal.end() == 130
    assert time.monotonic() - began < 10, "within a second on a machine that does nothing else"


def test_a_failing_build_shows_its_last_words_and_waits(start, folder):
    (folder / "build.py").write_text("print('cannot compile: line 3')\nraise SystemExit(1)\n")
    terminal = start("--build", f"{sys.executable} build.py", *SELECTED)
    terminal.until("the build failed with exit status 1")
    terminal.until("cannot compile: line 3")
    terminal.until(WAITING)
    (folder / "build.py").write_text("open('made.bin', 'w').write('x')\n")
    terminal.until("build.py changed")
    terminal.until("FAIL PRIVATE-2")
    terminal.until(WAITING)
    assert "made.bin changed" not in terminal.text, "what a build writes starts no check"


def test_it_works_without_a_terminal(folder):
    words = [CHATPROOF, "check", "--command", COMMAND, "--watch", *SELECTED]
    with subprocess.Popen(
        words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines = []
        while not lines or lines[-1].strip() != WAITING:
            lines.append(process.stdout.readline())
            assert lines[-1], "".join(lines)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    assert any("FAIL PRIVATE-2" in line for line in lines)
    assert not any("Keys" in line for line in lines)


def test_a_client_is_watched_too(tmp_path):
    words = [CHATPROOF, "check-client", "--watch", "CLIENT-7"]
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / ".cache"), "TERM": "xterm"}
    terminal = CommandTerminal(words, tmp_path, environment)
    try:
        terminal.until("The client conforms.")
        terminal.until(WAITING)
        (tmp_path / "client.js").write_text("// changed")
        terminal.until("client.js changed")
        terminal.until("The client conforms.")
        terminal.until(WAITING)
        terminal.press("q")
        assert terminal.end() == 0
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--build", "make"], "--build goes with --watch"),
        (["--jobs", "2"], "--jobs goes with --repeat"),
        (["--watch", "--repeat", "2"], "give --watch or --repeat, not both"),
        (["--watch", "--format", "json-lines"], "--watch does not go with --format json-lines"),
        (["--repeat", "2", "--report", "html=x.html"], "--repeat does not go with --report"),
        (["--format", "json"], "--format json goes with --list"),
        (["--watch", "--build", ""], "--build is empty"),
        (["--watch", "--transcript", "x"], "nothing is run"),
    ],
)
def test_options_that_do_not_go_together_are_refused(words, said, tmp_path):
    done = subprocess.run([CHATPROOF, "check", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
