"""Takes the pictures of docs/screenshots.

``PYTHONPATH=tests python tests/reference/windows/take_screenshots.py docs/screenshots``
Needs Xvfb, xdotool, setpriv, ImageMagick and a font with emoji; port 12345 must be free.
"""

import contextlib
import json
import socket
import sys
import tempfile
from pathlib import Path

from reference.client.scripted_server import ScriptedServer
from reference.windows.desktop import NO_LOW_PORTS, Desktop, dead_end

PORT = 12345
CLIENT, SERVER = "860x560", "860x640"


class Scene:
    """A desktop, and a folder for pictures of what is on it."""

    def __init__(self, desktop, folder):
        self.desktop, self.folder = desktop, folder

    def take(self, name, window):
        window.point("status")  # no button lights up, and the keys still go to this window
        self.desktop.picture(self.folder / f"{name}.png", window)

    def client(self, name="", size=CLIENT, place="+900+700", port=PORT):
        client = self.desktop.open("client", size + place)
        client.fill("connection.port", str(port))
        if name:
            client.fill("connection.username", name)
            client.click("connection.connect_button")
        return client

    def server(self, size=SERVER, place="+900+0", port=PORT, **how):
        return self.desktop.open("server", size + place, "localhost", port, **how)


def join(name):
    """Join as somebody without a window; the connection lasts as long as the returned socket."""
    peer = socket.create_connection(("127.0.0.1", PORT))
    send(peer, type="join", username=name)
    return peer


def send(peer, **message):
    peer.sendall(json.dumps(message).encode() + b"\n")


def say(client, text, to=None):
    client.click("compose.private_mode" if to else "compose.public_mode")
    if to:
        client.fill("compose.to", to)
    client.fill("compose.entry", text)
    client.press("Return")
    client.until(lambda: not client.read("compose.entry"), "the message was sent")


def go_dark(window, widget):
    window.click(widget)
    window.press("ctrl+l")


def converse(server, alice, bob, peer=None):
    say(alice, "Hello everyone!")
    say(bob, "Hi Alice, welcome. Have you seen the notes of last week? They are longer than usual, but worth reading.")
    say(bob, "The draft is ready, have a look.", to="Alice")
    say(alice, "Thanks, reading it now.", to="Bob")
    alice.shows("chat.text", "reading it now")
    if peer is not None:
        send(peer, type="message", content="Done at last 🎉")
    server.click("announcement")
    server.type("Maintenance at 18:00, ten minutes.")
    server.press("Return")
    alice.shows("chat.text", "Maintenance")


def before_the_chat(scene):
    stopped = scene.server()
    stopped.shows("status", "Stopped")
    scene.take("server-stopped", stopped)
    stopped.kill()
    refused = scene.server(port=80, through=NO_LOW_PORTS)
    refused.click("start_button")
    refused.shows("notice.label", "no permission")
    scene.take("server-no-permission", refused)
    refused.kill()
    idle = scene.client()
    idle.click("connection.username")
    scene.take("client-not-connected", idle)
    idle.kill()
    with dead_end() as port:
        dialling = scene.client("Alice", port=port)
        dialling.shows("status", "Connecting")
        scene.take("client-connecting", dialling)
        dialling.kill()


def what_was_not_delivered(scene):
    with ScriptedServer() as server:
        alice = scene.client("Alice", port=server.port)
        server.welcome()
        alice.shows("status", "Connected")
        say(alice, "Are you there?", to="Zoe")
        server.read()
        server.send(
            type="private_confirmation", target="Zoe", content="Are you there?",
            delivered=False, reason="User not found", timestamp="10:00:21",
        )  # fmt: skip
        say(alice, "Is anybody here?")
        alice.shows("chat.text", "sending")
        scene.take("client-pending-failed", alice)
        alice.kill()


def the_chat(scene):
    server = scene.server(place="+0+0")
    server.click("start_button")
    server.shows("status", "Running")
    alice = scene.client("Alice", place="+0+700")
    alice.shows("status", "Connected")
    bob = scene.client("Bob")
    bob.shows("status", "Connected")
    with contextlib.ExitStack() as others:
        peers = [
            others.enter_context(join(name))
            for name in ("Ann Lee", "Chiara", "Zoë", "Anna-Katharina von Hohenfels-Ost")
        ]
        converse(server, alice, bob, peers[2])
        light(scene, server, alice, bob, peers)
        menus(scene, server, alice)
        unread(scene, alice, bob)
        dark(scene, server, alice, bob)
    server.click("stop_button")
    alice.shows("notice.label", "ended")
    scene.take("client-server-gone", alice)


