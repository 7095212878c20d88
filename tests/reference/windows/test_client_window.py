"""The client's window used as a person does, with real keys and clicks on a display of its own."""

import json
import socket

import pytest

from reference.windows.desktop import Desktop, dead_end, open_client, open_server

pytestmark = [pytest.mark.needs("Xvfb"), pytest.mark.needs("xdotool")]


def test_two_people_chat_in_public_and_in_private_until_the_server_stops(desktop, port, chat):
    server, alice, bob = chat
    alice.click("compose.entry")
    alice.type("Hello everyone!")
    alice.press("Return")
    for window in (alice, bob):
        window.shows("chat.text", "alice: Hello everyone!", times=1)
    alice.shows("chat.text", "sending", times=0)

    bob.click("compose.private_mode")
    bob.fill("compose.to", "alice")
    bob.click("compose.entry")
    bob.type("Hello privately!")
    bob.click("compose.send_button")
    bob.shows("chat.text", "you → alice: Hello privately!", times=1)
    alice.shows("chat.text", "bob → you: Hello privately!", times=1)

    twin = open_client(desktop, "860x600+900+0", port, "alice")
    twin.shows("notice.label", "Username already taken")
    twin.shows("status", "Not joined")
    assert twin.is_disabled("compose.send_button")
    twin.fill("connection.username", "alicia")
    twin.press("Return")
    twin.shows("status", "Connected as alicia")

    server.click("announcement")
    server.type("Tea at four")
    server.press("Return")
    for window in (alice, bob, twin):
        window.shows("chat.text", "SERVER: Tea at four", times=1)

    server.click("stop_button")
    server.shows("status", "Stopped")
    for window in (alice, bob, twin):
        window.shows("status", "Disconnected")
        window.shows("notice.label", "The server ended the connection")
        assert window.is_shown("notice.action_button")


def test_after_the_server_went_one_click_reconnects_and_what_was_typed_is_kept(chat):
    server, alice, _ = chat
    alice.click("compose.entry")
    alice.type("half a thought")
    server.click("stop_button")
    alice.shows("status", "Disconnected")
    server.click("start_button")
    server.shows("status", "Running")
    alice.click("notice.action_button")
    alice.shows("status", "Connected as alice")
    alice.shows("compose.entry", "half a thought")
    alice.press("Return")
    alice.shows("chat.text", "alice: half a thought", times=1)


def test_a_private_message_to_nobody_is_shown_as_failed(chat):
    _, alice, _ = chat
    alice.click("compose.entry")
    alice.press("alt+2")
    alice.type("zoe")
    alice.press("Return")
    alice.type("psst")
    alice.press("Return")
    alice.shows("chat.text", "not delivered to zoe (User not found): psst", times=1)
    alice.shows("chat.text", "sending", times=0)


def test_a_click_on_a_person_makes_them_the_target_and_names_are_completed(chat):
    _, alice, bob = chat
    alice.shows("people.names", "bob")
    alice.click("people.names", dy=30)
    alice.shows("compose.to", "bob")
    alice.type("hi bob")
    alice.press("Return")
    bob.shows("chat.text", "alice → you: hi bob")
    bob.click("compose.private_mode")
    bob.click("compose.to")
    bob.type("al")
    bob.shows("compose.to", "alice")


def test_bytes_left_are_counted_and_too_long_is_refused_and_kept(chat):
    _, alice, bob = chat
    alice.click("compose.entry")
    alice.shows("compose.counter", "993 bytes left")
    alice.type("x" * 1000)
    alice.shows("compose.counter", "7 bytes too long")
    alice.press("Return")
    alice.shows("notice.label", "Too long by 7 bytes")
    alice.shows("compose.entry", "x" * 1000)
    bob.shows("chat.text", "xxx", times=0)


def test_a_scrolled_up_view_stays_and_marks_what_is_unread(chat):
    _, alice, bob = chat
    bob.click("compose.entry")
    for number in range(40):
        bob.type(f"line {number}")
        bob.press("Return")
    alice.shows("chat.text", "line 39")
    alice.click("chat.text")
    alice.press("ctrl+Home")
    bob.click("compose.entry")
    bob.type("news")
    bob.press("Return")
    alice.shows("chat.text", "new messages")
    alice.shows("chat.unread_button", "1 new message")
    alice.click("chat.unread_button")
    alice.shows("chat.text", "new messages", times=0)


