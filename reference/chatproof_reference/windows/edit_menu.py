"""The menu that a right click, or the menu key, opens on any text: cut, copy, paste, select all."""

import tkinter as tk
from tkinter import ttk

from chatproof_reference.windows.theme import Theme

_KINDS = ("TEntry", "TCombobox", "Text")
_ENTRIES = (("Cut", "Ctrl+X", "<<Cut>>"), ("Copy", "Ctrl+C", "<<Copy>>"), ("Paste", "Ctrl+V", "<<Paste>>"),
            ("Select all", "Ctrl+A", "<<SelectAll>>"))  # fmt: skip
_CLICKS = {"aqua": ("<Button-2>", "<Button-3>", "<Control-Button-1>")}
"""What opens the menu on macOS: Tk 8.6 has the right button as the second, Tk 9 as the third."""


class EditMenu:
    """One menu for all texts and fields of a window."""

    def __init__(self, root: tk.Tk, theme: Theme) -> None:
        self._theme = theme
        self._on: tk.Misc = root
        self.menu = tk.Menu(root, tearoff=False)
        system = str(root.tk.call("tk", "windowingsystem"))
        for words, shortcut, event in _ENTRIES:
            shown = shortcut.replace("Ctrl+", "Command+") if system == "aqua" else shortcut
            self.menu.add_command(
                label=words, accelerator=f"{shown}  ", command=lambda event=event: self._on.event_generate(event)  # type: ignore[misc]
            )  # fmt: skip
        for kind in _KINDS:
            for click in _CLICKS.get(system, ("<Button-3>",)):
                root.bind_class(kind, click, lambda event: self._open(event.widget, event.x_root, event.y_root))
            for key in ("<Shift-F10>", "<App>" if system == "win32" else "<Menu>"):
                root.bind_class(kind, key, lambda event: self._open_below(event.widget))

    def _open_below(self, widget: tk.Misc | str) -> str:
        if isinstance(widget, str):
            return ""
        space = self._theme.pixels(16)
        return self._open(widget, widget.winfo_rootx() + space, widget.winfo_rooty() + space)

    def _open(self, widget: tk.Misc | str, x: int, y: int) -> str:
        if isinstance(widget, str):  # one of Tk's own dialogs: tkinter knows only its name
            return ""
        self._on = widget
        widget.focus_set()
        changeable, chosen = _is_changeable(widget), _has_selection(widget)
        for at, allowed in enumerate((changeable and chosen, chosen, changeable, True)):
            self.menu.entryconfigure(at, state="normal" if allowed else "disabled")
        self._theme.dress_menu(self.menu)
        self.menu.tk_popup(x, y)
        return "break"


def _is_changeable(widget: tk.Misc) -> bool:
    if isinstance(widget, ttk.Entry):
        return not widget.instate(["disabled"]) and not widget.instate(["readonly"])
    return str(widget.cget("state")) == "normal"


def _has_selection(widget: tk.Misc) -> bool:
    if isinstance(widget, tk.Text):
        return bool(widget.tag_ranges("sel"))
    return isinstance(widget, ttk.Entry) and bool(widget.selection_present())
