"""Every control of the client's window, used with real keys and clicks, against a server that does as it is told."""

import socket

import pytest

from reference.client.scripted_server import ScriptedServer
from reference.windows.desktop import open_client

pytestmark = [pytest.mark.needs("Xvfb"), pytest.mark.needs("xdotool")]

WIDE_NAME = "W" * 32


@pytest.fixture
def server():
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def alice(desktop, server):
    """Return the window of alice, who has joined."""
    alice = open_client(desktop, "860x600+0+0", server.port, "alice")
    server.welcome()
    alice.shows("status", "Connected as alice")
    return alice


def fill_the_history(server, alice):
    """Let forty people join, one of them with an emoji, one with a name wider than the list."""
    for name in (*(f"user {number:02}" for number in range(38)), "zoë 🎉", WIDE_NAME):
        server.send(type="system", message=f"{name} joined the chat", timestamp="10:00:01")
    server.send(type="message", username="zoë 🎉", content="🎉 the last of all", timestamp="10:00:02")
    alice.shows("chat.text", "the last of all")
    alice.shows("people.title", "(41)")


def test_every_entry_of_the_menus(desktop, server):
    alice = desktop.open("client", "860x600+0+0")
    alice.fill("connection.port", str(server.port))
    alice.fill("connection.username", "alice")
    alice.choose("Chat", "Connect")
    server.welcome()
    alice.shows("status", "Connected as alice")
    alice.choose("Message", "Private Message")
    alice.shows("compose.send_button", "SEND PRIVATE")
    alice.choose("Message", "Public (All Users)")
    alice.shows("compose.send_button", "SEND TO ALL")

    normal = alice.height("compose.send_button")
    alice.choose("View", "Larger")
    alice.until(lambda: alice.height("compose.send_button") > normal, "everything is larger")
    alice.choose("View", "Normal size")
    alice.until(lambda: alice.height("compose.send_button") == normal, "everything is as before")
    alice.choose("View", "Smaller")
    alice.until(lambda: alice.height("compose.send_button") < normal, "everything is smaller")
    before = alice.ask("colour", "chat.text")
    alice.choose("View", "Light / dark")
    alice.until(lambda: alice.ask("colour", "chat.text") != before, "the other look")

    alice.choose("Message", "Find…")
    alice.type("joined")
    alice.press("Return")
    alice.shows("find_bar.answer", "1 of 1")
    fill_the_history(server, alice)
    alice.click("chat.text")
    alice.press("ctrl+Home")
    alice.choose("Message", "Newest message")
    alice.until(lambda: alice.ask("view", "chat.text")[1] == 1.0, "the end is in view")

    alice.choose("Help", "Keyboard shortcuts")
    alice.click("shortcuts.close_button")
    alice.choose("Chat", "Save transcript…")
    alice.until(lambda: alice.ask("grab", "root"), "a dialog is open")
    alice.press("Escape")
    alice.until(lambda: not alice.ask("grab", "root"), "the dialog is gone")
    alice.choose("Chat", "Disconnect")
    alice.shows("status", "Disconnected")
    alice.choose("Chat", "Quit")
    assert alice.process.wait(15) == 0


def test_find_bar_scrollbars_people_and_target(server, alice):
    alice.press("ctrl+f")
    alice.type("user 0")
    fill_the_history(server, alice)
    alice.press("Return")
    alice.shows("find_bar.answer", "10 of 10")
    alice.click("find_bar.previous_button")
    alice.shows("find_bar.answer", "9 of 10")
    alice.click("find_bar.next_button")
    alice.shows("find_bar.answer", "10 of 10")
    alice.click("find_bar.entry")
    alice.press("shift+Return")
    alice.shows("find_bar.answer", "1 of 10")
    alice.click("find_bar.close_button")
    alice.until(lambda: not alice.is_shown("find_bar"), "the bar is gone")

    alice.type("still typing")
    alice.shows("compose.entry", "still typing")
    alice.press("ctrl+End")
    alice.drag("chat.scroll.scrollbar", 0.9, 0.1)
    alice.until(lambda: alice.ask("view", "chat.text")[0] < 0.2, "the history is scrolled up")
    place = alice.ask("view", "chat.text")
    server.send(type="message", username="zoë 🎉", content="are you reading?", timestamp="10:00:03")
    alice.shows("chat.unread_button", "1 new message")
    assert alice.ask("view", "chat.text")[0] == pytest.approx(place[0], abs=0.05)
    alice.click("chat.unread_button")
    alice.until(lambda: alice.ask("view", "chat.text")[1] == 1.0, "the end is in view")

    alice.drag("people.scrollbar", 0.1, 0.95)
    alice.until(lambda: alice.ask("view", "people.names")[1] == 1.0, "the end of the list is in view")
    assert alice.read("people.names")[-2].endswith("W…")
    alice.click("people.names", dy=alice.ask("where", "people.names")["height"] - 40)
    alice.shows("compose.to", WIDE_NAME)
    alice.press("shift+Tab", "shift+Tab", "shift+Tab", "shift+Tab", "Up", "Return")
    alice.shows("compose.to", "user 37")
    alice.click("compose.to")
    alice.press("ctrl+a")
    alice.type("user 3")
    alice.shows("compose.to", "user 30")
    alice.press("Down")
    alice.until(lambda: alice.ask("grab", "root"), "the list of names is open")
    alice.press("Down", "Return")
    alice.click("compose.public_mode")
    alice.until(lambda: alice.read("compose.to") not in ("", "user 30", "user 3"), "another name is chosen")


