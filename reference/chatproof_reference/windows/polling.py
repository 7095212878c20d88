"""Work that a window repeats in Tk's own thread, so that no other thread ever calls Tk."""

import tkinter as tk
from collections.abc import Callable


def repeat(widget: tk.Misc, milliseconds: int, work: Callable[[], None]) -> None:
    """Call ``work`` again and again, ``milliseconds`` after it has returned, until the widget is destroyed."""

    def again() -> None:
        try:
            work()
        finally:
            if widget.winfo_exists():
                widget.after(milliseconds, again)

    widget.after(milliseconds, again)
