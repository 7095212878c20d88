"""The server's message log, with a filter."""

import time
import tkinter as tk
from collections.abc import Iterable
from tkinter import ttk

from chatproof_common.printable import on_one_line
from chatproof_reference.server.events import Event, EventKind
from chatproof_reference.windows.kept_lines import KeptLines
from chatproof_reference.windows.scrolled_text import ScrolledText
from chatproof_reference.windows.theme import Theme

KEPT_LINES = 5_000
KEPT_CHARACTERS = 2 * 1024 * 1024
_TRIM = 500


class LogView(ttk.Frame):
    """Server activities and messages, newest at the end; at most ``KEPT_LINES`` of them."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        super().__init__(parent, padding=(0, theme.pixels(8), 0, 0))
        self._theme = theme
        self._lines: KeptLines[str] = KeptLines(KEPT_LINES, KEPT_CHARACTERS)
        self._drawn = 0
        self._words = tk.StringVar(self)
        self._words.trace_add("write", lambda *_: self._refill())
        top = ttk.Frame(self)
        top.pack(fill="x", pady=(0, theme.pixels(6)))
        ttk.Label(top, text="Filter:").pack(side="left", padx=(0, theme.pixels(6)))
        self.filter = ttk.Entry(top, textvariable=self._words, font="ChatBody", width=24)
        self.filter.pack(side="left")
        self.filter.bind("<Escape>", self._escape)
        self.count = ttk.Label(top, style="Muted.TLabel", anchor="e")
        self.count.pack(side="right")
        self.scroll = ScrolledText(self, width=20, height=3)
        self.scroll.pack(fill="both", expand=True)
        self.text = self.scroll.text
        self.restyle()

    def restyle(self) -> None:
        """Take on the theme's colours and sizes."""
        self._theme.dress_text(self.text)

    def add(self, lines: Iterable[str]) -> None:
        """Add lines at the end; those that the filter lets through are drawn."""
        follow = float(self.text.yview()[1]) >= 1.0
        new = list(lines)[-KEPT_LINES:]
        for line in new:
            self._lines.append(line)
        self._draw(new)
        if follow:
            self.text.see("end")

    def _refill(self) -> None:
        with self.scroll.changing():
            self.text.delete("1.0", "end")
        self._drawn = 0
        self._draw(list(self._lines))
        self.text.see("end")

    def _draw(self, lines: list[str]) -> None:
        words = self._words.get().casefold()
        passing = [line for line in lines if words in line.casefold()]
        with self.scroll.changing():
            if passing:
                self.scroll.append("\n".join(passing))
            self._drawn += len(passing)
            if self._drawn > KEPT_LINES + _TRIM:
                self.text.delete("1.0", f"{self._drawn - KEPT_LINES + 1}.0")
                self._drawn = KEPT_LINES
        total, shown = len(self._lines), min(self._drawn, KEPT_LINES)
        self.count.configure(text=f"{shown:,} of {total:,} lines" if words else f"{total:,} lines")

    def _escape(self, _: object) -> str:
        self._words.set("")
        return "break"


def log_line(event: Event) -> str:
    """Return an event as one line of the log; control characters and line ends in it are spelled out."""
    at = time.strftime("%H:%M:%S", time.localtime(event.time))
    return f"[{at}] {on_one_line(_words(event))}"


def _words(event: Event) -> str:
    who, where, text = event.username or "a connection", event.address, event.text
    return {
        EventKind.STARTED: f"Server started on {where}",
        EventKind.STOPPED: "Server stopped",
        EventKind.CONNECTED: f"Connection from {where}",
        EventKind.JOINED: f"{who} joined from {where}",
        EventKind.REFUSED: f"Refused a frame of {who} at {where}: {text}" + (f" ({event.code})" if event.code else ""),
        EventKind.MESSAGE: f"{who}: {text}",
        EventKind.PRIVATE_MESSAGE: f"{who} → {event.target} (private)" + (f": {text}" if text else ""),
        EventKind.ANNOUNCED: f"Announced: {text}",
        EventKind.LEFT: f"{who} left: {text}",
        EventKind.DISCONNECTED: f"Connection from {where} ended: {text}",
        EventKind.TROUBLE: f"Trouble: {text}",
    }[event.kind]
