"""A text to read, with a scrollbar: nothing can be typed into it, everything can be selected and copied."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk


class ScrolledText(ttk.Frame):
    """The frame around :attr:`text`."""

    def __init__(self, parent: tk.Misc, **options: object) -> None:
        """Build it; ``options`` are the text's."""
        super().__init__(parent)
        self._told: Callable[[float], None] = lambda _: None
        self.text = tk.Text(self, wrap="word", state="disabled", undo=False, takefocus=True, **options)  # type: ignore[arg-type]
        self.scrollbar = ttk.Scrollbar(self, orient="vertical", command=self.text.yview)
        self.text.configure(yscrollcommand=self._scrolled)
        self.text.grid(row=0, column=0, sticky="nsew")
        self.scrollbar.grid(row=0, column=1, sticky="ns")
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        # A disabled text takes no focus by itself, and so no Ctrl+C.
        self.text.bind("<Button-1>", lambda _: self.text.focus_set())
        self.text.bind("<Control-a>", self._select_all)

    def when_scrolled(self, told: Callable[[float], None]) -> None:
        """Have ``told`` called with where the view ends: 1.0 is the end of the text."""
        self._told = told

    def _scrolled(self, first: float, last: float) -> None:
        self.scrollbar.set(first, last)
        self._told(float(last))

    def _select_all(self, _: object) -> str:
        self.text.tag_add("sel", "1.0", "end-1c")
        return "break"
