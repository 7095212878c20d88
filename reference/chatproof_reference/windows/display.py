"""Opens a window on the display, at the scale that its user has chosen for text."""

import tkinter as tk

from chatproof_common.system.display import be_sharp

_POINTS_AN_INCH = 72


def open_root() -> tk.Tk:
    """Return the root of a new window, empty.

    Raises:
        tk.TclError: if there is no display.
    """
    be_sharp()
    root = tk.Tk(className="Chatproof")
    dpi = _desktop_dpi() if root.tk.call("tk", "windowingsystem") == "x11" else 0.0
    if dpi:
        root.tk.call("tk", "scaling", dpi / _POINTS_AN_INCH)
    return root


def _desktop_dpi() -> float:
    """Return the DPI that an X desktop asks for with the resource ``Xft.dpi``, which Tk 8 ignores; 0 with none."""
    # A resource is looked up below the name of a program, so only a program called Xft finds it.
    asking = tk.Tk(className="Xft")
    asking.withdraw()
    try:
        return float(asking.tk.call("option", "get", ".", "dpi", "Dpi"))
    except ValueError:
        return 0.0
    finally:
        asking.destroy()
