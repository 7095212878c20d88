"""A text to read, with a scrollbar: nothing can be typed into it, everything can be selected and copied."""

import contextlib
import tkinter as tk
from collections.abc import Callable, Iterator
from tkinter import ttk

from chatproof_reference.windows.scrollbar import lay_out_scrolled


class ScrolledText(ttk.Frame):
    """The frame around :attr:`text`, whose lines stand with no empty one after the last."""

    def __init__(self, parent: tk.Misc, **options: object) -> None:
        super().__init__(parent)
        self._when_scrolled: Callable[[float], None] = lambda _: None
        self.text = tk.Text(self, wrap="word", state="disabled", undo=False, takefocus=True, **options)  # type: ignore[arg-type]
        self.scrollbar = lay_out_scrolled(self, self.text)
        self.text.configure(yscrollcommand=self._scrolled)
        # A disabled text takes no focus by itself, and so no Ctrl+C.
        self.text.bind("<Button-1>", lambda _: self.text.focus_set())
        self.text.bind("<<SelectAll>>", self._select_all)

    def when_scrolled(self, call: Callable[[float], None]) -> None:
        """Have this called with the place at which the view ends: 1.0 is the end of the text."""
        self._when_scrolled = call

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Let the text be changed for the length of a ``with`` block."""
        self.text.configure(state="normal")
        yield
        self.text.configure(state="disabled")

    def append(self, *chunks: str | tuple[str, ...]) -> None:
        """Add a line, as texts and the tags of each, by turns."""
        if self.text.compare("end-1c", ">", "1.0"):
            self.text.insert("end", "\n")
        self.text.insert("end", *chunks)  # type: ignore[arg-type]

    def remove(self, tag: str) -> None:
        """Remove the lines that a tag covers, if there are any."""
        ranges = self.text.tag_ranges(tag)
        if not ranges:
            return
        if self.text.compare(ranges[0], ">", "1.0"):
            self.text.delete(f"{ranges[0]}-1c", ranges[-1])
        else:
            self.text.delete("1.0", f"{ranges[-1]}+1c")

    def _scrolled(self, first: float, last: float) -> None:
        self.scrollbar.set(first, last)
        self._when_scrolled(float(last))

    def _select_all(self, _: object) -> str:
        self.text.tag_add("sel", "1.0", "end-1c")
        return "break"
