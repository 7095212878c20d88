"""Drives the reference client's window with real keys and clicks, and tells what it shows: docs/driver-protocol.md.

It needs a display and xdotool. What a key cannot type it calls unsupported.
"""

import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tkinter as tk
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from chatproof_reference.client.lines import Style
from chatproof_reference.client.settings import Settings
from chatproof_reference.windows.client_window import ClientWindow
from chatproof_reference.windows.polling import repeat
from reference.windows.desktop import Desktop

POLL_MILLISECONDS = 5
PATIENCE = 30.0
LONGEST = 1_200
LEFT = ("You left the chat.", "Cancelled.")


class Untypable(Exception):  # noqa: N818  says what it is
    """What no key types here; the text says why."""


def tell(event, **members):
    sys.stdout.write(json.dumps({"event": event, **members}) + "\n")
    sys.stdout.flush()


class Window:
    """The window in Tk's thread; ``ask`` is for the other one."""

    def __init__(self):
        self.root = tk.Tk()
        self.root.geometry("860x600+0+0")
        self.window = ClientWindow(self.root, Settings(host="127.0.0.1"))
        self.requests = queue.SimpleQueue()
        self.told = 0
        self._status = ""
        repeat(self.root, POLL_MILLISECONDS, self._poll)

    def ask(self, question):
        """Return what a function makes of the window, in Tk's thread."""
        answer = queue.SimpleQueue()
        self.requests.put((question, answer))
        return answer.get(timeout=PATIENCE)

    def _poll(self):
        while not self.requests.empty():
            question, answer = self.requests.get()
            self.root.update_idletasks()
            answer.put(question(self.window))
        self._tell_status()
        self._tell_entries()

    def _tell_status(self):
        status = str(self.window.status.cget("text"))
        if status != self._status and status.startswith("● Connected as "):
            tell("joined", username=status.removeprefix("● Connected as "))
        self._status = status

    def _tell_entries(self):
        text = self.window.chat.text
        times = [str(index) for index in text.tag_ranges("time")]
        starts, ends = times[::2], times[1::2]
        for number in range(self.told, len(starts)):
            styles = {style.value for style in Style} & set(text.tag_names(starts[number]))
            # The range may have begun before: entries of one style that follow each other are one.
            stop = str(text.tag_prevrange(min(styles), f"{starts[number]} + 1 chars")[1])
            if number + 1 < len(starts) and text.compare(starts[number + 1], "<", stop):
                stop = starts[number + 1]
            shown = text.get(ends[number], stop).removesuffix("\n").replace("\n        ", "\n")
            tell_entry(Style(min(styles)), shown)
        self.told = len(starts)


def tell_entry(style, shown):
    """Tell what stands in one entry of the history."""
    if style in (Style.OWN, Style.OTHER):
        username, _, content = shown.partition(": ")
        tell("shown", kind="message", username=username, content=content)
    elif style is Style.PRIVATE_RECEIVED:
        sender, content = re.fullmatch(r"(?:🔒 )?(.*?) → you: (.*)", shown, re.DOTALL).groups()
        tell("shown", kind="private_message", sender=sender, content=content)
    elif style is Style.PRIVATE_SENT:
        target, content = re.fullmatch(r"(?:🔒 )?you → (.*?): (.*)", shown, re.DOTALL).groups()
        tell("shown", kind="private_confirmation", target=target, content=content)
    elif style is Style.SERVER:
        tell("shown", kind="server", message=shown.removeprefix("SERVER: "))
    elif style is Style.SYSTEM:
        tell_notice(shown)
    else:
        tell_error(shown)


def tell_notice(shown):
    if shown in LEFT:
        tell("disconnected", reason=shown)
    elif shown.startswith("A message was ignored: "):
        tell("problem", reason=shown)
    else:
        tell("shown", kind="system", message=shown)


def tell_error(shown):
    failed = re.fullmatch(r"✗ not delivered to (.*?) \((.*)\): (.*)", shown, re.DOTALL)
    refused = re.fullmatch(r"✗ The name “(.*?)” was refused: (.*)", shown, re.DOTALL)
    if failed:
        target, reason, content = failed.groups()
        tell("failed", do="say_privately", target=target, content=content, reason=reason)
    elif refused:
        tell("refused", username=refused[1], reason=refused[2])
    elif shown.startswith("⚠ "):
        tell("problem", reason=shown)
    elif shown.startswith("✗ Error: "):
        tell("shown", kind="error", message=shown.removeprefix("✗ Error: "))
    else:
        tell("disconnected", reason=shown)


