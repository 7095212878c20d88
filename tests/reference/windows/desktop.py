"""A display of its own, and programs on it that are used with real keys and clicks."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DRIVER = Path(__file__).with_name("drive_window.py")
PATIENCE = 20.0
NO_LOW_PORTS = ("setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service")
"""Takes from a program, also of root's, the right to use ports below 1024."""


class Desktop:
    """An Xvfb on a free display number. There is no window manager: keys go to the window under the pointer."""

    def __init__(self, settings, *, size="1800x1400x24", dpi=96):
        read_end, write_end = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", size, "-dpi", str(dpi), "-nolisten", "tcp"],
            pass_fds=(write_end,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write_end)
        with os.fdopen(read_end) as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb did not start"
        self.environment = {**os.environ, "DISPLAY": f":{number}", "XDG_CONFIG_HOME": str(settings)}
        self._windows = []

    def open(self, kind, geometry, *words, through=()):
        """Open a window; ``through`` is a command that starts its program."""
        window = Window(self, kind, geometry, *words, through=through)
        self._windows.append(window)
        return window

    def do(self, *words):
        subprocess.run(["xdotool", *words], env=self.environment, check=True, timeout=60, capture_output=True)

    def ask_for_dpi(self, dpi):
        """Set the scale of text, as a desktop's settings do."""
        command = ["xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", f"Xft.dpi:\t{dpi}\n"]
        subprocess.run(command, env=self.environment, check=True, timeout=60)

    def picture(self, path, window=None):
        """Save a picture of the display, or of what stands where a window does."""
        crop = ["-crop", window.outline()] if window else []
        colours = ["-dither", "None", "-colors", "128"]
        command = ["import", "-silent", "-window", "root", *crop, "+repage", *colours, f"png8:{path}"]
        subprocess.run(command, env=self.environment, check=True, timeout=60)

    def close(self):
        for window in self._windows:
            window.kill()
        self._server.terminate()
        self._server.wait(10)

    def complaints(self):
        """Return what the windows have printed on standard error, such as errors that Tk caught."""
        return "".join(window.complaints() for window in self._windows)


class Window:
    """One program with one window."""

    def __init__(self, desktop, kind, geometry, *words, through=()):
        self._desktop = desktop
        _, self._x, self._y = geometry.split("+")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  complaints() closes it
        self.process = subprocess.Popen(
            [*through, sys.executable, str(DRIVER), kind, geometry, *map(str, words)], env=desktop.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
        )  # fmt: skip

    def ask(self, ask, widget):
        self.process.stdin.write(json.dumps({"ask": ask, "widget": widget}).encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def outline(self):
        """Return what the window covers, its menu included, as ImageMagick writes a geometry."""
        inside = self.ask("where", "root")
        return f"{inside['width']}x{inside['y'] + inside['height'] - int(self._y)}+{self._x}+{self._y}"

    def read(self, widget):
        told = self.ask("read", widget)
        return told["text"] if isinstance(told, dict) else told

    def is_disabled(self, widget):
        return self.ask("read", widget)["disabled"]

    def is_shown(self, widget):
        return self.ask("where", widget)["shown"]

    def height(self, widget):
        return self.ask("where", widget)["height"]

    def click(self, widget, dx=None, dy=None, button=1):
        """Click into the middle of a widget, or so many pixels from its left and upper edges."""
        self.point(widget, dx, dy)
        self._desktop.do("click", str(button))

    def point(self, widget, dx=None, dy=None):
        """Move the pointer onto a widget."""
        self.until(lambda: self.is_shown(widget), f"{widget} is shown")
        place = self.ask("where", widget)
        x = place["x"] + (place["width"] // 2 if dx is None else dx)
        y = place["y"] + (place["height"] // 2 if dy is None else dy)
        self._desktop.do("mousemove", str(x), str(y))

    def drag(self, widget, start, end):
        """Press the button on a widget, move, and let go; ``start`` and ``end`` are fractions of its height."""
        place = self.ask("where", widget)
        x, *ys = (place["x"] + place["width"] // 2, *(place["y"] + round(place["height"] * at) for at in (start, end)))
        self._desktop.do(
            "mousemove", str(x), str(ys[0]), "mousedown", "1", "mousemove", str(x), str(ys[1]), "mouseup", "1"
        )

    def choose(self, title, words):
        """Open a menu of the bar with a click, and click on an entry."""
        for each in (title, words):
            self.click_title(each)

    def click_title(self, title):
        """Click on a menu of the bar, or on an entry of one that is open."""
        self.until(lambda: title in self.ask("entries", "menu"), f"{title} can be chosen")
        self._desktop.do("mousemove", *map(str, self.ask("entries", "menu")[title]), "click", "1")

    def choose_from(self, menu, words):
        """Click on an entry of a menu that has been opened."""
        self.until(lambda: self.ask("grab", "root"), "the menu is open")
        self._desktop.do("mousemove", *map(str, self.ask("entries", menu)[words]), "click", "1")

    def type(self, text):
        self._desktop.do("type", "--delay", "2", text)

    def press(self, *keys):
        self._desktop.do("key", "--delay", "5", *keys)

    def type_in_dialog(self, text):
        """Answer Tk's own file dialog: it takes the focus itself, and Enter presses its button."""
        self.until(lambda: self.ask("grab", "root"), "a dialog is open")
        self.press("ctrl+a")
        self.type(text)
        self.press("Return")

    def fill(self, widget, text):
        """Click into a field and replace what is there."""
        self.click(widget)
        self.press("ctrl+a")
        self.type(text)
        self.shows(widget, text)

    def shows(self, widget, text, times=None):
        def check():
            shown = str(self.read(widget))
            return text in shown if times is None else shown.count(text) == times

        self.until(check, lambda: f"{widget} shows {text!r}; it shows {self.read(widget)!r}")

    def until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, what() if callable(what) else what
            time.sleep(0.02)

    def complaints(self):
        with self._errors:
            self._errors.seek(0)
            return self._errors.read().decode()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@contextlib.contextmanager
def dead_end():
    """Yield the port of a host that answers no call: its queue is full, and nobody takes from it."""
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            filler = held.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def open_server(desktop, port):
    """Open a server's window and start the server with its button."""
    server = desktop.open("server", "860x640+0+0", "localhost", port)
    server.click("start_button")
    server.shows("status", "Running")
    return server


def open_client(desktop, geometry, port, name):
    """Open a client's window, fill in its panel, and press Connect."""
    client = desktop.open("client", geometry)
    client.fill("connection.port", str(port))
    client.fill("connection.username", name)
    client.click("connection.connect_button")
    return client
