"""The bar that finds words in the history."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chatproof_reference.windows.chat_view import ChatView
from chatproof_reference.windows.theme import Theme


class FindBar(ttk.Frame):
    """A field with previous and next; Enter finds, Escape closes."""

    def __init__(self, parent: tk.Misc, theme: Theme, view: ChatView, when_closed: Callable[[], None]) -> None:
        """Search in ``view``; ``when_closed`` is called so that the focus goes somewhere useful."""
        super().__init__(parent)
        self._view, self._when_closed = view, when_closed
        gap = theme.pixels(6)
        self.entry = ttk.Entry(self, font="ChatBody", width=12)
        self.answer = ttk.Label(self, style="Muted.TLabel", width=11, anchor="e")
        self.previous_button = ttk.Button(self, text="Previous", command=lambda: self.find(backwards=True))
        self.next_button = ttk.Button(self, text="Next", command=lambda: self.find(backwards=False))
        self.close_button = ttk.Button(self, text="Close", command=self.close)
        for button in (self.close_button, self.next_button, self.previous_button):
            button.pack(side="right", padx=(gap, 0))
        self.answer.pack(side="right", padx=(gap, 0))
        ttk.Label(self, text="Find:").pack(side="left", padx=(0, gap))
        self.entry.pack(side="left", fill="x", expand=True)
        self.entry.bind("<Return>", lambda _: self.find(backwards=True))
        self.entry.bind("<Shift-Return>", lambda _: self.find(backwards=False))
        for widget in (self.entry, self.previous_button, self.next_button, self.close_button):
            widget.bind("<Escape>", self._escape)

    def open(self) -> None:
        """Show the bar, ready to type."""
        self.grid()
        self.answer.configure(text="")
        self.entry.focus_set()
        self.entry.selection_range(0, "end")

    def close(self) -> None:
        """Hide it."""
        self._view.stop_finding()
        self.grid_remove()
        self._when_closed()

    def find(self, *, backwards: bool) -> None:
        """Go to the next place, and show which of how many it is."""
        words = self.entry.get()
        place, count = self._view.find(words, backwards=backwards)
        self.answer.configure(text=f"{place} of {count}" if count else "not found" if words else "")

    def _escape(self, _: object) -> str:
        self.close()
        return "break"
