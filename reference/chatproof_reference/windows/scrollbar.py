"""A scrollbar that is there only while there is something to scroll."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk


class Scrollbar(ttk.Scrollbar):
    """Laid out with ``grid``. It does not flicker, since what gets narrower beside it gets no less tall."""

    def __init__(self, parent: tk.Misc, command: Callable[..., tuple[float, float] | None]) -> None:
        super().__init__(parent, orient="vertical", command=command, takefocus=False)

    def set(self, first: float | str, last: float | str) -> None:
        """Show which part is in view, from 0 to 1."""
        if float(first) <= 0.0 and float(last) >= 1.0:
            self.grid_remove()
        else:
            self.grid()
        super().set(first, last)


def lay_out_scrolled(frame: ttk.Frame, scrolled: tk.Text | tk.Listbox | ttk.Treeview, row: int = 0) -> Scrollbar:
    """Lay a widget out in a row of its frame that takes the room there is, with a scrollbar beside it."""
    scrollbar = Scrollbar(frame, scrolled.yview)
    scrolled.configure(yscrollcommand=scrollbar.set)
    scrolled.grid(row=row, column=0, sticky="nsew")
    scrollbar.grid(row=row, column=1, sticky="ns")
    frame.rowconfigure(row, weight=1)
    frame.columnconfigure(0, weight=1)
    return scrollbar
