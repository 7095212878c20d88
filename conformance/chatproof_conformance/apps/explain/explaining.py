"""Prints explanations: on a terminal, as Markdown, as JSON."""

import json
from collections.abc import Callable, Sequence

from rich.markdown import Markdown

from chatproof_common.command_line.values import CommandError
from chatproof_common.terminal import Terminal
from chatproof_conformance.apps.explain.document import document_of, listed_topics
from chatproof_conformance.apps.explain.markdown import render, render_list
from chatproof_conformance.apps.explain.topics import Topic, find_topics
from chatproof_conformance.reporting.last_failures import latest_failures

FORMATS = ("text", "markdown", "json")
_MOST = 3
_WIDEST = 100
"""Columns beyond which lines of prose are hard to read."""
_ASCII = str.maketrans({"→": "->", "←": "<-", "…": "...", "•": "*"})
Print = Callable[[str], None]


def explain(words: Sequence[str], form: str, language: str | None) -> int:
    """Print what words mean; without words, what failed in the last check. Return the exit code.

    Args:
        words: ids, sections, names of causes, error codes or terms.
        form: one of ``FORMATS``.
        language: in which causes are shown in full; None: as :func:`render` says.

    Raises:
        CommandError: if a word means nothing, or there are none and no failure is known.
    """
    topics, more = (find_topics(words), "") if words else _failed()
    explained = document_of(topics)
    if form == "json":
        _print_text(json.dumps(explained, indent=2, ensure_ascii=False) + "\n")
    else:
        _printer(form)(render(explained, language) + (f"\n{more}\n" if more else ""))
    return 0


def list_topics(form: str) -> int:
    """Print the names of all that can be explained; return the exit code."""
    if form == "json":
        _print_text(json.dumps(listed_topics(), indent=2, ensure_ascii=False) + "\n")
    else:
        _printer(form)(render_list())
    return 0


def _failed() -> tuple[list[Topic], str]:
    checked, failed = latest_failures()
    if not failed:
        if checked:
            raise CommandError(f"nothing failed in the last check, `{checked}`; name what is to be explained (--list)")
        hint = "name what is to be explained, such as JOIN-4, username_taken or fence"
        raise CommandError(f"no failure of a check is known; {hint} (--list shows all)")
    rest = failed[_MOST:]
    more = f"{len(rest)} more failed in `{checked}`: {', '.join(rest)}" if rest else ""
    return [Topic("requirement", id_) for id_ in failed[:_MOST]], more


def _printer(form: str) -> Print:
    return _print_text if form == "markdown" else _print_page


def _print_text(text: str) -> None:
    Terminal().file.write(text)


def _print_page(page: str) -> None:
    out = Terminal()
    with out.capture() as captured:
        out.print(Markdown(page, code_theme="ansi_dark"), width=min(out.width, _WIDEST), soft_wrap=False)
    text = captured.get().translate(_ASCII) if out.options.ascii_only else captured.get()
    lines = text.splitlines() if out.is_terminal else map(str.rstrip, text.splitlines())  # rich fills lines with spaces
    out.file.write("".join(f"{line}\n" for line in lines))
