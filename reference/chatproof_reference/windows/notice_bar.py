"""One line that reports trouble, with a button for what can be done about it. It interrupts nobody."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chatproof_common.printable import on_one_line, shortened
from chatproof_reference.windows.theme import Theme

_LONGEST = 500


class NoticeBar(ttk.Frame):
    """Hidden until there is something to say; its parent lays it out with ``grid``."""

    def __init__(self, parent: tk.Misc, theme: Theme, when_dismissed: Callable[[], None] = lambda: None) -> None:
        """Build it hidden; ``when_dismissed`` is called so that the focus goes somewhere useful."""
        self._gap, self._when_dismissed = theme.pixels(8), when_dismissed
        super().__init__(parent, style="Notice.TFrame", padding=self._gap)
        self.label = ttk.Label(self, style="Notice.TLabel", anchor="w", justify="left")
        self.action_button = ttk.Button(self, style="Accent.TButton")
        self.dismiss_button = ttk.Button(self, text="Dismiss", command=self._dismissed)
        self.dismiss_button.pack(side="right")
        self.label.pack(side="left", fill="x", expand=True)
        self.bind("<Configure>", lambda _: self._wrap())

    def show(self, text: str, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Show a text, with a button named ``action`` if there is something to do."""
        self.label.configure(text=shortened(on_one_line(text), _LONGEST))
        self.action_button.pack_forget()
        if act is not None:
            self.action_button.configure(text=action, command=act)
            self.action_button.pack(side="right", padx=self._gap)
        self.grid()
        self._wrap()

    def dismiss(self) -> None:
        """Hide it."""
        self.grid_remove()

    def _dismissed(self) -> None:
        self.dismiss()
        self._when_dismissed()

    def _wrap(self) -> None:
        shown = [self.dismiss_button, *([self.action_button] if self.action_button.winfo_manager() else [])]
        buttons = sum(each.winfo_reqwidth() + 2 * self._gap for each in shown)
        self.label.configure(wraplength=max(25 * self._gap, self.winfo_width() - buttons - 3 * self._gap))
