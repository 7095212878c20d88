"""One line that tells of trouble, with a button for what can be done about it. It interrupts nobody."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk


class NoticeBar(ttk.Frame):
    """Hidden until there is something to say; its parent lays it out with ``grid``."""

    def __init__(self, parent: tk.Misc) -> None:
        """Build it hidden."""
        super().__init__(parent, style="Notice.TFrame", padding=8)
        self.label = ttk.Label(self, style="Notice.TLabel", anchor="w", justify="left")
        self.dismiss_button = ttk.Button(self, text="Dismiss", command=self.dismiss)
        self.action_button = ttk.Button(self, style="Accent.TButton")
        self.dismiss_button.pack(side="right")
        self.label.pack(side="left", fill="x", expand=True)
        self.bind("<Configure>", lambda _: self._wrap())

    def tell(self, text: str, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Show a text, with a button named ``action`` where there is something to do."""
        self.label.configure(text=text)
        self.action_button.pack_forget()
        if act is not None:
            self.action_button.configure(text=action, command=act)
            self.action_button.pack(side="right", padx=6)
        self.grid()
        self._wrap()

    def dismiss(self) -> None:
        """Hide it."""
        self.grid_remove()

    def _wrap(self) -> None:
        buttons = sum(each.winfo_reqwidth() + 12 for each in (self.dismiss_button, self.action_button))
        self.label.configure(wraplength=max(200, self.winfo_width() - buttons - 24))