class User:
    """Does what a request asks for, with keys and clicks."""

    def __init__(self, window):
        self._window = window

    def connect(self, host, port, username):
        if not self._reads("connection.disconnect_button", "disabled"):
            self.leave()
            self._until(lambda: self._reads("connection.disconnect_button", "disabled"))
        self._fill("connection.host", host)
        self._fill("connection.port", str(port))
        self._join(username)

    def join(self, username):
        self._join(username)

    def _join(self, username):
        self._fill("connection.username", username)
        self._presses("connection.connect_button", "refused", username=username)

    def say(self, content):
        self._click("compose.public_mode")
        self._fill("compose.entry", content)
        self._sends(do="say", content=content)

    def say_privately(self, target, content):
        self._click("compose.private_mode")
        self._fill("compose.to", target)
        self._fill("compose.entry", content)
        self._sends(do="say_privately", target=target, content=content)

    def leave(self):
        if not self._reads("connection.disconnect_button", "disabled"):
            self._click("connection.disconnect_button")

    def _sends(self, **request):
        if request["content"]:
            self._window.ask(lambda window: window.notice.dismiss())
            press("key", "Return")
            self._until(lambda: not self._value("compose.entry") or self._notice())
            if self._value("compose.entry"):
                tell("failed", **request, reason=self._notice())

    def _presses(self, button, event, **members):
        told = self._window.told
        self._window.ask(lambda window: window.notice.dismiss())
        self._click(button)
        self._until(lambda: self._reads(button, "disabled") or self._notice())
        if not self._reads(button, "disabled") and self._window.told == told:
            tell(event, **members, reason=self._notice())

    def _fill(self, name, text):
        if self._value(name) == text:
            self._click(name)
            return
        if not text.isascii() or (text and not text.isprintable()) or len(text) > LONGEST:
            raise Untypable("no key types that here: control characters, other scripts, or more than 1,200 characters")
        self._click(name)
        press("key", "--delay", "1", "ctrl+a", "BackSpace")
        if text:
            press("type", "--delay", "0", text)
        self._until(lambda: self._value(name).startswith(text))
        if self._value(name) != text:
            press("key", "Delete")  # what was completed
        self._until(lambda: self._value(name) == text)

    def _click(self, name):
        x, y = self._window.ask(lambda window: middle(find(window, name)))
        press("mousemove", str(x), str(y), "click", "1")

    def _value(self, name):
        return self._window.ask(lambda window: find(window, name).get())

    def _reads(self, name, state):
        return self._window.ask(lambda window: find(window, name).instate([state]))

    def _notice(self):
        return self._window.ask(
            lambda window: str(window.notice.label.cget("text")) if window.notice.winfo_ismapped() else ""
        )

    def _until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise Untypable("the window did not take it")
            time.sleep(0.005)


def find(window, name):
    for part in name.split("."):
        window = getattr(window, part)
    return window


def middle(widget):
    return widget.winfo_rootx() + widget.winfo_width() // 2, widget.winfo_rooty() + widget.winfo_height() // 2


def press(*words):
    subprocess.run(["xdotool", *words], check=True, timeout=60, stdin=subprocess.DEVNULL)


def serve(window):
    """Do what each line asks for, and end the window after the last."""
    user = User(window)
    for line in sys.stdin:
        request = json.loads(line)
        do = request.pop("do")
        try:
            getattr(user, do)(**request)
        except Untypable as reason:
            tell("unsupported", do=do, reason=str(reason))
    window.ask(lambda shown: shown.root.after(1, shown.close))


def main():
    # Of its own, since several copies are driven at once, and keys go to the window under the pointer.
    desktop = Desktop(tempfile.mkdtemp(prefix="chatproof-window-"))
    os.environ.update(desktop.environment)
    try:
        drive()
    finally:
        desktop.close()
        shutil.rmtree(desktop.environment["XDG_CONFIG_HOME"], ignore_errors=True)


def drive():
    window = Window()
    threading.Thread(target=serve, args=(window,), daemon=True).start()
    window.root.mainloop()
    window.window.client.wait_closed(3)


main()
