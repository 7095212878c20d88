"""Takes the pictures of docs/screenshots: ``python tests/reference/windows/take_screenshots.py FOLDER``.

Needs Xvfb, xdotool, ImageMagick and a font with emoji.
"""

import sys
import tempfile
from pathlib import Path

from desktop import Desktop

PORT = 12345


def open_client(desktop, geometry, name):
    client = desktop.open("client", geometry)
    client.fill("connection.username", name)
    client.click("connection.connect_button")
    client.shows("status", "Connected")
    return client


def say(client, text, to=None):
    if to:
        client.click("compose.private_mode")
        client.fill("compose.to", to)
        client.click("compose.entry")
    else:
        client.click("compose.public_mode")
    client.fill("compose.entry", text)
    client.press("Return")
    client.until(lambda: not client.read("compose.entry"), "the message was sent")


def go_dark(window, widget):
    window.click(widget)
    window.press("ctrl+l")


def converse(server, alice, bob):
    say(alice, "Hello everyone!")
    say(bob, "Hi Alice, welcome.")
    say(bob, "The draft is ready, have a look.", to="Alice")
    say(alice, "Thanks, reading it now.", to="Bob")
    say(alice, "Are you there?", to="Zoe")
    server.click("announcement")
    server.type("Maintenance at 18:00, ten minutes.")
    server.press("Return")
    alice.shows("chat.text", "Maintenance")


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as settings:
        desktop = Desktop(Path(settings))
        try:
            take_all(desktop, folder)
        finally:
            desktop.close()


def take_all(desktop, folder):
    server = desktop.open("server", "860x600+0+0", "localhost", PORT)
    desktop_picture = lambda name, window: desktop.picture(folder / f"{name}.png", window)  # noqa: E731  a short name for it
    server.click("start_button")
    server.shows("status", "Running")
    alice = open_client(desktop, "860x560+0+700", "Alice")
    bob = open_client(desktop, "860x560+900+700", "Bob")
    converse(server, alice, bob)
    alice.click("compose.entry")
    alice.type("One more thing")
    desktop_picture("client-light", alice)
    desktop_picture("server-light", server)
    blocked = desktop.open("server", "860x600+900+0", "localhost", PORT)
    blocked.click("start_button")
    blocked.shows("notice.label", "already in use")
    desktop_picture("server-port-in-use", blocked)
    blocked.kill()
    twin = desktop.open("client", "860x560+900+0")
    twin.fill("connection.username", "Alice")
    twin.click("connection.connect_button")
    twin.shows("notice.label", "already taken")
    desktop_picture("client-name-taken", twin)
    twin.kill()
    unread(desktop_picture, alice, bob)
    alice.click("compose.entry")
    alice.press("F10")
    desktop_picture("client-menu", alice)
    alice.press("Escape", "Escape")
    go_dark(alice, "compose.entry")
    go_dark(server, "announcement")
    alice.click("compose.private_mode")
    say(bob, "Good night.", to="Alice")
    say(alice, "Good night!")
    alice.shows("chat.text", "Alice: Good night!")
    desktop_picture("client-dark", alice)
    desktop_picture("server-dark", server)
    server.click("stop_button")
    alice.shows("notice.label", "ended")
    desktop_picture("client-server-gone", alice)


def unread(desktop_picture, alice, bob):
    for number in range(14):
        say(bob, f"Point {number + 1} of the list.")
    alice.shows("chat.text", "Point 14")
    alice.click("chat.text")
    alice.press("ctrl+Home", "ctrl+f")
    alice.type("draft")
    alice.press("Return")
    say(bob, "Are you still reading?")
    alice.shows("chat.unread_button", "1 new message")
    desktop_picture("client-find-unread", alice)
    alice.click("find_bar.entry")
    alice.press("Escape")
    alice.click("chat.unread_button")


main()
