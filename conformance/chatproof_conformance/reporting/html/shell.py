"""What every page has: its head, its style, and the promise that it fetches nothing and runs nothing."""

from importlib.resources import files
from urllib.parse import quote

from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_conformance.reporting.html.markup import Markup, join, tag

# Whatever a hostile peer managed to get into the page, the browser neither runs it nor fetches for it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_COLOURS = {"good": "#0f6b34", "bad": "#b3261e", "warn": "#855000", "unknown": "#6d3a9c"}

_OUTCOMES = {CONFORMS: ("good", "✓"), BROKEN: ("bad", "✗")}


def outcome(exit_code: int) -> tuple[str, str]:
    """Return the tone and the sign of a verdict."""
    return _OUTCOMES.get(exit_code, ("unknown", "?"))


def heading(tone: str, sign: str, text: str) -> Markup:
    """Return the heading of a page."""
    return tag("h1", tag("span", sign, class_="sign", aria_hidden="true"), tag("span", text), class_=f"verdict {tone}")


def page(title: str, tone: str, *body: Markup) -> str:
    """Return a whole page; ``tone`` (``good``, ``warn``, ``bad``, ``unknown``) colours its icon."""
    style = files("chatproof_conformance").joinpath("reporting", "html", "style.css").read_text("utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="icon", href=_icon(tone)),
        tag("style", Markup(style)),
    )
    return join(Markup("<!doctype html>\n"), tag("html", head, tag("body", *body), lang="en"), Markup("\n"))


def _icon(tone: str) -> str:
    circle = tag("circle", cx="8", cy="8", r="7", fill=_COLOURS[tone])
    return "data:image/svg+xml," + quote(tag("svg", circle, xmlns="http://www.w3.org/2000/svg", viewBox="0 0 16 16"))
