"""The chat display: the history in the original documentation's six styles, with what is pending, failed and unread."""

import tkinter as tk
from collections.abc import Iterable
from tkinter import ttk

from chatproof_common.printable import on_one_line
from chatproof_reference.client.lines import Line, Style, entry_text
from chatproof_reference.windows.kept_lines import KeptLines
from chatproof_reference.windows.scrolled_text import ScrolledText
from chatproof_reference.windows.theme import Theme

DRAWN_LINES = 10_000
"""This many lines stay drawn; older ones are kept for the transcript only."""
KEPT_LINES = 100_000
"""This many entries are kept for the transcript."""
DRAWN_CHARACTERS = 2 * 1024 * 1024
"""And this many characters stay drawn."""
KEPT_CHARACTERS = 16 * 1024 * 1024
"""And this many are kept."""

_FONTS = {Style.SYSTEM: "ChatItalic", Style.ERROR: "ChatBody"}
_TRIM = 100
_UNREAD_MARK = "unread"
_SENDING = "… ", "  (sending)"


class ChatView(ttk.Frame):
    """A scrolling history. It follows new entries while its end is in view, and stays put if one has scrolled up."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: KeptLines[Line] = KeptLines(KEPT_LINES, KEPT_CHARACTERS)
        self._drawn_characters = 0
        self._unread = 0
        self._follows = True
        self._size = (0, 0, 0)
        self.scroll = ScrolledText(self, width=20, height=4)
        self.text = self.scroll.text
        self.scroll.place(relx=0, rely=0, relwidth=1, relheight=1)
        self.unread_button = ttk.Button(self, style="Accent.TButton", command=self.show_end)
        self.hint = ttk.Label(self, style="Hint.TLabel", justify="center")
        self.scroll.when_scrolled(self._scrolled)
        self.restyle()

    def restyle(self) -> None:
        """Take on the theme's colours and sizes."""
        theme = self._theme
        theme.dress_text(self.text)
        indent = theme.pixels(18)
        for style, colour in theme.palette.styles.items():
            self.text.tag_configure(
                style.value, foreground=colour, font=_FONTS.get(style, "ChatBold"), lmargin2=indent, rmargin=indent
            )
        self.text.tag_configure("time", foreground=theme.palette.muted, font="ChatBody")
        self.text.tag_configure("doubt", foreground=theme.palette.bad, font="ChatBold")
        self.text.tag_configure("pending", foreground=theme.palette.muted, font="ChatItalic", lmargin2=indent)
        self.text.tag_configure("found", background=theme.palette.found, foreground=theme.palette.text)
        self.text.tag_configure(
            _UNREAD_MARK, foreground=theme.palette.bad, justify="center", font="ChatBold", spacing1=theme.pixels(4)
        )
        self.text.tag_raise("sel")

    def show_hint(self, text: str) -> None:
        """Show what to do first, in the middle, until there is an entry."""
        self.hint.configure(text=text)
        self.hint.place(relx=0.5, rely=0.5, anchor="center")

    def hide_hint(self) -> None:
        """Take it away."""
        self.hint.place_forget()

    def display_message(self, line: Line) -> None:
        """Add one entry."""
        self.display_messages([line])

    def display_messages(self, lines: Iterable[Line]) -> None:
        """Add entries; one that answers a pending message takes that one's place among the shown."""
        self.hide_hint()
        follow = self._follows
        with self.scroll.changing():
            for line in lines:
                if line.sent_id is not None:
                    self.scroll.remove(_tag(line.sent_id))
                    self.text.tag_delete(_tag(line.sent_id))
                self.lines.append(line)
                if not follow:
                    self._mark_unread()
                self._draw(line)
            self._trim()
        if follow:
            self.text.see("end")

    def show_pending(self, sent_id: int, heading: str, content: str) -> None:
        """Show a message that is on its way, until :meth:`display_messages` brings its answer."""
        words = f"{_SENDING[0]}{self._theme.label(heading)}{entry_text(content)}{_SENDING[1]}"
        with self.scroll.changing():
            self.scroll.append(words, ("pending", _tag(sent_id)))
        self.show_end()

    def fail_pending(self, sent_ids: Iterable[int], reason: str) -> None:
        """Show pending messages as failed, where they stand, in words that can be copied and sent again."""
        before, after = _SENDING
        with self.scroll.changing():
            for sent_id in sent_ids:
                ranges = self.text.tag_ranges(_tag(sent_id))
                if ranges:
                    words = str(self.text.get(ranges[0], ranges[-1])).removeprefix(before).removesuffix(after)
                    self.text.delete(ranges[0], ranges[-1])
                    self.text.insert(ranges[0], f"✗ {reason}: {words}", Style.ERROR.value)

    def show_end(self) -> None:
        """Scroll to the newest entry; everything counts as read."""
        self._follows = True
        self.text.see("end")
        self._forget_unread()

    def find(self, words: str, *, backwards: bool) -> tuple[int, int]:
        """Mark the next line before or after the marked one that holds ``words``, in any case of letters.

        Return which of how many such lines it is, counted from 1; (0, 0) if there is none.
        """
        marked = self.text.tag_ranges("found")
        self.stop_finding()
        # Not Tk's own search: Tk 8.6 crashes when it passes an emoji, and its columns are wrong after one.
        lines = self.text.get("1.0", "end-1c").casefold().split("\n")
        numbers = [number for number, line in enumerate(lines, 1) if words and words.casefold() in line]
        if not numbers:
            return 0, 0
        number = _next_number(numbers, int(str(marked[0]).split(".")[0]) if marked else None, backwards=backwards)
        self.text.tag_add("found", f"{number}.0", f"{number}.end")
        self.text.see(f"{number}.0")
        return numbers.index(number) + 1, len(numbers)

    def stop_finding(self) -> None:
        """Take the mark of what was found away."""
        self.text.tag_remove("found", "1.0", "end")

    def _draw(self, line: Line) -> None:
        words = f"{self._theme.label(on_one_line(line.heading))}{entry_text(line.text)}"
        time, doubt = ("time", line.style.value), ("time", line.style.value, "doubt")
        self.scroll.append(f"[{line.timestamp}] ", time, line.warning, doubt, words, line.style.value)
        self._drawn_characters += len(words)

    def _trim(self) -> None:
        # In steps, since the first lines of a long text cost more to delete than the last ones to add.
        lines = int(self.text.index("end-1c").split(".")[0])
        # If one has scrolled up, what one reads stays for as long again.
        if lines > DRAWN_LINES * (1 if self._follows else 2) + _TRIM:
            self.text.delete("1.0", f"{lines - DRAWN_LINES}.0")
        while self._drawn_characters > DRAWN_CHARACTERS * (1 if self._follows else 2):
            half = int(self.text.index("end-1c").split(".")[0]) // 2
            if not half:
                break
            self.text.delete("1.0", f"{half + 1}.0")
            self._drawn_characters = len(self.text.get("1.0", "end"))

    def _mark_unread(self) -> None:
        if not self._unread:
            self.scroll.append("──  new messages  ──", _UNREAD_MARK)
        self._unread += 1
        words = f"↓ {self._unread} new message{'' if self._unread == 1 else 's'}"
        self.unread_button.configure(text=words)
        self.unread_button.place(relx=0.5, rely=1.0, y=-self._theme.pixels(12), anchor="s")

    def _forget_unread(self) -> None:
        self._unread = 0
        self.unread_button.place_forget()
        with self.scroll.changing():
            self.scroll.remove(_UNREAD_MARK)

    def _scrolled(self, last: float) -> None:
        """Follow new entries or not, as one has scrolled; a change of size must not decide that."""
        size = (self.text.winfo_width(), self.text.winfo_height(), self._theme.zoom)
        resized, self._size = size != self._size, size
        if last >= 1.0:
            self._follows = True
            self.after_idle(self._read_if_at_end)
        elif resized and self._follows:
            self.after_idle(self.text.see, "end")
        else:
            self._follows = False

    def _read_if_at_end(self) -> None:
        if self._unread and self._follows:
            self._forget_unread()


def _next_number(numbers: list[int], current: int | None, *, backwards: bool) -> int:
    """Return the number after ``current``, or before it; past the last one it begins again at the other end."""
    if backwards:
        return next((number for number in reversed(numbers) if current is None or number < current), numbers[-1])
    return next((number for number in numbers if current is not None and number > current), numbers[0])


def _tag(sent_id: int) -> str:
    return f"sent-{sent_id}"
