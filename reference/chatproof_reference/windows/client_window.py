"""The client's window: everything that the original documentation lists, over a :class:`ChatClient`."""

import argparse
import queue
import sys
import tkinter as tk
from pathlib import Path
from tkinter import filedialog, ttk

from chatproof_common.addresses import shown_address
from chatproof_common.command_line.values import is_whole_number
from chatproof_reference.client import ChatClient, MessageRefused, events
from chatproof_reference.client.lines import Line, line_for
from chatproof_reference.client.lookalikes import shown_name
from chatproof_reference.client.people import People
from chatproof_reference.client.settings import Settings, load_settings, remember
from chatproof_reference.windows.chat_view import ChatView
from chatproof_reference.windows.compose_panel import ComposePanel
from chatproof_reference.windows.connection_panel import ConnectionPanel
from chatproof_reference.windows.display import open_root
from chatproof_reference.windows.find_bar import FindBar
from chatproof_reference.windows.menu import Entries, allow
from chatproof_reference.windows.notice_bar import NoticeBar
from chatproof_reference.windows.people_list import PeopleList
from chatproof_reference.windows.polling import repeat
from chatproof_reference.windows.window import Window

_POLL_MILLISECONDS = 30
_PEOPLE_MILLISECONDS = 200
_EVENTS_A_POLL, _CHARACTERS_A_POLL = 300, 32_768  # drawing that takes some milliseconds: the window answers in between
_CANNOT_RUN = 2
_CLOSE_SECONDS = 3.0
_TITLE = "TCP Chat Client"


def main(arguments: argparse.Namespace) -> int:
    """Run the window until it is closed; connect at once if the arguments hold an address and a name."""
    try:
        root = open_root()
    except tk.TclError as error:
        print(f"No window: {error}. Use --headless HOST:PORT --username NAME.", file=sys.stderr)  # noqa: T201  for its user
        return _CANNOT_RUN
    window = ClientWindow(root, load_settings())
    window.close_at_signals()
    if arguments.address:
        host, port = arguments.address
        window.fill_in(host, port, arguments.username)
    root.mainloop()
    window.client.wait_closed(_CLOSE_SECONDS)
    return 0


