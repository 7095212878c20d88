"""Every control of the server's window, used with real keys and clicks."""

import contextlib
import json
import socket
from pathlib import Path

import pytest

from reference.windows.desktop import NO_LOW_PORTS

pytestmark = [pytest.mark.needs("Xvfb"), pytest.mark.needs("xdotool")]

FIRST_FREE_FOR_ALL = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


@pytest.fixture
def server(desktop, port):
    return desktop.open("server", "860x640+0+0", "localhost", port)


@contextlib.contextmanager
def guests(port, names):
    """Let people join who have no window; yield their sockets by name."""
    with contextlib.ExitStack() as held:
        sockets = {name: held.enter_context(socket.create_connection(("127.0.0.1", port))) for name in names}
        for name, peer in sockets.items():
            peer.settimeout(20)
            send(peer, type="join", username=name)
            assert name.encode() in peer.recv(1) + peer.makefile("rb").readline()
        yield sockets
        for peer in sockets.values():
            leave(peer)


def leave(peer):
    """End a connection in order: an end with something unread would be a reset."""
    with contextlib.suppress(OSError):  # the operator may have ended it
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65_536):
            pass


def send(peer, **message):
    peer.sendall(json.dumps(message).encode() + b"\n")


def names(server):
    return [row[1] for row in server.read("table.rows")]


def test_every_entry_of_the_menus(server):
    server.choose("Server", "Start Server")
    server.shows("status", "Running")
    server.choose("Log", "Counters")
    server.until(lambda: server.is_shown("counters.rows"), "the counters are shown")
    server.choose("Log", "Message log")
    server.until(lambda: server.is_shown("log.text"), "the log is shown")
    server.choose("Log", "Filter…")
    server.type("nothing like this")
    server.shows("log.count", "0 of 1 lines")
    server.press("Escape")
    server.shows("log.text", "Server started", times=1)

    normal = server.height("send_button")
    server.choose("View", "Larger")
    server.until(lambda: server.height("send_button") > normal, "everything is larger")
    server.choose("View", "Normal size")
    server.until(lambda: server.height("send_button") == normal, "everything is as before")
    server.choose("View", "Smaller")
    server.until(lambda: server.height("send_button") < normal, "everything is smaller")
    before = server.ask("colour", "log.text")
    server.choose("View", "Light / dark")
    server.until(lambda: server.ask("colour", "log.text") != before, "the other look")
    server.choose("Help", "Keyboard shortcuts")
    server.until(lambda: server.is_shown("shortcuts"), "the shortcuts are shown")
    server.press("Return")
    server.choose("Server", "Stop Server")
    server.shows("status", "Stopped")
    server.choose("Server", "Quit")
    assert server.process.wait(15) == 0


def test_table_of_clients_sorted_scrolled_and_one_disconnected(server, port):
    server.fill("host", "127.0.0.1")
    server.press("Return")
    server.shows("status", "Running on 127.0.0.1")
    assert server.is_disabled("disconnect_button")
    everybody = ["mia", *(f"user {number:02}" for number in range(28)), "W" * 32]
    with guests(port, everybody) as peers:
        server.shows("clients_title", "(30)")
        server.shows("table.rows", "W…")
        assert names(server)[0] == "mia"
        server.click("table.rows", dx=40, dy=12)
        server.until(lambda: names(server)[-1].endswith("W…"), "sorted by name")
        server.click("table.rows", dx=40, dy=12)
        server.until(lambda: names(server)[0].endswith("W…"), "sorted the other way round")
        server.drag("table.scrollbar", 0.1, 0.95)
        server.until(lambda: server.ask("view", "table.rows")[1] == 1.0, "the end of the table is in view")
        server.drag("table.scrollbar", 0.9, 0.0)
        server.until(lambda: server.ask("view", "table.rows")[0] == 0.0, "its beginning is")

        chosen = names(server)[1]
        server.click("table.rows", dy=72)
        server.until(lambda: not server.is_disabled("disconnect_button"), "one can be disconnected")
        server.press("Delete")
        server.shows("clients_title", "(29)")
        server.shows("log.text", f"{chosen} left: the operator ended it", times=1)
        server.until(lambda: server.is_disabled("disconnect_button"), "nobody is selected")
        send(peers["mia"], type="message", content="hi")
        server.until(lambda: ["mia", "1"] in [row[1:5:3] for row in server.read("table.rows")], "one came in")


def test_counters_by_code_and_by_reason_and_the_log_that_follows(server, port):
    server.click("start_button")
    server.shows("status", "Running")
    server.click("views", dx=150, dy=12)
    server.until(lambda: server.is_shown("counters.rows"), "the counters are shown")
    with guests(port, ["ann", "bob"]) as peers:
        for frame in (b"{bad\n", b"[]\n", b'{"type":"zoo"}\n', b"{worse\n"):
            peers["ann"].sendall(frame)
        for number in range(60):
            send(peers["bob"], type="message", content=f"line {number}")
        server.shows("summary", "60 public")
        for row in (("malformed_json", "2"), ("unknown_type", "1"), ("invalid_message", "1"), ("Joins", "2")):
            server.until(lambda row=row: list(row) in server.read("counters.rows"), row)
    server.shows("counters.rows", "It ended the connection")
    server.click("counters.rows", dx=14, dy=12)
    server.drag("counters.scrollbar", 0.1, 0.95)
    server.until(lambda: server.ask("view", "counters.rows")[1] == 1.0, "the end of the counters is in view")

    server.press("alt+1")
    server.shows("log.text", "bob: line 59")
    server.until(lambda: server.ask("view", "log.text")[1] == 1.0, "the log follows")
    server.drag("log.scroll.scrollbar", 0.9, 0.1)
    server.until(lambda: server.ask("view", "log.text")[0] < 0.2, "the log is scrolled up")
    server.click("log.text")
    server.press("ctrl+a", "ctrl+c")
    server.click("log.filter")
    server.type("refused")
    server.shows("log.count", "4 of")
    server.press("Escape")
    server.click("announcement")
    server.press("ctrl+v")
    server.until(lambda: "bob: line 59" in server.read("announcement"), "what was copied is pasted")


@pytest.mark.needs("setpriv")
def test_a_port_for_which_there_is_no_permission_is_explained(desktop):
    if int(FIRST_FREE_FOR_ALL.read_text()) <= 80:
        pytest.skip("this system lets everybody use every port")
    server = desktop.open("server", "860x640+0+0", "localhost", 80, through=NO_LOW_PORTS)
    server.click("start_button")
    server.shows("notice.label", "no permission to use this port; choose one above 1023")
    server.click("notice.dismiss_button")
    server.until(lambda: not server.is_shown("notice"), "the notice is gone")
