"""A server that floods a client's window: what the window keeps is bounded, and its close goes first."""

import contextlib
import json
import re
import threading
import time
from pathlib import Path

import pytest

from chatproof_reference.windows.kept_lines import KeptLines
from reference.client.scripted_server import ScriptedServer
from reference.windows.desktop import open_client

FLOODS = {
    "joins": lambda number: {"type": "system", "message": f"n{number} joined the chat", "timestamp": "10:00:00"},
    "errors": lambda number: {"type": "error", "message": f"{number} " + "x" * 300},
    "large messages": lambda number: {
        "type": "message",
        "username": "bob",
        "content": f"{number} " + "x" * 7000,
        "timestamp": "10:00:00",
    },
    "line feeds": lambda number: {
        "type": "message",
        "username": "bob",
        "content": f"{number}" + "\n" * 3900,
        "timestamp": "10:00:00",
    },
    "bad frames": lambda number: {"nonsense": number},
}


@pytest.mark.needs("Xvfb")
@pytest.mark.needs("xdotool")
@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_costs_bounded_memory_and_closing_goes_first(kind, desktop):
    data = b"".join(json.dumps(FLOODS[kind](number)).encode() + b"\n" for number in range(20_000))
    over = threading.Event()
    with ScriptedServer() as server:
        client = open_client(desktop, "860x600+0+0", server.port, "alice")
        server.welcome()
        client.shows("status", "Connected as alice")

        def flood():
            with contextlib.suppress(OSError):
                while not over.is_set():
                    server.send_bytes(data)

        flooding = threading.Thread(target=flood)
        flooding.start()
        try:
            over.wait(4)
            most = int(re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{client.process.pid}/status").read_text())[1])
            began = time.monotonic()
            client.press("ctrl+q")
            client.process.wait(20)
            assert time.monotonic() - began < 8  # a second or two, and a busy machine
            assert most < 250_000
        finally:
            over.set()
            server.hang_up()
            flooding.join(20)


def test_kept_lines_are_bounded_by_their_number_and_by_their_length():
    kept = KeptLines[str](5, 100)
    for number in range(10):
        kept.append(str(number))
    assert list(kept) == ["5", "6", "7", "8", "9"]
    kept.append("x" * 98)
    assert list(kept) == ["8", "9", "x" * 98]
    kept.append("y" * 101)
    assert len(kept) == 0
    kept.append("z")
    assert list(kept) == ["z"]