def test_text_is_copied_cut_and_pasted_by_keys_and_by_menu(server, alice):
    server.send(type="message", username="zoë", content="copy 🎉 this", timestamp="10:00:02")
    alice.shows("chat.text", "copy")
    alice.click("chat.text")
    alice.press("ctrl+a", "ctrl+c")
    alice.click("compose.entry")
    alice.press("ctrl+v")
    alice.shows("compose.entry", "zoë: copy 🎉 this")
    alice.press("ctrl+a", "shift+F10")
    alice.choose_from("edit_menu", "Cut")
    alice.until(lambda: not alice.read("compose.entry"), "the text is cut")
    alice.click("compose.entry", button=3)
    alice.choose_from("edit_menu", "Paste")
    alice.shows("compose.entry", "copy 🎉 this")
    alice.click("compose.entry")
    alice.press("End")
    alice.type(" twice: ")
    alice.click("chat.text", button=3)
    alice.choose_from("edit_menu", "Select all")
    alice.click("chat.text", button=3)
    alice.choose_from("edit_menu", "Copy")
    alice.click("compose.entry", button=3)
    alice.choose_from("edit_menu", "Paste")
    alice.until(lambda: alice.read("compose.entry").count("copy 🎉 this") == 2, "it is pasted twice")


def test_a_message_is_pending_until_answered_and_failed_where_no_answer_can_come(desktop, server, alice):
    alice.click("compose.entry")
    alice.type("one")
    alice.press("Return")
    alice.shows("chat.text", "alice: one  (sending)", times=1)
    alice.type("two")
    alice.press("Return")
    alice.shows("chat.text", "alice: two  (sending)", times=1)
    server.send(type="message", username="alice", content="one", timestamp="10:00:01")
    alice.shows("chat.text", "one  (sending)", times=0)
    alice.shows("chat.text", "[10:00:01] alice: one", times=1)
    server.hang_up()
    alice.shows("chat.text", "✗ no answer before the end: alice: two", times=1)
    alice.shows("chat.text", "(sending)", times=0)
    alice.click("notice.action_button")
    server.welcome()
    alice.shows("status", "Connected as alice")
    alice.press("Up")
    alice.shows("compose.entry", "two")

    desktop.do("mousemove", "1700", "1300")
    server.send(type="message", username="zoë", content="psst", timestamp="10:00:05")
    alice.shows("root", "(1) alice")
    alice.point("status")
    alice.until(lambda: alice.read("root").startswith("alice"), "the title counts no more")


def test_tab_goes_through_all_controls_in_the_order_in_which_they_stand(alice):
    alice.press("ctrl+f")
    alice.click("connection.disconnect_button")
    alice.fill("connection.host", "localhost")
    visited = ["connection.host"]
    while len(visited) < 2 or visited[-1] != visited[0]:
        alice.press("Tab")
        alice.until(lambda: alice.ask("focus", "root") != visited[-1], f"the focus goes on after {visited[-1]}")
        visited.append(alice.ask("focus", "root"))
        assert len(visited) < 20
    assert visited[:-1] == [
        "connection.host", "connection.port", "connection.username", "connection.connect_button",
        "find_bar.entry", "find_bar.previous_button", "find_bar.next_button", "find_bar.close_button",
        "chat.text", "people.names", "compose.public_mode", "compose.private_mode", "compose.entry",
    ]  # fmt: skip


def test_a_long_history_is_drawn_in_part_and_saved_whole(server, alice, tmp_path):
    count = 10_500
    for number in range(count):
        server.send(type="message", username="bob", content=f"message {number}.", timestamp="10:00:01")
    server.send(type="message", username="zoë", content="the end", timestamp="10:00:02")
    alice.shows("people.title", "(3)")
    drawn = alice.read("chat.text").split("\n")
    assert drawn[-1] == "[10:00:02] zoë: the end"
    assert 10_000 <= len(drawn) <= 10_200
    alice.click("chat.text")
    alice.press("ctrl+s")
    path = tmp_path / "saved.txt"
    alice.type_in_dialog(str(path))
    alice.shows("notice.label", "Saved")
    saved = path.read_text("utf-8").split("\n")
    assert saved[1:3] == ["[10:00:01] bob: message 0.", "[10:00:01] bob: message 1."]
    assert len(saved) == count + 3


def test_a_private_message_to_nobody_chosen_asks_whom_it_is_for(chat):
    _, alice, _ = chat
    alice.click("compose.private_mode")
    alice.fill("compose.entry", "psst")
    alice.press("Return")
    alice.shows("notice.label", "Choose whom it is for")
    alice.shows("compose.entry", "psst")


def test_connecting_without_a_name_asks_for_one(desktop, port):
    client = open_client(desktop, "860x600+0+0", port, "")
    client.shows("notice.label", "Enter a name of your choice")


def test_names_that_are_not_what_they_seem_are_marked_and_a_notice_has_one_line(desktop, port, chat):
    _, alice, _ = chat
    with socket.create_connection(("localhost", port), timeout=20) as eve:
        eve.sendall('{"type": "join", "username": "\u0430lice"}\n'.encode())
        eve.sendall(b'{"type": "message", "content": "a\\n[07:07:00] bob: b"}\n')
        alice.shows(
            "chat.text", "(⚠ looks like “alice”, and is another) \u0430lice: a\n        [07:07:00] bob: b", times=1
        )
        alice.shows("people.names", "⚠ \u0430lice")
