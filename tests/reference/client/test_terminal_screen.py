"""The terminal client as its user sees it: what stands on the screen of a real terminal."""

import subprocess
import sys
import time

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
        shell = ["sh", "-c", '"$@"; echo "exit code $?"; exec cat', "sh"]
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
    terminal.close()


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