def test_find_and_save_and_the_look_by_keyboard(chat):
    _, alice, _ = chat
    alice.click("compose.entry")
    alice.press("ctrl+f")
    alice.type("JOINED")
    alice.press("Return")
    alice.shows("find_bar.answer", "2 of 2")
    alice.press("ctrl+a")
    alice.type("nowhere")
    alice.press("Return")
    alice.shows("find_bar.answer", "not found")
    alice.press("Escape")
    assert not alice.is_shown("find_bar")
    before = alice.ask("where", "compose.send_button")["height"]
    alice.click("compose.entry")
    alice.press("ctrl+plus", "ctrl+plus", "ctrl+plus")
    alice.until(lambda: alice.ask("where", "compose.send_button")["height"] > before, "everything is larger")


def test_a_larger_view_still_follows_and_cuts_no_button(chat):
    _, alice, bob = chat
    bob.click("compose.entry")
    for number in range(30):
        bob.type(f"line {number}")
        bob.press("Return")
    alice.shows("chat.text", "line 29")
    alice.click("compose.entry")
    alice.press("ctrl+plus", "ctrl+plus", "ctrl+l")
    bob.click("compose.entry")
    bob.type("after")
    bob.press("Return")
    alice.shows("chat.text", "bob: after")
    alice.shows("chat.text", "new messages", times=0)
    button = alice.ask("where", "connection.disconnect_button")
    assert button["width"] >= button["wanted"]


def test_words_are_found_beside_emoji(chat, port):
    _, alice, _ = chat
    with socket.create_connection(("127.0.0.1", port)) as carl:
        for message in ({"type": "join", "username": "carl"}, {"type": "message", "content": "🔒🎉 needle 👩‍👧 straw"}):
            carl.sendall(json.dumps(message).encode() + b"\n")
        alice.shows("chat.text", "needle")
        alice.click("compose.entry")
        alice.press("ctrl+f")
        for words, answer in (("STRAW", "1 of 1"), ("pin", "not found"), ("needle", "1 of 1")):
            alice.press("ctrl+a")
            alice.type(words)
            alice.press("Return")
            alice.shows("find_bar.answer", answer)


def test_what_is_wrong_before_connecting_is_said(desktop, port):
    client = open_client(desktop, "860x600+0+0", "port", "alice")
    client.shows("notice.label", "is no port")
    client.fill("connection.port", str(port))
    client.click("connection.connect_button")
    client.shows("notice.label", "no server listens")
    client.fill("connection.username", " ")
    client.press("Return")
    client.shows("notice.label", "username")


def test_connecting_can_be_cancelled(desktop):
    with dead_end() as port:
        client = open_client(desktop, "860x600+0+0", port, "alice")
        client.shows("connection.disconnect_button", "Cancel")
        client.click("connection.disconnect_button")
        client.shows("status", "Disconnected")
        client.click("connection.connect_button")
        client.shows("connection.disconnect_button", "Cancel")
        client.press("Escape")
        client.shows("status", "Disconnected")


@pytest.mark.parametrize("kind", ["client", "server"])
def test_quitting_ends_the_process(desktop, port, kind):
    window = desktop.open(kind, "860x600+0+0", *(("localhost", port) if kind == "server" else ()))
    if kind == "server":
        window.click("start_button")
        window.shows("status", "Running")
    else:
        window.click("compose.entry")
    window.press("ctrl+q")
    assert window.process.wait(15) == 0


def test_host_port_and_name_are_remembered(desktop, port):
    open_server(desktop, port)
    first = open_client(desktop, "860x600+0+700", port, "alice")
    first.shows("status", "Connected")
    first.press("ctrl+q")
    assert first.process.wait(15) == 0
    again = desktop.open("client", "860x600+0+700")
    again.shows("connection.port", str(port))
    again.shows("connection.username", "alice")


def test_the_transcript_is_saved_where_one_says(chat, tmp_path):
    _, alice, _ = chat
    alice.click("compose.entry")
    alice.type("for the record")
    alice.press("Return")
    alice.shows("chat.text", "alice: for the record")
    alice.press("ctrl+s")
    path = tmp_path / "saved.txt"
    alice.type_in_dialog(str(path))
    alice.shows("notice.label", "Saved")
    assert "alice: for the record\n" in path.read_text("utf-8")
    alice.click("notice.dismiss_button")
    alice.until(lambda: not alice.is_shown("notice"), "the notice is gone")


