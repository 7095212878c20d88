"""What the server has counted since its start: traffic, refused frames by code, connections that ended by reason."""

import tkinter as tk
from collections.abc import Iterator
from tkinter import ttk

from chatproof_reference.server.counters import Counters
from chatproof_reference.windows.scrollbar import Scrollbar
from chatproof_reference.windows.theme import Theme

_TRAFFIC = (
    ("connections", "Connections"),
    ("joins", "Joins"),
    ("public_messages", "Public messages"),
    ("private_messages", "Private messages delivered"),
    ("undelivered", "Private messages not delivered"),
    ("announcements", "Server messages"),
    ("deliveries", "Deliveries, each recipient counted"),
)
_GROUPS = (("traffic", "Since the start"), ("refused", "Refused frames, by error code"), ("ended", "Ended, by reason"))


class CountersView(ttk.Frame):
    """A table of three groups; a row whose number did not change is not drawn again."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        """Build it empty."""
        super().__init__(parent, padding=(0, theme.pixels(8), 0, 0))
        self.rows = ttk.Treeview(self, columns=("count",), show="tree", selectmode="browse", height=3)
        self.rows.column("#0", width=theme.pixels(360), stretch=True)
        self.rows.column("count", width=theme.pixels(120), anchor="e", stretch=False)
        self.scrollbar = Scrollbar(self, self.rows.yview)
        self.rows.configure(yscrollcommand=self.scrollbar.set)
        self.rows.grid(row=0, column=0, sticky="nsew")
        self.scrollbar.grid(row=0, column=1, sticky="ns")
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self.rows.tag_configure("title", font="ChatBold")
        for group, title in _GROUPS:
            self.rows.insert("", "end", group, text=title, open=True, tags=("title",))
        self._shown: dict[str, int] = {}

    def show(self, counters: Counters) -> None:
        """Show these totals."""
        now = {row: (group, words, count) for group, row, words, count in _rows(counters)}
        for row in self._shown.keys() - now.keys():
            self.rows.delete(row)
        for row, (group, words, count) in now.items():
            if row not in self._shown:
                self.rows.insert(group, "end", row, text=words, values=(f"{count:,}",))
            elif count != self._shown[row]:
                self.rows.item(row, values=(f"{count:,}",))
        self._shown = {row: count for row, (_, _, count) in now.items()}


def summary(counters: Counters) -> str:
    """Return the most important totals as one line."""
    refused = sum(dict(counters.refused).values())
    return (
        f"Since the start: {counters.connections:,} connections · {counters.joins:,} joins · "
        f"{counters.public_messages:,} public · {counters.private_messages:,} private · {refused:,} refused"
    )


def _rows(counters: Counters) -> Iterator[tuple[str, str, str, int]]:
    totals = counters.as_dict()
    for name, words in _TRAFFIC:
        yield "traffic", f"traffic {name}", words, totals[name]
    for group, counts in (("refused", totals["refused"]), ("ended", totals["ended"] | totals["turned_away"])):
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            words = name if group == "refused" else name[:1].upper() + name[1:]
            yield group, f"{group} {name}", words, count
