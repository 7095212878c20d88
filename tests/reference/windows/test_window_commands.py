"""The commands that open the windows."""

import os
import subprocess
import sys

import pytest

from reference.client.scripted_server import ScriptedServer

CHATPROOF = [sys.executable, "-m", "chatproof_common.command_line.main"]


@pytest.mark.parametrize("command", ["client", "server"])
def test_with_no_display_the_command_names_the_way_without(command):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [*CHATPROOF, command], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "--headless" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.needs("Xvfb")
@pytest.mark.needs("xdotool")
def test_the_client_command_joins_at_once_and_ends_its_connection_when_closed(desktop):
    with ScriptedServer() as server:
        process = subprocess.Popen(
            [*CHATPROOF, "client", f"127.0.0.1:{server.port}", "--username", "alice"], env=desktop.environment
        )
        try:
            assert server.welcome() == "alice"
            desktop.do("mousemove", "300", "300", "click", "1", "key", "ctrl+q")
            assert server.read_bytes() == b""
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()