def test_what_was_sent_comes_back_with_up_and_escape_returns_to_public(chat):
    _, alice, _ = chat
    alice.click("compose.private_mode")
    alice.shows("compose.send_button", "SEND PRIVATE")
    alice.click("compose.entry")
    alice.press("Escape")
    alice.shows("compose.send_button", "SEND TO ALL")
    alice.type("once")
    alice.click("compose.send_button")
    alice.shows("chat.text", "alice: once", times=1)
    alice.click("compose.entry")
    alice.press("Up")
    alice.shows("compose.entry", "once")
    alice.press("Down")
    alice.until(lambda: not alice.read("compose.entry"), "the field is empty again")


def test_leaving_by_the_button_is_shown_to_both(chat):
    _, alice, bob = chat
    alice.click("connection.disconnect_button")
    alice.shows("status", "Disconnected")
    alice.shows("chat.text", "You left the chat")
    bob.shows("chat.text", "alice left the chat", times=1)
    bob.until(lambda: "alice" not in bob.read("people.names"), "alice is gone from the list")


def test_tab_goes_through_the_panel_in_order(desktop, port):
    client = desktop.open("client", "860x600+0+0")
    client.fill("connection.host", "127.0.0.1")
    client.press("Tab")
    client.type(str(port))
    client.press("Tab")
    client.type("alice")
    client.press("Tab", "space")
    client.shows("notice.label", "no server listens")
    assert [client.read(f"connection.{field}") for field in ("host", "port", "username")] == [
        "127.0.0.1",
        str(port),
        "alice",
    ]


def test_everything_is_twice_as_large_on_a_display_of_twice_the_dpi(desktop, tmp_path):
    twice = Desktop(tmp_path / "other", dpi=192)
    try:
        heights = [each.open("client", "1700x1200+0+0").height("compose.send_button") for each in (desktop, twice)]
    finally:
        twice.close()
    assert 1.7 < heights[1] / heights[0] < 2.3


@pytest.mark.needs("xprop")
def test_everything_is_as_large_as_the_desktop_asks_for(desktop):
    heights = [desktop.open("client", "1700x1200+0+0").height("compose.send_button")]
    desktop.ask_for_dpi(192)
    heights.append(desktop.open("client", "1700x1200+0+0").height("compose.send_button"))
    assert 1.7 < heights[1] / heights[0] < 2.3


def open_the_list(window):
    window.click("compose.private_mode")
    window.until(lambda: window.is_shown("compose.to"), "the field for a name is shown")
    window.click("compose.to", dx=window.ask("where", "compose.to")["width"] - 8)
    window.until(lambda: window.ask("grab", "root"), "the list of names is open")


def open_a_menu(window):
    window.click_title("Message")
    window.until(lambda: "Find…" in window.ask("entries", "menu"), "the menu is open")


def open_a_dialog(window):
    window.choose("Chat", "Save transcript…")
    window.until(lambda: window.ask("grab", "root"), "the dialog is open")


@pytest.mark.parametrize("opened", [open_the_list, open_a_menu, open_a_dialog])
def test_what_comes_while_something_of_the_window_is_open_is_not_unread(port, chat, opened):
    """The fixture of the display sees to it that no window complains on standard error."""
    _, _, bob = chat
    with socket.create_connection(("localhost", port), timeout=20) as carol:
        carol.sendall(b'{"type": "join", "username": "carol"}\n')
        bob.shows("chat.text", "carol joined the chat", times=1)
        opened(bob)
        carol.sendall(b'{"type": "message", "content": "look here"}\n')
        bob.shows("chat.text", "carol: look here", times=1)
        assert bob.read("root") == "bob · TCP Chat Client"
        bob.press("Escape")


def test_a_right_click_in_a_dialog_of_the_system_does_no_harm(desktop, chat):
    _, _, bob = chat
    open_a_dialog(bob)
    dialog = bob.ask("grab", "root")
    place = bob.ask("where_named", f"{dialog}.contents.f2.ent")
    desktop.do("mousemove", str(place["x"] + 5), str(place["y"] + 5), "click", "3")
    bob.press("Escape")
    bob.until(lambda: not bob.ask("grab", "root"), "the dialog is closed")
