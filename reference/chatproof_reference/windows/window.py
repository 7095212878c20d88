"""What both windows have: a look that is remembered, menus, a line of status, and how they close."""

import queue
import tkinter as tk
from abc import ABC, abstractmethod
from tkinter import ttk

from chatproof_common.system import signals
from chatproof_reference.client.settings import Settings, remember
from chatproof_reference.windows.edit_menu import EditMenu
from chatproof_reference.windows.menu import Entries, build_menu, shortcuts_of
from chatproof_reference.windows.polling import repeat
from chatproof_reference.windows.shortcuts import ShortcutList
from chatproof_reference.windows.theme import Theme

_WIDTH = 860
_SIGNAL_MILLISECONDS = 100
_KEYS = (("F10", "Menu"), ("Shift+F10", "Cut, copy, paste"))


class Window(ABC):
    """The widgets, and what their events mean; ``root`` is its own.

    Attributes:
        keys: what keys do that are in no menu, for the list of shortcuts.
        height: at first, in pixels of a display with 96 DPI.
    """

    keys: tuple[tuple[str, str], ...] = ()
    height = _WIDTH

    def __init__(self, root: tk.Tk, settings: Settings) -> None:
        self.root = root
        self.theme = Theme(root, dark=settings.dark, zoom=settings.zoom)
        self._outer = ttk.Frame(root, padding=self.theme.pixels(12))
        self.status = ttk.Label(self._outer, anchor="w")
        self._build(self._outer)
        self._outer.pack(fill="both", expand=True)
        self._outer.columnconfigure(0, weight=1)
        self._lay_out(self.theme.pixels(8))
        root.geometry(f"{self.theme.pixels(_WIDTH)}x{self.theme.pixels(self.height)}")
        self._keep_room()
        self._menus = {**self._plan_menus(), **self._common_menus()}
        self.menu = build_menu(root, self._menus)
        self.edit_menu = EditMenu(root, self.theme).menu
        self.theme.dress_menu(self.menu)
        root.protocol("WM_DELETE_WINDOW", self.close)
        if str(root.tk.call("tk", "windowingsystem")) == "aqua":
            root.createcommand("::tk::mac::Quit", self.close)  # Cmd+Q would end the process otherwise
        root.bind("<Escape>", lambda _: self._escape())

    @property
    def has_focus(self) -> bool:
        """Whether keys go to this window, or to a list, a menu or a dialog of it."""
        # Not tkinter's focus_displayof(): it raises a KeyError for widgets that Tk has made by itself, such as those.
        return str(self.root.tk.call("focus", "-displayof", self.root)) not in ("", "none")

    def close(self) -> None:
        """End the window."""
        self.root.destroy()

    def close_at_signals(self) -> None:
        """Close at Ctrl+C and SIGTERM as at a click; they may come in the middle of anything."""
        asked: queue.SimpleQueue[int] = queue.SimpleQueue()
        signals.call_at(signals.STOP, asked.put)

        def close_if_asked() -> None:
            if not asked.empty():
                asked.get()
                self.root.after_idle(self.close)

        repeat(self.root, _SIGNAL_MILLISECONDS, close_if_asked)

    def change_look(self, *, dark: bool | None = None, zoom: int | None = None) -> None:
        """Change between light and dark, or the size of everything, in percent, and remember it."""
        self.theme.dark = self.theme.dark if dark is None else dark
        self.theme.zoom = zoom or self.theme.zoom
        look = {"dark": dark, "zoom": zoom}  # the rest stays: another window may have remembered another since
        remember(**{name: value for name, value in look.items() if value is not None})
        self.theme.apply()
        self.theme.dress_menu(self.menu)
        self._restyle()
        self._keep_room()

    def show_shortcuts(self) -> None:
        """Show what each key does."""
        self.shortcuts = ShortcutList(self.root, self.theme, (*shortcuts_of(self._menus), *self.keys, *_KEYS))

    @abstractmethod
    def _build(self, outer: ttk.Frame) -> None:
        """Make the widgets; Tab goes through them in this order."""

    @abstractmethod
    def _lay_out(self, gap: int) -> None:
        """Lay the widgets out, with ``gap`` pixels between them."""

    @abstractmethod
    def _plan_menus(self) -> dict[str, Entries]:
        """Return its menus, by title."""

    @abstractmethod
    def _restyle(self) -> None:
        """Let the widgets that are not ttk's take on the theme."""

    @abstractmethod
    def _escape(self) -> None:
        """React to Escape."""

    def _common_menus(self) -> dict[str, Entries]:
        theme = self.theme
        return {
            "View": (
                ("Light / dark", "Ctrl+L", lambda: self.change_look(dark=not theme.dark)),
                ("Larger", "Ctrl++", lambda: self.change_look(zoom=theme.zoomed(1))),
                ("Smaller", "Ctrl+-", lambda: self.change_look(zoom=theme.zoomed(-1))),
                ("Normal size", "Ctrl+0", lambda: self.change_look(zoom=theme.zoomed(0))),
            ),
            "Help": (("Keyboard shortcuts", "F1", self.show_shortcuts),),
        }

    def _keep_room(self) -> None:
        # The window must never be too small for its buttons.
        self.root.update_idletasks()
        self.root.minsize(self._outer.winfo_reqwidth(), self._outer.winfo_reqheight())

    def _show_status(self, status: str, style: str) -> None:
        self.status.configure(text=f"● {status}", style=f"{style}.TLabel")
