"""The server's window: everything that the original documentation lists, over a :class:`ChatServer`."""

import argparse
import queue
import sys
import threading
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chatproof_common.command_line.values import is_whole_number
from chatproof_reference.client.settings import load_settings
from chatproof_reference.server.events import Subscription  # noqa: TC001  annotations are read at run time elsewhere
from chatproof_reference.server.options import ServerOptions, from_arguments
from chatproof_reference.server.server import ChatServer
from chatproof_reference.windows.client_table import ClientTable
from chatproof_reference.windows.connection_panel import set_text
from chatproof_reference.windows.counters_view import CountersView, summary
from chatproof_reference.windows.display import open_root
from chatproof_reference.windows.log_view import LogView, log_line
from chatproof_reference.windows.menu import Entries, allow
from chatproof_reference.windows.notice_bar import NoticeBar
from chatproof_reference.windows.polling import repeat
from chatproof_reference.windows.window import Window

_POLL_MILLISECONDS = 50
_TABLE_MILLISECONDS = 500
_CANNOT_RUN = 2


def main(arguments: argparse.Namespace) -> int:
    """Run the window until it is closed; its fields begin with the arguments' host and port."""
    try:
        root = open_root()
    except tk.TclError as error:
        print(f"No window: {error}. Use --headless to serve without one.", file=sys.stderr)  # noqa: T201  for its user
        return _CANNOT_RUN
    window = ServerWindow(root, arguments.host, arguments.port, from_arguments(arguments))
    window.close_at_signals()
    root.mainloop()
    window.stop_and_wait()
    return 0


