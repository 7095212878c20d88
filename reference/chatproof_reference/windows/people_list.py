"""The list of people known to be here; a click, or Enter, makes one the private target."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from chatproof_reference.client.lookalikes import shown_name
from chatproof_reference.windows.scrollbar import lay_out_scrolled
from chatproof_reference.windows.theme import Theme

_LEAST_WIDTH = 150
_MOST_OF_WINDOW = 0.3


class PeopleList(ttk.Frame):
    """It is as wide as its widest name, within bounds; a name that is wider still ends in an ellipsis.

    A name that may not be whose it seems has a sign before it.
    """

    def __init__(self, parent: tk.Misc, theme: Theme, choose: Callable[[str], None]) -> None:
        """Build it empty; ``choose`` is called with the chosen name."""
        super().__init__(parent)
        self._theme, self._choose = theme, choose
        self._names: Sequence[str] = ()
        self._shown: Sequence[str] = ()
        self._window_width = 0
        self.title = ttk.Label(self, text="People here", style="Title.TLabel")
        self.names = tk.Listbox(self, width=1, height=3, exportselection=False, activestyle="none", takefocus=True)
        self.title.grid(row=0, column=0, columnspan=2, sticky="w", pady=(0, theme.pixels(4)))
        self.scrollbar = lay_out_scrolled(self, self.names, row=1)
        self.names.bind("<ButtonRelease-1>", self._clicked)
        for key in ("<Return>", "<space>"):
            self.names.bind(key, lambda _: self._choose_selected())
        self.winfo_toplevel().bind("<Configure>", self._resized, add=True)
        self.restyle()

    def restyle(self) -> None:
        """Take on the theme's colours and sizes."""
        colours, pixels = self._theme.palette, self._theme.pixels
        self.names.configure(
            background=colours.surface, foreground=colours.text, font="ChatBody", relief="flat",
            borderwidth=pixels(6), selectbackground=colours.accent, selectforeground=colours.on_accent,
            highlightbackground=colours.border, highlightcolor=colours.accent, highlightthickness=pixels(1),
        )  # fmt: skip
        self._draw(self._selected())

    def show(self, names: Sequence[str], doubt: Callable[[str], str] = lambda _: "") -> None:
        """Show these names, with a sign those that ``doubt`` doubts.

        The selected one stays selected, and the place where one has scrolled to stays.
        """
        chosen = self._selected()
        self._names = names
        self._shown = [f"{'⚠ ' if doubt(name) else ''}{shown_name(name)}" for name in names]
        self.title.configure(text=f"People here ({len(names)})")
        self._draw(chosen)

    def _draw(self, chosen: str | None) -> None:
        top = self.names.yview()[0]
        least, room = self._theme.pixels(_LEAST_WIDTH), 2 * self._theme.pixels(8)
        most = max(least, round(self._window_width * _MOST_OF_WINDOW))
        width = min(most, max(least, self._theme.widest(self._shown) + room))
        self.columnconfigure(0, minsize=width)
        self.names.delete(0, "end")
        self.names.insert("end", *(self._theme.shorten(name, width - room) for name in self._shown))
        if chosen in self._names:
            self.names.selection_set(self._names.index(chosen))
        self.names.yview_moveto(top)

    def _resized(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self.winfo_toplevel() and event.width != self._window_width:
            self._window_width = event.width
            self._draw(self._selected())

    def _selected(self) -> str | None:
        chosen = self.names.curselection()  # type: ignore[no-untyped-call]
        return self._names[chosen[0]] if chosen else None

    def _clicked(self, event: "tk.Event[tk.Listbox]") -> None:
        # Tk selects the nearest name, also when one clicks below the last.
        box = self.names.bbox(self.names.nearest(event.y))  # type: ignore[no-untyped-call]
        if box and box[1] <= event.y <= box[1] + box[3]:
            self._choose_selected()

    def _choose_selected(self) -> None:
        name = self._selected()
        if name is not None:
            self._choose(name)
