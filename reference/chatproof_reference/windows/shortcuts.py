"""The list of a window's shortcuts, as F1 shows it."""

import tkinter as tk
from collections.abc import Iterable
from tkinter import ttk

from chatproof_reference.windows.theme import Theme


class ShortcutList(tk.Toplevel):
    """A separate window over its parent; Enter, Escape and Close end it."""

    def __init__(self, parent: tk.Tk, theme: Theme, shortcuts: Iterable[tuple[str, str]]) -> None:
        """Show what each of ``shortcuts`` (keys, words) does, in place of a list that is still open."""
        for other in parent.winfo_children():
            if isinstance(other, ShortcutList):
                other.destroy()
        line = theme.palette.border
        super().__init__(
            parent, background=theme.palette.window, highlightthickness=1, highlightcolor=line, highlightbackground=line
        )
        self.withdraw()
        self.title("Keyboard shortcuts")
        self.transient(parent)
        outer = ttk.Frame(self, padding=theme.pixels(16))
        outer.pack(fill="both", expand=True)
        ttk.Label(outer, text="Keyboard shortcuts", style="Title.TLabel").grid(columnspan=2, sticky="w")
        for row, (keys, words) in enumerate(shortcuts, 1):
            ttk.Label(outer, text=keys, style="Muted.TLabel").grid(row=row, column=0, sticky="w", pady=theme.pixels(1))
            ttk.Label(outer, text=words).grid(row=row, column=1, sticky="w", padx=(theme.pixels(24), 0))
        self.close_button = ttk.Button(outer, text="Close", command=self.destroy)
        self.close_button.grid(columnspan=2, sticky="e", pady=(theme.pixels(12), 0))
        for key in ("<Escape>", "<Return>"):
            self.bind(key, lambda _: self.destroy())
        self._appear(parent)

    def _appear(self, parent: tk.Tk) -> None:
        self.update_idletasks()
        left = parent.winfo_rootx() + (parent.winfo_width() - self.winfo_reqwidth()) // 2
        top = parent.winfo_rooty() + (parent.winfo_height() - self.winfo_reqheight()) // 2
        self.geometry(f"+{max(0, left)}+{max(0, top)}")
        self.deiconify()
        self.close_button.focus_force()
