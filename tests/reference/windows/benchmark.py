"""Measures the windows' drawing: ``python tests/reference/windows/benchmark.py``; needs Xvfb.

Prints milliseconds a message as a ratio to a bare ``tkinter.Text`` that is given the same lines, how long the longest
stall of the window was, and the memory after 10,000 and after 100,000 messages.
"""

import os
import resource
import sys
import tempfile
import time
import tkinter as tk

from desktop import Desktop

from chatproof_reference.client.lines import Line, Style
from chatproof_reference.server.connection import ClientInfo
from chatproof_reference.windows.chat_view import ChatView
from chatproof_reference.windows.client_table import ClientTable
from chatproof_reference.windows.theme import Theme

BATCH = 100
TENTH, ALL = 10_000, 100_000


def timed_batches(count, draw, root):
    """Draw ``count`` messages in batches, as a window that drains its queue does; return the seconds of each."""
    taken = []
    for first in range(0, count, BATCH):
        begun = time.perf_counter()
        draw(range(first, first + BATCH))
        root.update()
        taken.append(time.perf_counter() - begun)
    return taken


def bare_text(root):
    text = tk.Text(root)
    text.pack(fill="both", expand=True)

    def draw(numbers):
        for number in numbers:
            text.insert("end", f"[10:00:00] bob: message number {number}\n")
        text.see("end")

    return text, draw


def view(root, theme):
    chat = ChatView(root, theme)
    chat.pack(fill="both", expand=True)

    def draw(numbers):
        chat.display_messages(Line(Style.OTHER, "bob: ", f"message number {number}", "10:00:00") for number in numbers)

    return chat, draw


def report(name, taken):
    each = 1000 * sum(taken) / len(taken) / BATCH
    print(f"{name:34} {each:7.3f} ms a message, longest stall {1000 * max(taken):6.1f} ms")  # noqa: T201  its output
    return each


def resident_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_table(root, theme):
    table = ClientTable(root, theme, lambda: None)
    table.pack()
    taken = []
    for turn in range(20):
        clients = [ClientInfo(f"user {n}", ("127.0.0.1", n), 0.0, turn, turn * n, 0) for n in range(200)]
        begun = time.perf_counter()
        table.show(clients)
        root.update()
        taken.append(time.perf_counter() - begun)
    print(f"{'200 clients, every row changed':34} {1000 * max(taken):7.1f} ms a refresh, at most")  # noqa: T201  the same


def main():
    with tempfile.TemporaryDirectory() as settings:
        desktop = Desktop(settings)
        try:
            os.environ["DISPLAY"] = desktop.environment["DISPLAY"]
            measure()
        finally:
            desktop.close()


def measure():
    root = tk.Tk()
    root.geometry("860x600+0+0")
    theme = Theme(root, dark=False, zoom=100)
    text, draw = bare_text(root)
    bare = report("bare tkinter.Text, 10,000", timed_batches(TENTH, draw, root))
    text.destroy()
    _, draw = view(root, theme)
    ours = report("chat display, first 10,000", timed_batches(TENTH, draw, root))
    sys.stdout.write(f"ratio to the bare text: {ours / bare:.1f}; {resident_megabytes():.0f} MB at most so far\n")
    report("chat display, up to 100,000", timed_batches(ALL - TENTH, draw, root))
    sys.stdout.write(f"{resident_megabytes():.0f} MB at most after 100,000\n")
    measure_table(root, theme)
    root.destroy()


main()
