"""A display for each test that uses a window, and the chats that most of them begin with."""

import socket

import pytest

from reference.windows.desktop import Desktop, open_client, open_server


@pytest.fixture
def desktop(tmp_path):
    desktop = Desktop(tmp_path / "settings")
    yield desktop
    desktop.close()
    assert desktop.complaints() == ""


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return holder.getsockname()[1]


@pytest.fixture
def chat(desktop, port):
    """Return the windows of a running server and of alice and bob, who have joined."""
    server = open_server(desktop, port)
    alice = open_client(desktop, "860x600+0+700", port, "alice")
    alice.shows("status", "Connected as alice")
    bob = open_client(desktop, "860x600+900+700", port, "bob")
    bob.shows("status", "Connected as bob")
    return server, alice, bob