class ServerWindow(Window):
    """Starts, shows and stops one server at a time."""

    keys = (
        ("Enter", "Start the server, or announce, where the focus is"),
        ("Delete", "Disconnect the selected client, in the table"),
        ("Escape", "Let everything through the filter; close what is open"),
    )
    height = 640

    def __init__(self, root: tk.Tk, host: str, port: int, options: ServerOptions | None = None) -> None:
        self._options = options
        self._server: ChatServer | None = None
        self._events: Subscription | None = None
        self._results: queue.SimpleQueue[tuple[str, ChatServer | None]] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None
        super().__init__(root, load_settings())
        root.title("TCP Chat Server")
        set_text(self.host, host)
        set_text(self.port, str(port))
        self._show_state("Stopped", "Muted")
        self.start_button.focus_set()
        repeat(root, _POLL_MILLISECONDS, self._drain)
        repeat(root, _TABLE_MILLISECONDS, self._refresh)

    def start_server(self) -> None:
        """Start with what the fields hold, in a separate thread: a name may take long to be looked up."""
        if self._worker or self._server:
            return
        host, port = self.host.get().strip(), self.port.get().strip()
        if not (is_whole_number(port) and int(port) < 65_536):  # noqa: PLR2004  the range of TCP's ports
            self.notice.show(f"“{port}” is no port; expected a number from 0 (the system chooses) to 65535.")
            return
        self.notice.dismiss()
        server = ChatServer(host or "localhost", int(port), self._options)
        self._events = server.subscribe()
        self._work("Starting…", server.start_server, server)

    def stop_server(self) -> None:
        """Stop in order, in a separate thread: clients get a moment to go."""
        server = self._server
        if server is not None and not self._worker:
            self._work("Stopping…", server.stop_server, None)

    def send_announcement(self) -> None:
        """Send what is typed to every client; if that cannot be, say why and keep it."""
        text = self.announcement.get()
        if self._server is None or not text:
            return
        try:
            self._server.send_server_message(text)
        except (ValueError, RuntimeError) as error:
            self.notice.show(f"Not announced: {error}")
        else:
            self.announcement.delete(0, "end")
            self.notice.dismiss()

    def disconnect_selected(self) -> None:
        """End the connection of the client in the selected row."""
        name = self.table.selected
        if name is not None and self._server is not None:
            self._server.disconnect_user(name)

    def show_view(self, view: ttk.Frame) -> None:
        """Bring the message log or the counters to the front."""
        self.views.select(view)  # type: ignore[no-untyped-call]
        self.views.focus_set()

    def filter_log(self) -> None:
        """Bring the message log to the front, with the focus in its filter."""
        self.views.select(self.log)  # type: ignore[no-untyped-call]
        self.log.filter.focus_set()
        self.log.filter.selection_range(0, "end")

    def stop_and_wait(self) -> None:
        """Stop the server and wait for it; for when the window is gone."""
        if self._worker:
            self._worker.join()
        while not self._results.empty():
            self._server = self._results.get()[1]
        if self._server is not None:
            self._server.stop_server()

    def _build(self, outer: ttk.Frame) -> None:
        self.controls = ttk.Frame(outer)
        self.host = self._field("Host:", 16)
        self.port = self._field("Port:", 7)
        self.start_button = ttk.Button(
            self.controls, text="Start Server", style="Accent.TButton", command=self.start_server
        )
        self.stop_button = ttk.Button(self.controls, text="Stop Server", command=self.stop_server)
        self.notice = NoticeBar(outer, self.theme)
        self.clients_title = ttk.Label(outer, text="Connected clients (0)", style="Title.TLabel")
        self.disconnect_button = ttk.Button(outer, text="Disconnect client", command=self.disconnect_selected)
        self.table = ClientTable(outer, self.theme, self._allow_disconnecting)
        self.table.rows.bind("<Delete>", lambda _: self.disconnect_selected())
        self.views = ttk.Notebook(outer)
        self.log = LogView(self.views, self.theme)
        self.counters = CountersView(self.views, self.theme)
        self.views.add(self.log, text="Message log")
        self.views.add(self.counters, text="Counters")
        self.views.enable_traversal()
        self.summary = ttk.Label(outer, style="Muted.TLabel", anchor="w")
        self.announcing = ttk.Frame(outer)
        self.announcement = ttk.Entry(self.announcing, font="ChatBody", width=12)
        words = self.theme.label("📢 Send to all")
        self.send_button = ttk.Button(
            self.announcing, text=words, style="Accent.TButton", command=self.send_announcement
        )
        self.announcement.bind("<Return>", lambda _: self.send_announcement())

    def _field(self, label: str, width: int) -> ttk.Entry:
        gap = self.theme.pixels(6)
        ttk.Label(self.controls, text=label).pack(side="left", padx=(0, gap))
        entry = ttk.Entry(self.controls, width=width, font="ChatBody")
        entry.pack(side="left", padx=(0, 2 * gap))
        entry.bind("<Return>", lambda _: self.start_server())
        return entry

    def _lay_out(self, gap: int) -> None:
        self._outer.rowconfigure(4, weight=2)
        self._outer.rowconfigure(5, weight=3)
        self.start_button.pack(side="left", fill="y", padx=(0, gap))
        self.stop_button.pack(side="left", fill="y")
        self.controls.grid(row=0, column=0, columnspan=2, sticky="ew")
        self.status.grid(row=1, column=0, columnspan=2, sticky="ew", pady=gap)
        self.notice.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(0, gap))
        self.notice.grid_remove()
        self.clients_title.grid(row=3, column=0, sticky="w", pady=(0, gap))
        self.disconnect_button.grid(row=3, column=1, sticky="e", pady=(0, gap))
        self.table.grid(row=4, column=0, columnspan=2, sticky="nsew")
        self.views.grid(row=5, column=0, columnspan=2, sticky="nsew", pady=gap)
        self.summary.grid(row=6, column=0, columnspan=2, sticky="ew", pady=(0, gap))
        ttk.Label(self.announcing, text="Server message:").pack(side="left", padx=(0, gap))
        self.send_button.pack(side="right", fill="y", padx=(gap, 0))
        self.announcement.pack(side="left", fill="x", expand=True)
        self.announcing.grid(row=7, column=0, columnspan=2, sticky="ew")

    def _restyle(self) -> None:
        self.log.restyle()

    def _escape(self) -> None:
        self.notice.dismiss()

    def _plan_menus(self) -> dict[str, Entries]:
        return {
            "Server": (
                ("Start Server", "Ctrl+R", self.start_server),
                ("Stop Server", "Ctrl+D", self.stop_server),
                ("Quit", "Ctrl+Q", self.close),
            ),
            "Log": (
                ("Message log", "Alt+1", lambda: self.show_view(self.log)),
                ("Counters", "Alt+2", lambda: self.show_view(self.counters)),
                ("Filter…", "Ctrl+F", self.filter_log),
            ),
        }

    def _work(self, status: str, work: Callable[[], None], outcome: ChatServer | None) -> None:
        def run() -> None:
            try:
                work()
            except (OSError, RuntimeError) as error:
                self._results.put((str(error), None))
            else:
                self._results.put(("", outcome))

        self._worker = threading.Thread(target=run, daemon=True)
        self._show_state(status, "Muted")
        self._worker.start()

    def _drain(self) -> None:
        if self._events is not None:
            lines = [log_line(event) for event in self._events.drain()]
            lost = self._events.take_lost()
            if lost:
                lines.append(f"({lost:,} events came too fast for this log)")
            if lines:
                self.log.add(lines)
        if not self._results.empty():
            self._finish_work(*self._results.get())

    def _finish_work(self, trouble: str, server: ChatServer | None) -> None:
        self._worker, self._server = None, server
        if trouble:
            self.notice.show(trouble, "Try again", self.start_server)
        self._show_state(f"Running on {server.place}" if server else "Stopped", "Good" if server else "Muted")
        self._refresh()

    def _show_state(self, status: str, style: str) -> None:
        self._show_status(status, style)
        stopped = self._server is None and self._worker is None
        running = self._server is not None and self._worker is None
        for widget in (self.host, self.port, self.start_button):
            widget.state(["!disabled" if stopped else "disabled"])
        for widget in (self.stop_button, self.send_button):
            widget.state(["!disabled" if running else "disabled"])
        allow(self.menu, "Start Server", allowed=stopped)
        allow(self.menu, "Stop Server", allowed=running)
        self._allow_disconnecting()

    def _allow_disconnecting(self) -> None:
        possible = self._server is not None and self._worker is None and self.table.selected is not None
        self.disconnect_button.state(["!disabled" if possible else "disabled"])

    def _refresh(self) -> None:
        if self._worker is not None:  # a server that starts or stops keeps whoever asks waiting
            return
        clients = self._server.list_clients() if self._server else []
        self.table.show(clients)
        self.clients_title.configure(text=f"Connected clients ({len(clients)})")
        if self._server is not None:
            counters = self._server.totals()
            self.counters.show(counters)
            self.summary.configure(text=summary(counters))