class ClientWindow(Window):
    """Chats under one name, on one server at a time."""

    keys = (
        ("Enter", "Connect, send, or choose, where the focus is"),
        ("Up, Down", "What you sent before, while you write"),
        ("Escape", "Give up connecting; back to public; close what is open"),
    )
    height = 600

    def __init__(self, root: tk.Tk, settings: Settings) -> None:
        self.client = ChatClient()
        self._people = People()
        self._busy = self._connected = self._may_join = self._people_changed = False
        self._unseen = 0
        self._complaint = ""
        super().__init__(root, settings)
        self.connection.fill(settings.host, settings.port, settings.username)
        (self.connection.connect_button if settings.username else self.connection.username).focus_set()
        self._show_state("Disconnected", "Muted")
        root.bind("<FocusIn>", lambda _: self._see())
        repeat(root, _POLL_MILLISECONDS, self._drain)
        repeat(root, _PEOPLE_MILLISECONDS, self._show_people)

    def fill_in(self, host: str, port: int, username: str | None) -> None:
        """Fill the connection panel in, and connect if there is a name."""
        self.connection.fill(host, str(port), username or self.connection.username.get())
        if username:
            self.connect_to_server()

    def connect_to_server(self) -> None:
        """Connect with what the panel holds; on a connection whose join was refused, join under the name there."""
        panel = self.connection
        if panel.connect_button.instate(["disabled"]):
            return
        host, port, username = panel.host.get().strip(), panel.port.get().strip(), panel.username.get()
        if not username:
            self.notice.show("Enter a name of your choice.")
            panel.username.focus_set()
            return
        try:
            if self._may_join:
                self.client.join(username)
            else:
                self.client.connect_to_server(_checked_host(host), _checked_port(port), username)
        except MessageRefused as refusal:
            self.notice.show(str(refusal))
            return
        remember(host=host, port=port, username=username)
        self.notice.dismiss()
        self._busy, self._may_join = True, False
        self.chat.hide_hint()
        self._show_state(f"Connecting to {shown_address((host, port))}…  Escape gives up", "Muted")

    def disconnect_from_server(self) -> None:
        """Leave, or give up connecting."""
        self.client.disconnect_from_server("Cancelled." if self._busy else "You left the chat.")

    def send_message(self) -> None:
        """Send what is typed; if that cannot be, say why and keep it."""
        compose = self.compose
        content, target = compose.content, compose.target
        if not content:
            return
        if target == "":
            self.notice.show("Choose whom it is for: type a name into “To:”, or click on one in the list.")
            compose.to.focus_set()
            return
        try:
            sent_id = self.client.send_message(content, target)
        except MessageRefused as refusal:
            self.notice.show(str(refusal))
            return
        heading = f"{self.client.username}: " if target is None else f"🔒 you → {shown_name(target)}: "
        self.chat.show_pending(sent_id, heading, content)
        self.notice.dismiss()
        compose.remember_sent()

    def save_transcript(self) -> None:
        """Ask for a file, and write the history into it."""
        name = filedialog.asksaveasfilename(
            parent=self.root, title="Save transcript", defaultextension=".txt", initialfile="chat.txt"
        )
        if name:
            try:
                Path(name).write_text("".join(f"{line}\n" for line in self.chat.lines), "utf-8")
            except OSError as error:
                self.notice.show(f"Not saved: {error.strerror}: {name}")
            else:
                self.notice.show(f"Saved {len(self.chat.lines)} lines to {name}")

    def close(self) -> None:
        """Leave, and end the window."""
        self.client.disconnect_from_server()
        super().close()

    def _build(self, outer: ttk.Frame) -> None:
        self.connection = ConnectionPanel(outer, self.theme, self.connect_to_server, self.disconnect_from_server)
        self.notice = NoticeBar(outer, self.theme, self._write_on)
        self.chat = ChatView(outer, self.theme)
        self.find_bar = FindBar(outer, self.theme, self.chat, self._write_on)
        self.chat.show_hint("Enter a server, its port, and a name of your choice.\nThen press Connect.")
        self.find_bar.lower(self.chat)  # Tab goes through it first
        self.people = PeopleList(outer, self.theme, lambda name: self.compose.choose_target(name))  # noqa: PLW0108  made below
        self.compose = ComposePanel(outer, self.theme, self._people, self.send_message)

    def _lay_out(self, gap: int) -> None:
        self._outer.rowconfigure(4, weight=1)
        self.connection.grid(row=0, column=0, columnspan=2, sticky="ew")
        self.status.grid(row=1, column=0, columnspan=2, sticky="ew", pady=gap)
        self.notice.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(0, gap))
        self.find_bar.grid(row=3, column=0, sticky="ew", pady=(0, gap))
        self.chat.grid(row=4, column=0, sticky="nsew")
        self.people.grid(row=3, column=1, rowspan=2, sticky="ns", padx=(gap, 0))
        self.compose.grid(row=5, column=0, columnspan=2, sticky="ew", pady=(gap, 0))
        self.notice.grid_remove()
        self.find_bar.grid_remove()

    def _restyle(self) -> None:
        self.chat.restyle()
        self.people.restyle()

    def _plan_menus(self) -> dict[str, Entries]:
        return {
            "Chat": (
                ("Connect", "Ctrl+R", self.connect_to_server),
                ("Disconnect", "Ctrl+D", self.disconnect_from_server),
                ("Save transcript…", "Ctrl+S", self.save_transcript),
                ("Quit", "Ctrl+Q", self.close),
            ),
            "Message": (
                ("Public (All Users)", "Alt+1", lambda: self.compose.choose_mode("public")),
                ("Private Message", "Alt+2", lambda: self.compose.choose_mode("private")),
                ("Find…", "Ctrl+F", self.find_bar.open),
                ("Newest message", "Ctrl+End", self.chat.show_end),
            ),
        }

    def _drain(self) -> None:
        lines: list[Line] = []
        characters = 0
        while len(lines) < _EVENTS_A_POLL and characters < _CHARACTERS_A_POLL:
            try:
                event = self.client.events.get(timeout=0)
            except queue.Empty:
                break
            self._people_changed |= self._people.learn(event)
            line = line_for(event, self._people.doubt(event))
            if line is not None:
                lines.append(line)
                characters += len(line.text)
            self._react(event)
        if self._complaint:
            self.notice.show(f"The server says: {self._complaint}")
            self._complaint = ""
        if lines:
            self.chat.display_messages(lines)
            self._count_unseen(len(lines))

    def _react(self, event: events.Event) -> None:
        match event:
            case events.Joined(username):
                self._busy, self._connected = False, True
                self._show_state(f"Connected as {username}", "Good")
                self.compose.entry.focus_set()
            case events.JoinRefused(username, reason):
                self._busy, self._may_join, self._complaint = False, True, ""
                self._show_state("Not joined: choose another name", "Bad")
                self.notice.show(f"The name “{username}” was refused: {reason}. Choose another and press Join.")
                self.connection.username.focus_set()
                self.connection.username.selection_range(0, "end")
            case events.ConnectionFailed(reason):
                self._end("Not connected", reason, offer="Try again")
            case events.ConnectionEnded(reason, by_user, unanswered):
                self.chat.fail_pending(unanswered, "no answer before the end")
                self._end("Disconnected", reason, offer="" if by_user else "Reconnect")
            case events.ErrorMessage(message):
                self._complaint = message  # of a flood of them the last is shown

    def _end(self, status: str, reason: str, *, offer: str) -> None:
        self._busy = self._connected = self._may_join = False
        self._complaint = ""
        self._show_state(status, "Bad" if offer else "Muted")
        if offer:
            self.notice.show(reason, offer, self.connect_to_server)

    def _show_state(self, status: str, style: str) -> None:
        self._show_status(status, style)
        connected = self._connected or self._may_join
        self.connection.show_state(busy=self._busy, connected=connected, may_join=self._may_join)
        self.compose.allow_sending(allowed=self._connected)
        allow(self.menu, "Connect", allowed=self._may_join or not (connected or self._busy))
        allow(self.menu, "Disconnect", allowed=connected or self._busy)
        self._show_title()

    def _show_people(self) -> None:
        if self._people_changed:
            self._people_changed = False
            self.people.show(self._people.names(), self._people.doubt_about)
            self.compose.show_people()

    def _write_on(self) -> None:
        (self.compose.entry if self._connected else self.connection.username).focus_set()

    def _escape(self) -> None:
        if self._busy:
            self.disconnect_from_server()
        else:
            self.notice.dismiss()

    def _count_unseen(self, count: int) -> None:
        if not self.has_focus:
            self._unseen += count
            self._show_title()

    def _see(self) -> None:
        if self._unseen:
            self._unseen = 0
            self._show_title()

    def _show_title(self) -> None:
        name = self.client.username
        unseen = f"({self._unseen}) " if self._unseen else ""
        self.root.title(unseen + (f"{name} · {_TITLE}" if name else _TITLE))


def _checked_host(host: str) -> str:
    if not host:
        raise MessageRefused("Enter the server's host, such as localhost.")
    return host


def _checked_port(port: str) -> int:
    if not (is_whole_number(port) and 0 < int(port) < 65_536):  # noqa: PLR2004  the range of TCP's ports
        raise MessageRefused(f"“{port}” is no port; expected a number from 1 to 65535.")
    return int(port)
