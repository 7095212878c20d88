"""Reads the explanations: `requirements/` has a file for each section, `causes/` one for each kind of mistake in code.

A file is Markdown with a fixed form, so that it can be read as it is, too: a heading for each entry, text, fenced
blocks, and lines that begin with ``Causes:``, ``Tested:`` or ``Related:``.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LABELLED = re.compile(r"^(Causes|Tested|Related): (.+(?:\n(?!\n).+)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of one requirement.

    Attributes:
        id: its id.
        why: what goes wrong for people without it.
        exchange: an example, one line a step: ``alice → FRAME`` is sent to the server, ``alice ← FRAME`` received
            from it; a frame that its schema refuses is followed by ``(invalid)``, `` | `` shows a cut. Other lines
            say what happens.
        causes: the names of its usual causes, the most usual first.
        tested: how the harness tests it.
        related: the ids of requirements that belong to it.
    """

    id: str
    why: str
    exchange: tuple[str, ...]
    causes: tuple[str, ...]
    tested: str
    related: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind of mistake in code.

    Attributes:
        name: that of its file, such as ``one-read-one-message``.
        title: a clause about the reader's program: ``Your reader takes each read for a message``.
        text: why it breaks something, and what to do instead.
        code: by language (``python``, ``javascript``, ``go``), a few lines, wrong and right.
    """

    name: str
    title: str
    text: str
    code: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Word:
    """An error code, or a term of SPEC.md and of reports.

    Attributes:
        name: as it is written.
        text: what it means.
        related: the ids of requirements that belong to it.
    """

    name: str
    text: str
    related: tuple[str, ...]


@functools.cache
def explanations() -> dict[str, Explanation]:
    """Return what is said of each requirement, by its id."""
    return {
        name: _explanation(name, body)
        for file in _markdown_files("requirements")
        for name, body in _entries(file.read_text("utf-8"))
    }


@functools.cache
def introductions() -> dict[str, str]:
    """Return the text above the requirements of each section, by the section's name; empty if there is none."""
    return {
        file.name.removesuffix(".md"): file.read_text("utf-8").partition("\n## ")[0].partition("\n")[2].strip()
        for file in _markdown_files("requirements")
    }


@functools.cache
def causes() -> dict[str, Cause]:
    """Return all causes by name."""
    found = (_cause(file.name.removesuffix(".md"), file.read_text("utf-8")) for file in _markdown_files("causes"))
    return {cause.name: cause for cause in found}


@functools.cache
def codes() -> dict[str, Word]:
    """Return the error codes in the order of SPEC.md."""
    return _words("codes.md")


@functools.cache
def terms() -> dict[str, Word]:
    """Return the terms in alphabetical order."""
    return _words("terms.md")


@functools.cache
def parts() -> dict[str, Word]:
    """Return the parts that connections of the harness play, by which reports name them."""
    return _words("parts.md")


def _words(name: str) -> dict[str, Word]:
    entries = _entries(_FOLDER.joinpath(name).read_text("utf-8"))
    return {title: Word(title, _prose(body), _listed(_labels(body).get("Related", ""))) for title, body in entries}


def _markdown_files(folder: str) -> list[Path]:
    found = [file for file in _FOLDER.joinpath(folder).iterdir() if file.name.endswith(".md")]
    return sorted(found, key=lambda file: file.name)


def _entries(text: str) -> list[tuple[str, str]]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _explanation(name: str, body: str) -> Explanation:
    labels, blocks = _labels(body), dict(_FENCED.findall(body))
    return Explanation(
        name,
        _prose(body),
        tuple(blocks["exchange"].splitlines()),
        _listed(labels["Causes"]),
        labels["Tested"],
        _listed(labels["Related"]),
    )


def _cause(name: str, page: str) -> Cause:
    title, _, body = page.partition("\n")
    return Cause(name, title.removeprefix("# "), _prose(body), dict(_FENCED.findall(body)))


def _labels(body: str) -> dict[str, str]:
    return {name: " ".join(text.split()) for name, text in _LABELLED.findall(_FENCED.sub("", body))}


def _prose(body: str) -> str:
    paragraphs = _LABELLED.sub("", _FENCED.sub("", body)).split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs if one.strip())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()
