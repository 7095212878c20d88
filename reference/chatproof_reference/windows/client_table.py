"""The server's table of clients."""

import time
import tkinter as tk
from collections.abc import Callable, Iterable, Sequence
from tkinter import ttk
from typing import Literal

from chatproof_common.addresses import shown_address
from chatproof_reference.server.connection import ClientInfo
from chatproof_reference.windows.scrollbar import lay_out_scrolled
from chatproof_reference.windows.theme import Theme

_COLUMNS: tuple[tuple[str, int, Literal["w", "e"], Callable[[ClientInfo], object]], ...] = (
    ("Name", 120, "w", lambda client: (client.username.casefold(), client.username)),
    ("Address", 150, "w", lambda client: client.address),
    ("Since", 86, "w", lambda client: client.joined_at),
    ("In", 74, "e", lambda client: client.messages_in),
    ("Out", 74, "e", lambda client: client.messages_out),
    ("Pending bytes", 150, "e", lambda client: client.pending_bytes),
)
_CELL_SPACE = 16


class ClientTable(ttk.Frame):
    """One row a joined client: its name, address, since when, messages in and out, bytes that wait for it to read.

    A click on a heading sorts by that column, a second one the other way round.
    """

    def __init__(self, parent: tk.Misc, theme: Theme, selected: Callable[[], None]) -> None:
        """Build it empty; ``selected`` is called whenever another row, or none, is selected."""
        super().__init__(parent)
        self._theme = theme
        titles = [title for title, *_ in _COLUMNS]
        self.rows = ttk.Treeview(self, columns=titles, show="headings", selectmode="browse", height=3)
        for title, width, anchor, _ in _COLUMNS:
            self.rows.heading(title, text=title, anchor=anchor, command=lambda title=title: self._sort_by(title))
            self.rows.column(title, width=theme.pixels(width), anchor=anchor, stretch=title in ("Name", "Address"))
        self.scrollbar = lay_out_scrolled(self, self.rows)
        self.rows.bind("<<TreeviewSelect>>", lambda _: selected())
        self._sorted_by, self._descending = "Since", False
        self._clients: Sequence[ClientInfo] = ()
        self._shown: dict[str, tuple[str, ...]] = {}
        self._items: dict[str, str] = {}
        self._order: list[str] = []

    @property
    def selected(self) -> str | None:
        """The name in the selected row, or None."""
        chosen = self.rows.selection()
        return next((name for name, item in self._items.items() if item in chosen), None)

    def show(self, clients: Iterable[ClientInfo]) -> None:
        """Show these clients; only rows that changed are drawn, so that selection and place stay."""
        self._clients = tuple(clients)
        room = int(self.rows.column("Name", "width")) - self._theme.pixels(_CELL_SPACE)
        now = {client.username: _row(client, self._theme.shorten(client.username, room)) for client in self._clients}
        for name in self._shown.keys() - now.keys():
            self.rows.delete(self._items.pop(name))
        for name, row in now.items():
            if name not in self._shown:
                self._items[name] = self.rows.insert("", "end", values=row)
            elif row != self._shown[name]:
                self.rows.item(self._items[name], values=row)
        self._shown = now
        self._arrange()

    def _arrange(self) -> None:
        key = next(key for title, *_, key in _COLUMNS if title == self._sorted_by)
        order = [client.username for client in sorted(self._clients, key=key, reverse=self._descending)]  # type: ignore[arg-type]
        items = [self._items[name] for name in order]
        if items != self._order:
            self.rows.set_children("", *items)
            self._order = items

    def _sort_by(self, title: str) -> None:
        self._descending = title == self._sorted_by and not self._descending
        self._sorted_by = title
        for each, *_ in _COLUMNS:
            mark = (" ▾" if self._descending else " ▴") if each == title else ""
            self.rows.heading(each, text=each + mark)
        self._arrange()


def _row(client: ClientInfo, name: str) -> tuple[str, ...]:
    since = time.strftime("%H:%M:%S", time.localtime(client.joined_at))
    numbers = (client.messages_in, client.messages_out, client.pending_bytes)
    return (name, shown_address(client.address), since, *(f"{number:,}" for number in numbers))
