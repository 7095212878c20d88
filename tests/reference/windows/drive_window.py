"""Runs a window for a test: answers on standard output where its widgets are and what they show. It presses nothing.

Started as ``python drive_window.py client|server GEOMETRY [HOST PORT]``; a request is a JSON line
``{"ask": "where"|"read", "widget": "connection.connect_button"}``.
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
        return [widget.item(row, "values") for row in widget.get_children()]
    if isinstance(widget, tk.Listbox):
        return list(widget.get(0, "end"))
    if isinstance(widget, ttk.Entry):
        return widget.get()
    return str(widget.cget("text"))


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

    def answer():
        while not requests.empty():
            request = requests.get()
            widget = functools.reduce(getattr, request["widget"].split("."), window)
            root.update_idletasks()
            value = {"where": where, "read": read, "grab": grab}[request["ask"]](widget)
            if request["ask"] == "read" and isinstance(widget, ttk.Widget):
                value = {"text": value, "disabled": widget.instate(["disabled"])}
            sys.stdout.write(json.dumps(value) + "\n")
            sys.stdout.flush()

    repeat(root, 10, answer)
    root.mainloop()
    if kind == "client":
        window.client.wait_closed(3)
    else:
        window.stop_and_wait()


main()
