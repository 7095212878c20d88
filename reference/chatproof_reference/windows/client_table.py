"""The server's table of clients."""

import time
import tkinter as tk
from collections.abc import Iterable
from tkinter import ttk
from typing import Literal

from chatproof_reference.server.server import ClientInfo
from chatproof_reference.windows.theme import Theme

_COLUMNS: tuple[tuple[str, int, Literal["w", "e"]], ...] = (
    ("Name", 150, "w"),
    ("Address", 170, "w"),
    ("Since", 80, "w"),
    ("In", 60, "e"),
    ("Out", 60, "e"),
    ("Pending bytes", 150, "e"),
)


class ClientTable(ttk.Frame):
    """One row a joined client: its name, address, since when, messages in and out, bytes that wait for it to read."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        """Build it empty."""
        super().__init__(parent)
        titles = [title for title, _, _ in _COLUMNS]
        self.rows = ttk.Treeview(self, columns=titles, show="headings", selectmode="browse", height=6)
        for title, width, anchor in _COLUMNS:
            self.rows.heading(title, text=title, anchor=anchor)
            self.rows.column(title, width=theme.pixels(width), anchor=anchor, stretch=title in ("Name", "Address"))
        scrollbar = ttk.Scrollbar(self, orient="vertical", command=self.rows.yview)
        self.rows.configure(yscrollcommand=scrollbar.set)
        scrollbar.pack(side="right", fill="y")
        self.rows.pack(side="left", fill="both", expand=True)
        self._shown: dict[str, tuple[str, ...]] = {}
        self._items: dict[str, str] = {}

    @property
    def selected(self) -> str | None:
        """The name in the selected row, or None."""
        chosen = self.rows.selection()
        return next((name for name, item in self._items.items() if item in chosen), None)

    def show(self, clients: Iterable[ClientInfo]) -> None:
        """Show these clients; only rows that changed are drawn, so that selection and place stay."""
        now = {client.username: _row(client) for client in clients}
        for name in self._shown.keys() - now.keys():
            self.rows.delete(self._items.pop(name))
        for name, row in now.items():
            if name not in self._shown:
                self._items[name] = self.rows.insert("", "end", values=row)
            elif row != self._shown[name]:
                self.rows.item(self._items[name], values=row)
        self._shown = now


def _row(client: ClientInfo) -> tuple[str, ...]:
    host, port = client.address
    since = time.strftime("%H:%M:%S", time.localtime(client.joined_at))
    numbers = (client.messages_in, client.messages_out, client.pending_bytes)
    return (client.username, f"{host}:{port}", since, *(f"{number:,}" for number in numbers))
