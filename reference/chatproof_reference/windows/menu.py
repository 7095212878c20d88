"""A window's menu: what can be done, each with its shortcut."""

import tkinter as tk
from collections.abc import Callable

Entries = tuple[tuple[str, str, Callable[[], object]], ...]
_TYPING = ("TEntry", "TCombobox", "Text")


def build_menu(root: tk.Tk, menus: dict[str, Entries]) -> tk.Menu:
    """Give a window its menu bar and bind the shortcuts; an entry is its words, its shortcut, and what it does."""
    bar = tk.Menu(root, tearoff=False)
    for title, entries in menus.items():
        menu = tk.Menu(bar, tearoff=False)
        for words, shortcut, act in entries:
            menu.add_command(label=words, accelerator=f"{shortcut}  ", command=act)
            if shortcut:
                _bind(root, _sequence(shortcut), act)
        bar.add_cascade(label=title, menu=menu, underline=0)
    root.configure(menu=bar)
    _free(root, "<Control-Key-a>")
    root.event_add("<<SelectAll>>", "<Control-Key-a>")
    return bar


def allow(bar: tk.Menu, words: str, *, allowed: bool) -> None:
    """Enable an entry of a window's menu, or show that it can do nothing now."""
    for menu in bar.winfo_children():
        if isinstance(menu, tk.Menu):
            for at in range((menu.index("end") or 0) + 1):
                if menu.entrycget(at, "label") == words:
                    menu.entryconfigure(at, state="normal" if allowed else "disabled")


def shortcuts_of(menus: dict[str, Entries]) -> list[tuple[str, str]]:
    """Return the shortcuts of all entries, each with its words."""
    return [(keys, words.rstrip("…")) for entries in menus.values() for words, keys, _ in entries]


def _bind(root: tk.Tk, sequence: str, act: Callable[[], object]) -> None:
    _free(root, sequence)
    root.bind_all(sequence, lambda _: act())


def _free(root: tk.Tk, sequence: str) -> None:
    # Tk's fields keep Emacs's keys on X11 (Ctrl+D deletes, Ctrl+F goes on): they would act beside the shortcut.
    for virtual in root.event_info():
        root.event_delete(virtual, sequence)
    for kind in _TYPING:
        root.unbind_class(kind, sequence)


def _sequence(shortcut: str) -> str:
    """Return Tk's name of a shortcut such as ``Ctrl+F``."""
    *modifiers, key = shortcut.replace("++", "+plus").split("+")
    names = {"Ctrl": "Control", "Alt": "Alt", "-": "minus"}
    before = "".join(f"{names[each]}-" for each in modifiers)
    return f"<{before}Key-{names.get(key, key.lower() if len(key) == 1 else key)}>"
