"""What the server has counted since its start: traffic, refused frames by code, connections that ended by reason."""

import tkinter as tk
from collections.abc import Iterator
from tkinter import ttk

from chatproof_reference.server.counters import Counters
from chatproof_reference.windows.scrollbar import lay_out_scrolled
from chatproof_reference.windows.theme import Theme

_TRAFFIC = "Since the start"


class CountersView(ttk.Frame):
    """A table of three groups; a row whose number did not change is not drawn again."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        super().__init__(parent, padding=(0, theme.pixels(8), 0, 0))
        self.rows = ttk.Treeview(self, columns=("count",), show="tree", selectmode="browse", height=3)
        self.rows.column("#0", width=theme.pixels(360), stretch=True)
        self.rows.column("count", width=theme.pixels(120), anchor="e", stretch=False)
        self.scrollbar = lay_out_scrolled(self, self.rows)
        self.rows.tag_configure("title", font="ChatBold")
        for group in _groups(Counters()):
            self.rows.insert("", "end", group, text=group, open=True, tags=("title",))
        self._shown: dict[str, int] = {}

    def show(self, counters: Counters) -> None:
        """Show these totals."""
        now = {row: (group, words, count) for group, row, words, count in counter_rows(counters)}
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


def counter_rows(counters: Counters) -> Iterator[tuple[str, str, str, int]]:
    """Yield for each row its group, its identifier, its words and its number."""
    for group, counts in _groups(counters).items():
        in_order = counts.items() if group == _TRAFFIC else sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        for words, count in in_order:
            # An error code is one word, and stays as it is; a reason begins as a sentence does.
            yield group, f"{group} {words}", words[:1].upper() + words[1:] if " " in words else words, count


def _groups(counters: Counters) -> dict[str, dict[str, int]]:
    """Return the title of each group, in their order, with what it counts: all totals, then what is counted by key."""
    groups: dict[str, dict[str, int]] = {_TRAFFIC: {}}
    titles = Counters.titles()
    for name, total in counters.as_dict().items():
        if isinstance(total, dict):
            groups.setdefault(titles[name], {}).update(total)
        else:
            groups[_TRAFFIC][titles[name]] = total
    return groups
