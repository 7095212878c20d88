"""The terminal client as its user sees it: what stands on the screen of a real terminal."""

import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reference.client.scripted_server import ScriptedServer

pytestmark = pytest.mark.needs("tmux")

PATIENCE = 20.0


class Terminal:
    """A terminal of 90 columns and 24 lines, in which the client runs."""

    def __init__(self, folder, port):
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        client = [sys.executable, "-m", "chatproof_common.command_line.main", "client"]
        # The shell shows the exit code: tmux misses now and then that its child ended.
        shell = ["sh", "-c", 'trap : INT; "$@"; echo "exit code $?"; exec cat', "sh"]
        words = [*shell, *client, "--headless", f"127.0.0.1:{port}", "--username", "alice"]
        self._do("new-session", "-d", "-x", "90", "-y", "24", *words)

    def _do(self, *words):
        return subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True, timeout=60).stdout

    def press(self, *keys):
        self._do("send-keys", *keys)

    def type(self, text):
        self._do("send-keys", "-l", text)

    def screen(self, *, styled=False):
        return self._do("capture-pane", "-p", *(["-e"] if styled else [])).rstrip("\n").split("\n")

    def until(self, condition):
        """Wait until the screen's lines satisfy a condition; it is drawn step by step, so it may not for a moment."""
        deadline = time.monotonic() + PATIENCE
        while not condition(lines := self.screen()):
            assert time.monotonic() < deadline, "\n".join(lines)
            time.sleep(0.02)

    def shows(self, text):
        self.until(lambda lines: any(text in line for line in lines))

    def close(self):
        self._do("kill-server")


@pytest.fixture
def server():
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def terminal(tmp_path, server):
    terminal = Terminal(tmp_path, server.port)
    yield terminal
    clients = children_of(terminal)
    terminal.close()
    deadline = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{client}").exists() for client in clients):
        assert time.monotonic() < deadline, "a client outlives its terminal"
        time.sleep(0.02)


def test_messages_stand_above_a_prompt_at_the_bottom_and_own_ones_once(terminal, server):
    server.welcome()
    terminal.shows("joined as alice")
    terminal.until(lambda lines: "alice joined the chat" in lines[-3] and lines[-2].strip() == "alice>")
    terminal.type("hello all")
    terminal.shows("984 bytes left")
    terminal.press("Enter")
    assert server.read() == {"type": "message", "content": "hello all"}
    terminal.until(lambda lines: "1 sending" in lines[-1] and "hello" not in "".join(lines))
    server.send(type="message", username="alice", content="hello all", timestamp="10:00:01")
    once = ["[10:00:01] alice: hello all"]
    terminal.until(lambda lines: [line for line in lines if "hello all" in line] == once and "sending" not in lines[-1])
    assert any("\x1b[1m\x1b[34malice: " in line for line in terminal.screen(styled=True))


def test_names_are_completed_lines_come_back_and_the_end_is_told(terminal, server):
    server.welcome()
    for name in ("Ann Lee", "Anna"):
        server.send(type="system", message=f"{name} joined the chat", timestamp="10:00:01")
    terminal.shows("3 here")
    terminal.type("/msg an")
    terminal.press("Tab")
    terminal.shows("Ann Lee")
    terminal.type("na")
    terminal.press("Tab")
    terminal.type("psst")
    terminal.shows("/msg Anna psst")
    terminal.press("Enter")
    assert server.read() == {"type": "private_message", "target": "Anna", "content": "psst"}
    terminal.press("Up")
    terminal.until(lambda lines: lines[-2] == "alice> /msg Anna psst")
    server.hang_up()
    terminal.shows("no answer before the end: psst")
    terminal.press("C-u")
    terminal.type("/reconnect")
    terminal.press("Enter")
    assert server.welcome() == "alice"
    terminal.until(lambda lines: "alice joined the chat" in lines[-3])
    terminal.type("/quit")
    terminal.press("Enter")
    terminal.shows("exit code 0")


FLOODS = {
    "joins": lambda number: {"type": "system", "message": f"n{number} joined the chat", "timestamp": "10:00:00"},
    "errors": lambda number: {"type": "error", "message": f"{number} " + "x" * 300},
    "large messages": lambda number: {
        "type": "message", "username": "bob", "content": f"{number} " + "x" * 7000, "timestamp": "10:00:00"
    },
    "bad frames": lambda number: {"nonsense": number},
}  # fmt: skip


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize("key", ["C-c", "/quit"])
def test_a_flood_costs_bounded_memory_and_leaving_goes_first(kind, key, terminal, server):
    server.welcome()
    terminal.shows("joined as alice")
    over = threading.Event()
    data = b"".join(json.dumps(FLOODS[kind](number)).encode() + b"\n" for number in range(2000))

    def flood():
        with contextlib.suppress(OSError):
            while not over.is_set():
                server.send_bytes(data)

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        over.wait(4)
        pid = find_child_of(terminal)
        terminal.type(key) if key == "/quit" else terminal.press(key)
        if key == "/quit":
            terminal.press("Enter")
        began = time.monotonic()
        most = int(re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
        terminal.shows("exit code 0")
        assert time.monotonic() - began < 8  # one second, and a busy machine
        assert most < 150_000
    finally:
        over.set()
        server.hang_up()
        flooding.join(20)


def find_child_of(terminal):
    """Return the client's process: the only child of the shell in the terminal."""
    return children_of(terminal)[0]


def children_of(terminal):
    shell = terminal._do("list-panes", "-F", "#{pane_pid}").strip()  # noqa: SLF001  tmux says it
    return [int(number) for number in Path(f"/proc/{shell}/task/{shell}/children").read_text().split()]


def test_after_a_refused_name_the_prompt_says_so_and_another_is_tried(terminal, server):
    server.accept()
    assert server.read() == {"type": "join", "username": "alice"}
    server.send(type="error", message="Username already taken")
    terminal.shows("/name NAME tries again")
    terminal.until(lambda lines: lines[-2].strip() == "(not joined)>")
    terminal.type("hello")
    terminal.press("Enter")
    terminal.shows("Not joined: choose another name first.")
    terminal.type("/name b\u00f6b ")
    terminal.press("Enter")
    assert server.read() == {"type": "join", "username": "b\u00f6b"}
    server.send(type="error", message="Username already taken")
    terminal.shows("“b\u00f6b” was refused")
    terminal.type("/name")
    terminal.press("Enter")
    terminal.shows("Expected /name NAME.")
    server.hang_up()
    terminal.shows("/reconnect tries again")
    terminal.type("/reconnect")
    terminal.press("Enter")
    assert server.welcome() == "alice", "a name that was refused is not kept"
    terminal.until(lambda lines: lines[-2].strip() == "alice>")
