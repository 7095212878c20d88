"""The client's connection panel: server, port, username and the two buttons."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chatproof_reference.windows.theme import Theme


class ConnectionPanel(ttk.Frame):
    """Fields and buttons; what they do is the window's part."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, connect: Callable[[], None], disconnect: Callable[[], None]
    ) -> None:
        """Build it; the buttons, and Enter in a field, call ``connect`` and ``disconnect``."""
        super().__init__(parent)
        self._fields: list[tuple[ttk.Label, ttk.Entry, bool]] = []
        self.host = self._field("Server:", 7, stretch=True)
        self.port = self._field("Port:", 5, stretch=False)
        self.username = self._field("Username:", 8, stretch=True)
        self.connect_button = ttk.Button(self, text="Connect", style="Accent.TButton", command=connect)
        self.disconnect_button = ttk.Button(self, text="Disconnect", command=disconnect)
        # The buttons are laid out before the fields: when room is scarce, the fields give way.
        gap = theme.pixels(6)
        self.disconnect_button.pack(side="right", fill="y")
        self.connect_button.pack(side="right", fill="y", padx=gap)
        for label, field, stretch in self._fields:
            label.pack(side="left", padx=(0, gap))
            field.pack(side="left", padx=(0, 2 * gap), fill="x", expand=stretch)
        for field in (self.host, self.port, self.username):
            field.bind("<Return>", lambda _: connect())

    def fill(self, host: str, port: str, username: str) -> None:
        """Replace what stands in the fields."""
        for field, text in ((self.host, host), (self.port, port), (self.username, username)):
            set_text(field, text)

    def show_state(self, *, busy: bool, connected: bool, may_join: bool) -> None:
        """Enable what makes sense now; while ``busy`` the second button cancels."""
        idle = not busy and not connected
        for field in (self.host, self.port):
            field.state(["!disabled" if idle else "disabled"])
        self.username.state(["!disabled" if idle or may_join else "disabled"])
        self.connect_button.configure(text="Join" if may_join else "Connect")
        self.connect_button.state(["!disabled" if idle or may_join else "disabled"])
        self.disconnect_button.configure(text="Cancel" if busy else "Disconnect")
        self.disconnect_button.state(["disabled" if idle else "!disabled"])

    def _field(self, label: str, width: int, *, stretch: bool) -> ttk.Entry:
        entry = ttk.Entry(self, width=width, font="ChatBody")
        self._fields.append((ttk.Label(self, text=label), entry, stretch))
        return entry


def set_text(entry: ttk.Entry, text: str) -> None:
    """Replace what stands in a field, whatever its state."""
    disabled = entry.instate(["disabled"])
    entry.state(["!disabled"])
    entry.delete(0, "end")
    entry.insert(0, text)
    if disabled:
        entry.state(["disabled"])
