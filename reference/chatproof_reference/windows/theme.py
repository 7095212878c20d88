"""Gives ttk the look of a palette. Every size follows the display's DPI and the user's zoom."""

import functools
import tkinter as tk
from collections.abc import Iterable, Iterator
from tkinter import font, ttk
from typing import Any

from chatproof_reference.windows.palette import DARK, LIGHT, Palette

ZOOMS = (70, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300)
_POINTS = 11
_EMOJI = "📢🔒📤"


class Theme:
    """The look of one window: fonts ``ChatBody``, ``ChatBold``, ``ChatItalic``, ttk's styles, and the palette."""

    def __init__(self, root: tk.Tk, *, dark: bool, zoom: int) -> None:
        """Dress a window; ``zoom`` is in percent."""
        self._root = root
        self._style = ttk.Style(root)
        self._style.theme_use("clam")
        self.dark = dark
        self.zoom = zoom
        family = font.nametofont("TkDefaultFont", root).actual("family")
        self._fonts = {
            "ChatBody": font.Font(root, name="ChatBody", family=family),
            "ChatBold": font.Font(root, name="ChatBold", family=family, weight="bold"),
            "ChatItalic": font.Font(root, name="ChatItalic", family=family, slant="italic"),
        }
        self._shows_emoji = self._find_emoji()
        self._menu_space = tk.PhotoImage(master=root)
        self._shorten = functools.lru_cache(maxsize=10_000)(self._shorten_anew)
        self.apply()

    @property
    def palette(self) -> Palette:
        """The colours in use."""
        return DARK if self.dark else LIGHT

    def pixels(self, length: float) -> int:
        """Return a length in pixels of this display; ``length`` counts pixels of a display with 96 DPI at 100 %."""
        return max(1, round(length * self._root.winfo_fpixels("1i") / 96 * self.zoom / 100))

    def label(self, text: str) -> str:
        """Return a text as this display can show it: with no emoji if no font has them (they would be boxes)."""
        return text if self._shows_emoji else text.translate(dict.fromkeys(map(ord, _EMOJI))).lstrip()

    def shorten(self, text: str, width: int) -> str:
        """Return a text, at most ``width`` pixels wide in ``ChatBody``; if it is cut, it ends in an ellipsis."""
        return self._shorten(text, width)

    def widest(self, texts: Iterable[str]) -> int:
        """Return how many pixels the widest of these texts takes in ``ChatBody``; 0 if there is none."""
        return max(map(self._fonts["ChatBody"].measure, texts), default=0)

    def zoomed(self, step: int) -> int:
        """Return the next zoom in a direction; 0 is back to 100 %."""
        nearest = min(range(len(ZOOMS)), key=lambda at: abs(ZOOMS[at] - self.zoom))
        return ZOOMS[max(0, min(len(ZOOMS) - 1, nearest + step))] if step else 100

    def apply(self) -> None:
        """Dress the window anew, after ``dark`` or ``zoom`` changed."""
        self._shorten.cache_clear()
        for each in self._fonts.values():
            each.configure(size=max(6, round(_POINTS * self.zoom / 100)))
        colours = self.palette
        self._root.configure(background=colours.window)
        self._dress_all(colours)
        self._dress_buttons(colours)
        self._dress_fields(colours)
        self._dress_tables(colours)
        self._dress_lists(colours)

    def _shorten_anew(self, text: str, width: int) -> str:
        measure = self._fonts["ChatBody"].measure
        if measure(text) <= width:
            return text
        short, long = 0, len(text)
        while long - short > 1:
            middle = (short + long) // 2
            short, long = (middle, long) if measure(text[:middle] + "…") <= width else (short, middle)
        return text[:short] + "…"

    def _find_emoji(self) -> bool:
        if self._root.tk.call("tk", "windowingsystem") != "x11":
            return True
        families = {self._root.tk.call("font", "actual", "ChatBody", "-family", "--", char) for char in "A" + _EMOJI}
        return len(families) > 1

    def _dress_all(self, colours: Palette) -> None:
        self._style.configure(
            ".", background=colours.window, foreground=colours.text, font="ChatBody", bordercolor=colours.border,
            lightcolor=colours.window, darkcolor=colours.window, troughcolor=colours.window, focuscolor=colours.accent,
            selectbackground=colours.accent, selectforeground=colours.on_accent, insertcolor=colours.text,
            fieldbackground=colours.surface, insertwidth=self.pixels(1),
        )  # fmt: skip
        self._style.map(".", foreground=[("disabled", colours.muted)], background=[])
        for name, colour in (("Muted", colours.muted), ("Good", colours.good), ("Bad", colours.bad)):
            self._style.configure(f"{name}.TLabel", foreground=colour)
        self._style.configure("Hint.TLabel", foreground=colours.muted, background=colours.surface)
        self._style.configure("Title.TLabel", font="ChatBold")
        self._style.configure("Notice.TFrame", background=colours.notice)
        self._style.configure("Notice.TLabel", background=colours.notice, foreground=colours.text)

    def _dress_buttons(self, colours: Palette) -> None:
        padding = (self.pixels(12), self.pixels(4))
        for name, back, fore, edge in (
            ("TButton", colours.button, colours.text, colours.border),
            ("Accent.TButton", colours.accent, colours.on_accent, colours.accent),
        ):
            self._style.configure(
                name, background=back, foreground=fore, padding=padding, relief="raised", anchor="center",
                lightcolor=back, darkcolor=back, bordercolor=edge, focuscolor=fore, width=0, shiftrelief=0,
            )  # fmt: skip
            face = [("disabled", colours.window), ("pressed", colours.border)]
            self._style.map(
                name, background=face, lightcolor=face, darkcolor=face, relief=[],
                foreground=[("disabled", colours.muted), ("pressed", colours.text)],
                bordercolor=[("disabled", colours.border), ("focus", colours.text), ("active", colours.text)],
            )  # fmt: skip
        self._style.configure(
            "TRadiobutton", indicatorsize=self.pixels(13), indicatormargin=(0, 0, self.pixels(6), 0),
            indicatorbackground=colours.surface, indicatorforeground=colours.accent, padding=self.pixels(2),
            upperbordercolor=colours.muted, lowerbordercolor=colours.muted,
        )  # fmt: skip
        self._style.map(
            "TRadiobutton",
            background=[("active", colours.window)],
            indicatorbackground=[("pressed", colours.border), ("!disabled", colours.surface)],
            upperbordercolor=[("focus", colours.accent)], lowerbordercolor=[("focus", colours.accent)],
        )  # fmt: skip

    def _dress_fields(self, colours: Palette) -> None:
        for name in ("TEntry", "TCombobox"):
            self._style.configure(
                name, padding=self.pixels(5), foreground=colours.text, fieldbackground=colours.surface,
                background=colours.button, arrowcolor=colours.text, arrowsize=self.pixels(13),
                lightcolor=colours.surface, darkcolor=colours.surface,
            )  # fmt: skip
            self._style.map(
                name,
                fieldbackground=[("disabled", colours.window)], foreground=[("disabled", colours.muted)],
                background=[("pressed", colours.border), ("active", colours.border)],
                bordercolor=[("focus", colours.accent)], arrowcolor=[("disabled", colours.muted)],
                lightcolor=[("focus", colours.accent), ("disabled", colours.window)],
                selectbackground=[("!focus", colours.border)], selectforeground=[("!focus", colours.text)],
            )  # fmt: skip
        for way, sticky in (("Vertical", "ns"), ("Horizontal", "ew")):
            thumb: Any = (f"{way}.Scrollbar.thumb", {"expand": "1", "sticky": "nswe"})
            trough: Any = (f"{way}.Scrollbar.trough", {"sticky": sticky, "children": [thumb]})
            self._style.layout(f"{way}.TScrollbar", [trough])
        self._style.configure(
            "TScrollbar", background=colours.border, troughcolor=colours.window, arrowsize=self.pixels(11),
            bordercolor=colours.window, lightcolor=colours.border, darkcolor=colours.border, gripcount=0,
        )  # fmt: skip
        thumb_colours = [("disabled", colours.window), ("active", colours.muted)]
        self._style.map("TScrollbar", background=thumb_colours, lightcolor=thumb_colours, darkcolor=thumb_colours)

    def _dress_tables(self, colours: Palette) -> None:
        row = self._fonts["ChatBody"].metrics("linespace") + self.pixels(8)
        self._style.configure(
            "Treeview", background=colours.surface, fieldbackground=colours.surface, foreground=colours.text,
            rowheight=row, borderwidth=0,
        )  # fmt: skip
        self._style.map(
            "Treeview", background=[("selected", colours.accent)], foreground=[("selected", colours.on_accent)]
        )
        self._style.configure("Treeview.Cell", padding=(self.pixels(4), 0))
        self._style.configure("Treeview.Item", padding=(self.pixels(4), 0))
        self._style.configure(
            "Treeview.Heading", background=colours.button, foreground=colours.text, font="ChatBold", relief="flat",
            padding=(self.pixels(6), self.pixels(4)),
        )  # fmt: skip
        self._style.map("Treeview.Heading", background=[("active", colours.border)])
        self._style.layout("TNotebook", [])  # without a border, what is in it stands as wide as what is not
        self._style.configure(
            "TNotebook", background=colours.window, bordercolor=colours.window, lightcolor=colours.window,
            darkcolor=colours.window, borderwidth=0, tabmargins=0, padding=0,
        )  # fmt: skip
        self._style.configure(
            "TNotebook.Tab", background=colours.window, foreground=colours.muted, font="ChatBold",
            padding=(self.pixels(10), self.pixels(4)), bordercolor=colours.border, lightcolor=colours.window,
            darkcolor=colours.window, focuscolor=colours.text,
        )  # fmt: skip
        self._style.map(
            "TNotebook.Tab",
            background=[("selected", colours.button)], foreground=[("selected", colours.text)],
            lightcolor=[("selected", colours.button)], padding=[], expand=[],
        )  # fmt: skip

    def _dress_lists(self, colours: Palette) -> None:
        # The list that drops down is not a ttk widget: a new one takes its colours from the option database, an old one
        # must be configured.
        options = {
            "background": colours.surface, "foreground": colours.text, "font": "ChatBody",
            "selectBackground": colours.accent, "selectForeground": colours.on_accent,
        }  # fmt: skip
        for option, value in options.items():
            self._root.option_add(f"*TCombobox*Listbox.{option}", value)
        for field in _fields_below(self._root):
            field.configure(font="ChatBody")  # only then does it lay its text out anew, when the font has changed
            dropped = f"{field}.popdown.f.l"
            if self._root.tk.call("winfo", "exists", dropped):
                for option, value in options.items():
                    self._root.tk.call(dropped, "configure", f"-{option.lower()}", value)

    def dress_menu(self, menu: tk.Menu) -> None:
        """Give a menu and all below it the colours, and room around its entries: Tk itself has no option for that."""
        colours = self.palette
        self._menu_space.configure(
            width=self.pixels(4), height=self._fonts["ChatBody"].metrics("linespace") + self.pixels(8)
        )
        children = [child for child in menu.winfo_children() if isinstance(child, tk.Menu)]
        menu.configure(
            background=colours.window, foreground=colours.text, activebackground=colours.accent, font="ChatBody",
            activeforeground=colours.on_accent, disabledforeground=colours.muted, relief="raised",
            borderwidth=0 if children else 1, activeborderwidth=0,
        )  # fmt: skip
        for at in range((menu.index("end") or 0) + 1):
            if menu.type(at) == "command":
                menu.entryconfigure(at, image=self._menu_space, compound="left")
        for child in children:
            self.dress_menu(child)

    def dress_text(self, text: tk.Text) -> None:
        """Give a text the colours."""
        colours = self.palette
        text.configure(
            background=colours.surface, foreground=colours.text, font="ChatBody", insertbackground=colours.text,
            selectbackground=colours.accent, selectforeground=colours.on_accent, relief="flat", borderwidth=0,
            inactiveselectbackground=colours.accent,
            highlightthickness=self.pixels(1), highlightbackground=colours.border, highlightcolor=colours.accent,
            padx=self.pixels(10), pady=self.pixels(8), spacing3=self.pixels(3),
        )  # fmt: skip


def _fields_below(widget: tk.Misc) -> Iterator[ttk.Entry]:
    for child in widget.winfo_children():
        if isinstance(child, ttk.Entry):
            yield child
        yield from _fields_below(child)
