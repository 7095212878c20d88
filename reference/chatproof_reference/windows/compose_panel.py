"""Where a message is written: the mode, whom it is for, the text, the bytes left, the button."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chatproof_reference.client.outgoing import frame_bytes_left
from chatproof_reference.client.people import People
from chatproof_reference.windows.theme import Theme

PUBLIC, PRIVATE = "📢 Public (All Users)", "🔒 Private Message"
SEND_PUBLIC, SEND_PRIVATE = "📤 SEND TO ALL", "📤 SEND PRIVATE"
_HISTORY = 100


class ComposePanel(ttk.Frame):
    """The lower part of the client's window; ``send`` is called with nothing and reads the properties."""

    def __init__(self, parent: tk.Misc, theme: Theme, people: People, send: Callable[[], None]) -> None:
        super().__init__(parent)
        self._theme, self._people = theme, people
        self._sent: list[str] = []
        self._recalled = 0
        self._mode = tk.StringVar(self, "public")
        self._content = tk.StringVar(self)
        self._target = tk.StringVar(self)
        self._build_modes()
        self._build_writing(send)
        for variable in (self._content, self._target):
            variable.trace_add("write", lambda *_: self._count())
        self._mode_changed()

    @property
    def content(self) -> str:
        """What is typed."""
        return self._content.get()

    @property
    def target(self) -> str | None:
        """Whom it is for; None in public mode."""
        return self._target.get() if self._mode.get() == "private" else None

    def choose_target(self, name: str) -> None:
        """Go to private mode, to this name, ready to type."""
        self._mode.set("private")
        self._mode_changed()
        self._target.set(name)
        self.entry.focus_set()

    def choose_mode(self, mode: str) -> None:
        """Go to ``public`` or ``private`` mode, with the focus where one types next."""
        self._mode.set(mode)
        self._mode_changed()
        (self.to if mode == "private" and not self._target.get() else self.entry).focus_set()

    def remember_sent(self) -> None:
        """Clear the field; Up brings back what was in it."""
        self._sent = [*self._sent[1 - _HISTORY :], self.content]
        self._recalled = len(self._sent)
        self._content.set("")

    def show_people(self) -> None:
        """Offer the names that are known now."""
        self.to.configure(values=self._people.names())

    def allow_sending(self, *, allowed: bool) -> None:
        """Enable or disable the button; the text can be written at any time, and is kept."""
        self.send_button.state(["!disabled" if allowed else "disabled"])

    def _build_modes(self) -> None:
        modes = ttk.Frame(self)
        modes.pack(fill="x", pady=(0, self._theme.pixels(6)))
        self.public_mode = self._radio(modes, PUBLIC, "public")
        self.private_mode = self._radio(modes, PRIVATE, "private")
        self.to_label = ttk.Label(modes, text="To:")
        self.to = ttk.Combobox(modes, textvariable=self._target, width=12, font="ChatBody")
        self.to.bind("<Key>", self._typed)
        self.to.bind("<Return>", lambda _: self.entry.focus_set())
        self.counter = ttk.Label(modes, style="Muted.TLabel", anchor="e")
        self.counter.pack(side="right", fill="x", expand=True)
        # As high as with the field for a name, so that nothing moves when it appears.
        ttk.Frame(modes, width=1, height=self.to.winfo_reqheight()).pack(side="left")

    def _radio(self, parent: ttk.Frame, text: str, mode: str) -> ttk.Radiobutton:
        words = self._theme.label(text)
        radio = ttk.Radiobutton(parent, text=words, value=mode, variable=self._mode, command=self._mode_changed)
        radio.pack(side="left", padx=(0, self._theme.pixels(12)))
        return radio

    def _build_writing(self, send: Callable[[], None]) -> None:
        writing = ttk.Frame(self)
        writing.pack(fill="x")
        self.entry = ttk.Entry(writing, textvariable=self._content, font="ChatBody")
        self.send_button = ttk.Button(writing, style="Accent.TButton", command=send)
        self.send_button.pack(side="right", padx=(self._theme.pixels(8), 0), fill="y")
        self.entry.pack(side="left", fill="x", expand=True)
        self.entry.bind("<Return>", lambda _: send())
        self.entry.bind("<Escape>", lambda _: self.choose_mode("public"))
        self.entry.bind("<Up>", lambda _: self._recall(-1))
        self.entry.bind("<Down>", lambda _: self._recall(1))

    def _mode_changed(self) -> None:
        private = self._mode.get() == "private"
        self.send_button.configure(text=self._theme.label(SEND_PRIVATE if private else SEND_PUBLIC))
        gap = self._theme.pixels(6)
        if private:
            self.to_label.pack(side="left", padx=(0, gap))
            self.to.pack(side="left", padx=(0, 2 * gap), fill="x", expand=True)
        else:
            self.to_label.pack_forget()
            self.to.pack_forget()
        self._count()

    def _count(self) -> None:
        if not hasattr(self, "send_button"):
            return
        left = frame_bytes_left(self.content, self.target)
        words = f"{left} bytes left" if left >= 0 else f"{-left} byte{'' if left == -1 else 's'} too long"
        self.counter.configure(text=words, style="Bad.TLabel" if left < 0 else "Muted.TLabel")

    def _typed(self, event: "tk.Event[ttk.Combobox]") -> None:
        # Only if a character was typed: deleting must not bring back what was deleted.
        if event.char and event.char.isprintable():
            self.after_idle(self._complete)

    def _complete(self) -> None:
        typed = self._target.get()
        names = self._people.completions(typed) if self.to.index("insert") == len(typed) else []
        if names and len(names[0]) > len(typed):
            self.to.set(names[0])
            self.to.icursor(len(typed))
            self.to.selection_range(len(typed), "end")

    def _recall(self, step: int) -> str:
        if self._sent:
            self._recalled = max(0, min(len(self._sent), self._recalled + step))
            self._content.set(self._sent[self._recalled] if self._recalled < len(self._sent) else "")
            self.entry.icursor("end")
        return "break"
