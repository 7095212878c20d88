"""The colours of the windows, light and dark. Each text colour keeps a contrast of 4.5 to 1 (a test computes it)."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatproof_reference.client.lines import Style


@dataclass(frozen=True, slots=True)
class Palette:
    """One look; every colour is ``#rrggbb``.

    Attributes:
        window: behind labels and buttons.
        surface: behind what is read and typed.
        text: on both, as ``muted``, for what matters less.
        accent: the main button, and what is selected; ``on_accent`` is text on it.
        good: a status, on ``window``, as ``bad``.
        notice: behind the line that reports trouble; ``text`` stands on it, as on ``found``.
        found: behind what a search found.
        styles: the display types of the original documentation, on ``surface``.
    """

    window: str
    surface: str
    text: str
    muted: str
    border: str
    button: str
    accent: str
    on_accent: str
    good: str
    bad: str
    notice: str
    found: str
    styles: Mapping[Style, str]


LIGHT = Palette(
    window="#f3f4f6", surface="#ffffff", text="#1b1e23", muted="#5a616b", border="#c4c9d1", button="#e4e7ec",
    accent="#1a5fd0", on_accent="#ffffff", good="#0f6b34", bad="#b3261e", notice="#fde7c8", found="#ffe58a",
    styles={
        Style.SYSTEM: "#5a616b", Style.SERVER: "#b3261e", Style.OWN: "#1353bd", Style.OTHER: "#0f6b34",
        Style.PRIVATE_SENT: "#7a1fa2", Style.PRIVATE_RECEIVED: "#9c4600", Style.ERROR: "#b3261e",
    },
)  # fmt: skip

DARK = Palette(
    window="#24272c", surface="#1a1c20", text="#e7e9ec", muted="#a9b0ba", border="#4a5059", button="#363b43",
    accent="#8ab4f8", on_accent="#10213d", good="#7fd49a", bad="#ff9a90", notice="#54401c", found="#6b5710",
    styles={
        Style.SYSTEM: "#a9b0ba", Style.SERVER: "#ff8f85", Style.OWN: "#8ab4f8", Style.OTHER: "#7fd49a",
        Style.PRIVATE_SENT: "#d3a6fa", Style.PRIVATE_RECEIVED: "#ffb35c", Style.ERROR: "#ff8f85",
    },
)  # fmt: skip
