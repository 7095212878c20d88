"""Writes HTML and SVG. A plain string is text, and is escaped; only what :func:`tag` made goes in as it is.

Characters that are not printable are shown as escapes: among them are those that turn the direction of what follows.
"""

import html
import re
from typing import TYPE_CHECKING, TypeAlias

from chatproof_common.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset(("meta", "link", "input", "br", "path", "line", "rect", "circle", "polygon"))
_CODE = re.compile(r"`([^`]+)`")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
"""A string is text, unless it is :class:`Markup`; None is nothing; what can be iterated over is all that is in it."""


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        name: of the element.
        children: what it holds.
        attributes: by their names with ``_`` for ``-`` (``class_`` and the like lose the last one); None: left out.
    """
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(printable(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{words}/>" if name in _VOID else f"<{name}{words}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Return the children one after another."""
    return Markup("".join(map(_written, children)))


def prose(sentence: str) -> Markup:
    """Return a sentence of SPEC.md: what stands between backticks is code."""
    parts = _CODE.split(sentence)
    return join(tag("code", part) if place % 2 else part for place, part in enumerate(parts))


def _written(child: Child) -> str:
    if child is None or isinstance(child, Markup):
        return child or ""
    return html.escape(printable(child)) if isinstance(child, str) else join(*child)
