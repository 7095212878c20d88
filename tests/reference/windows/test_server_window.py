"""The server's window used as its operator does, with real keys and clicks on a display of its own."""

import json
import socket

import pytest

pytestmark = [pytest.mark.needs("Xvfb"), pytest.mark.needs("xdotool")]


def test_the_operator_disconnects_one_and_filters_the_log(chat):
    server, alice, bob = chat
    server.shows("table.rows", "alice")
    server.shows("clients_title", "(2)")
    server.click("table.rows", dy=45)
    server.click("disconnect_button")
    alice.shows("status", "Disconnected")
    bob.shows("chat.text", "alice left the chat", times=1)
    server.shows("clients_title", "(1)")
    server.press("ctrl+f")
    server.type("bob")
    server.shows("log.text", "alice joined", times=0)
    server.shows("log.text", "bob joined")


def test_a_port_in_use_is_said_in_words_and_the_window_goes_on(desktop, port):
    with socket.create_server(("127.0.0.1", port)):
        server = desktop.open("server", "860x640+0+0", "127.0.0.1", port)
        server.click("start_button")
        server.shows("notice.label", "already in use")
    server.click("notice.action_button")
    server.shows("status", "Running")


def test_an_announcement_that_is_too_long_is_refused_and_kept(chat):
    server, alice, _ = chat
    server.click("announcement")
    server.type("x" * 200)
    server.press("ctrl+a", "ctrl+c", "End", *["ctrl+v"] * 44)
    server.press("Return")
    server.shows("notice.label", "Not announced")
    assert len(server.read("announcement")) == 9000
    server.fill("announcement", "short")
    server.click("send_button")
    alice.shows("chat.text", "SERVER: short", times=1)


def test_counters_and_log_follow_the_chat(chat):
    server, alice, _ = chat
    alice.click("compose.entry")
    alice.type("count me")
    alice.press("Return")
    server.shows("log.text", "alice: count me")
    server.shows("summary", "1 public")


def test_a_port_that_is_none_is_said(desktop):
    server = desktop.open("server", "860x640+0+0", "localhost", 1)
    server.fill("port", "99999")
    server.press("Return")
    server.shows("notice.label", "is no port")


def test_what_another_window_has_remembered_stays(desktop, port, tmp_path):
    server = desktop.open("server", "860x640+0+0", "localhost", port)
    server.click("host")
    path = tmp_path / "settings" / "chatproof" / "client.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"username": "alice", "zoom": 150}))
    server.press("ctrl+l")
    server.until(lambda: "dark" in path.read_text("utf-8"), "the look is remembered")
    assert json.loads(path.read_text("utf-8")).items() >= {"username": "alice", "dark": True, "zoom": 150}.items()
