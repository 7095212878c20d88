"""The bar that finds words in the history."""

import tkinter as tk
from tkinter import ttk

from chatproof_reference.windows.chat_view import ChatView


class FindBar(ttk.Frame):
    """A field with next and previous; Enter finds, Escape closes."""

    def __init__(self, parent: tk.Misc, view: ChatView) -> None:
        """Search in ``view``."""
        super().__init__(parent)
        self._view = view
        self.entry = ttk.Entry(self, font="ChatBody")
        self.answer = ttk.Label(self, style="Muted.TLabel", width=10)
        ttk.Label(self, text="Find:").pack(side="left")
        self.entry.pack(side="left", fill="x", expand=True, padx=6)
        self.answer.pack(side="left")
        for text, backwards in (("Previous", True), ("Next", False)):
            ttk.Button(self, text=text, command=lambda backwards=backwards: self.find(backwards=backwards)).pack(  # type: ignore[misc]
                side="left", padx=2
            )
        ttk.Button(self, text="Close", command=self.close).pack(side="left", padx=2)
        self.entry.bind("<Return>", lambda _: self.find(backwards=True))
        self.entry.bind("<Shift-Return>", lambda _: self.find(backwards=False))
        self.entry.bind("<Escape>", lambda _: self.close())

    def open(self) -> None:
        """Show the bar, ready to type."""
        self.grid()
        self.entry.focus_set()
        self.entry.selection_range(0, "end")

    def close(self) -> None:
        """Hide it."""
        self._view.stop_finding()
        self.grid_remove()

    def find(self, *, backwards: bool) -> None:
        """Go to the next place, and say where there is none."""
        found = self._view.find(self.entry.get(), backwards=backwards)
        self.answer.configure(text="" if found else "not found")