def light(scene, server, alice, bob, peers):
    say(alice, "See you at ten.", to="Bob")
    alice.click("compose.entry")
    alice.type("One more thing")
    scene.take("client-private", alice)
    alice.click("compose.public_mode")
    alice.click("compose.entry")
    scene.take("client-light", alice)
    for frame in (b"{bad\n", b'{"type": "nonsense"}\n', b"[]\n"):
        peers[0].sendall(frame)
    server.shows("summary", "3 refused")
    scene.take("server-light", server)
    server.click("log.filter")
    server.type("refused")
    server.shows("log.count", "3 of")
    scene.take("server-filter", server)
    server.press("Escape")
    join("Dora").close()
    server.shows("log.text", "Dora left")
    server.press("alt+2")
    server.click("table.rows", dy=45)
    server.drag("counters.scrollbar", 0.1, 0.95)
    scene.take("server-counters", server)
    server.press("alt+1")
    blocked = scene.server()
    blocked.click("start_button")
    blocked.shows("notice.label", "already in use")
    scene.take("server-port-in-use", blocked)
    blocked.kill()
    twin = scene.client("Alice", place="+900+0")
    twin.shows("notice.label", "already taken")
    scene.take("client-name-taken", twin)
    twin.kill()


def menus(scene, server, alice):
    alice.click("compose.entry")
    alice.press("F10")
    scene.take("client-menu", alice)
    alice.press("Escape", "Escape")
    alice.click("compose.entry")
    alice.press("F1")
    alice.until(lambda: alice.is_shown("shortcuts"), "the shortcuts are shown")
    scene.take("client-shortcuts", alice)
    alice.press("Escape")
    alice.click("chat.text", dx=200, dy=40)
    alice.press("ctrl+a")
    alice.click("chat.text", dx=200, dy=40, button=3)
    alice.until(lambda: alice.ask("grab", "root"), "the menu is open")
    scene.take("client-edit-menu", alice)
    alice.press("Escape")
    server.click("announcement")
    server.press("F10", "Right")
    scene.take("server-menu", server)
    server.press("Escape", "Escape")


def unread(scene, alice, bob):
    for number in range(14):
        say(bob, f"Point {number + 1} of the list.")
    alice.shows("chat.text", "Point 14")
    alice.click("chat.text")
    alice.press("ctrl+Home", "ctrl+f")
    alice.until(lambda: alice.is_shown("find_bar"), "the find bar is open")
    alice.fill("find_bar.entry", "draft")
    alice.press("Return")
    alice.shows("find_bar.answer", "1 of 1")
    say(bob, "Are you still reading?")
    alice.shows("chat.unread_button", "1 new message")
    scene.take("client-find-unread", alice)
    alice.click("find_bar.entry")
    alice.press("Escape")
    alice.click("chat.unread_button")


def dark(scene, server, alice, bob):
    go_dark(alice, "compose.entry")
    go_dark(server, "announcement")
    say(bob, "Good night.", to="Alice")
    say(alice, "Good night!", to="Bob")
    say(alice, "Are you there?", to="Zoe")
    alice.shows("chat.text", "not delivered")
    server.click("announcement")
    server.type("Back tomorrow.")
    server.press("Return")
    say(alice, "Good night, all!")
    alice.shows("chat.text", "Alice: Good night, all!")
    scene.take("client-dark", alice)
    server.click("table.rows", dy=45)
    scene.take("server-dark", server)


def on_other_displays(folder):
    """Take the client's window small, and on a display with twice the DPI."""
    with a_desktop(folder) as scene:
        server = scene.server(place="+0+0")
        server.click("start_button")
        server.shows("status", "Running")
        alice, bob = scene.client("Alice", "700x500", "+0+700"), scene.client("Bob", "700x500")
        converse(server, alice, bob)
        scene.take("client-small", alice)
        with a_desktop(folder, size="1800x1400x24", dpi=192) as fine:
            carl = fine.client("Carl", "1720x1200", "+0+0")
            carl.shows("status", "Connected")
            say(bob, "Hi Carl!")
            say(bob, "Only you can read this.", to="Carl")
            carl.shows("chat.text", "Only you")
            fine.take("client-high-dpi", carl)


@contextlib.contextmanager
def a_desktop(folder, **how):
    with tempfile.TemporaryDirectory() as settings, contextlib.closing(Desktop(Path(settings), **how)) as desktop:
        yield Scene(desktop, folder)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with a_desktop(folder) as scene:
        before_the_chat(scene)
        what_was_not_delivered(scene)
        the_chat(scene)
    on_other_displays(folder)


main()
