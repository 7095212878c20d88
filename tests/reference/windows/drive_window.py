"""Runs a window for a test: answers on standard output where its widgets are and what they show. It presses nothing.

Started as ``python drive_window.py client|server GEOMETRY [HOST PORT]``; a request is a JSON line
``{"ask": "where", "widget": "connection.connect_button"}``, where a widget is named by the attributes that lead to it.
"""

import functools
import json
import queue
import sys
import threading
import tkinter as tk
from tkinter import ttk

from chatproof_reference.client.settings import load_settings
from chatproof_reference.windows.client_window import ClientWindow
from chatproof_reference.windows.display import open_root
from chatproof_reference.windows.polling import repeat
from chatproof_reference.windows.server_window import ServerWindow

CONTROLS = (ttk.Entry, ttk.Button, ttk.Radiobutton, ttk.Treeview, ttk.Notebook, ttk.Scrollbar, tk.Text, tk.Listbox)


def where(widget):
    return {
        "x": widget.winfo_rootx(), "y": widget.winfo_rooty(), "width": widget.winfo_width(),
        "height": widget.winfo_height(), "shown": bool(widget.winfo_viewable()), "wanted": widget.winfo_reqwidth(),
    }  # fmt: skip


def grab(widget):
    """Return the path of the dialog that has taken all input, or an empty text."""
    return str(widget.tk.call("grab", "current", widget))


def read(widget):
    if isinstance(widget, tk.Text):
        return widget.get("1.0", "end-1c")
    if isinstance(widget, ttk.Treeview):
        return [(widget.item(row, "text"), *widget.item(row, "values")) for row in rows(widget)]
    if isinstance(widget, tk.Listbox):
        return list(widget.get(0, "end"))
    if isinstance(widget, ttk.Entry):
        return widget.get()
    if isinstance(widget, tk.Tk):
        return widget.title()
    return str(widget.cget("text"))


def rows(tree, parent=""):
    for row in tree.get_children(parent):
        yield row
        yield from rows(tree, row)


def entries(menu):
    """Return where each entry of an open menu is, by its words; of the bar, by the titles."""
    found = {}
    for path in (menu, *posted(menu)):
        for at in range((menu.index("end") if path is menu else int(menu.tk.call(path, "index", "end"))) + 1):
            if menu.tk.call(path, "type", at) in ("command", "cascade"):
                words = menu.tk.call(path, "entrycget", at, "-label")
                found[words] = [
                    menu.tk.getint(menu.tk.call("winfo", "rootx", path)) + int(menu.tk.call(path, "xposition", at)) + 8,
                    menu.tk.getint(menu.tk.call("winfo", "rooty", path)) + int(menu.tk.call(path, "yposition", at)) + 8,
                ]
    return found


def posted(menu):
    """Yield the menus that are on the display: Tk shows clones of those that hang on a window's bar."""
    seen = [str(child) for child in menu.tk.splitlist(menu.tk.call("winfo", "children", "."))]
    while seen:
        path = seen.pop()
        if menu.tk.call("winfo", "class", path) == "Menu" and menu.tk.getboolean(
            menu.tk.call("winfo", "viewable", path)
        ):
            yield path
        seen += [str(child) for child in menu.tk.splitlist(menu.tk.call("winfo", "children", path))]


def controls(window):
    """Return the name of every widget of a window that one can use, and every entry of its menus."""
    names = {str(widget): name for name, widget in named_widgets(window)}
    return {
        "widgets": [
            names.get(str(widget), str(widget)) for widget in below(window.root) if isinstance(widget, CONTROLS)
        ],
        "entries": [
            [bar.entrycget(at, "label"), menu.entrycget(entry, "label")]
            for bar in (window.menu,)
            for at in range(bar.index("end") + 1)
            for menu in (bar.nametowidget(bar.entrycget(at, "menu")),)
            for entry in range(menu.index("end") + 1)
        ],
    }


def named_widgets(owner, before="", depth=3):
    for name, value in vars(owner).items():
        if isinstance(value, tk.Misc) and not name.startswith("_") and name not in ("root", "master", "children", "tk"):
            yield f"{before}{name}", value
            if depth:
                yield from named_widgets(value, f"{before}{name}.", depth - 1)


def below(widget):
    for child in widget.winfo_children():
        yield child
        yield from below(child)


ANSWERS = {
    "where": where,
    "read": read,
    "grab": grab,
    "entries": entries,
    "view": lambda widget: widget.yview(),
    "colour": lambda widget: str(widget.cget("background")),
}


def answer(window, request):
    window.root.update_idletasks()
    if request["ask"] == "controls":
        return controls(window)
    if request["ask"] == "focus":
        names = {str(widget): name for name, widget in named_widgets(window)}
        return names.get(str(window.root.focus_get()), "")
    if request["ask"] == "where_named":  # by Tk's name: it is of a dialog that tkinter does not know
        call, name = window.root.tk.call, request["widget"]
        return {"x": int(call("winfo", "rootx", name)), "y": int(call("winfo", "rooty", name))}
    widget = functools.reduce(getattr, request["widget"].split("."), window)
    value = ANSWERS[request["ask"]](widget)
    if request["ask"] == "read" and isinstance(widget, ttk.Widget):
        return {"text": value, "disabled": widget.instate(["disabled"])}
    return value


def main():
    kind, geometry, *address = sys.argv[1:]
    root = open_root()
    if kind == "client":
        window = ClientWindow(root, load_settings())
    else:
        window = ServerWindow(root, address[0], int(address[1]))
    root.geometry(geometry)
    requests = queue.SimpleQueue()
    threading.Thread(target=lambda: [requests.put(json.loads(line)) for line in sys.stdin], daemon=True).start()

    def answer_all():
        while not requests.empty():
            sys.stdout.write(json.dumps(answer(window, requests.get())) + "\n")
            sys.stdout.flush()

    repeat(root, 10, answer_all)
    root.mainloop()
    if kind == "client":
        window.client.wait_closed(3)
    else:
        window.stop_and_wait()


main()
