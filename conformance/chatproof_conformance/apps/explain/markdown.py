"""Explanations as Markdown."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chatproof_conformance.apps.explain.document import Explained, listed_topics
from chatproof_conformance.explanations.reading import causes

_LANGUAGES = {"python": "Python", "javascript": "JavaScript", "go": "Go"}
LANGUAGES = tuple(_LANGUAGES)
"""In which code is shown."""


def render(explained: Explained, language: str | None = None) -> str:
    """Return a page.

    Args:
        explained: what it explains.
        language: one of ``LANGUAGES``: causes are shown in full, with code in this language alone; None: a cause has
            code in all of them, and the causes of a requirement are named only.
    """
    pages = (_RENDERERS[topic["kind"]](topic, language) for topic in explained["topics"])
    return "\n\n".join("\n\n".join(page) for page in pages) + "\n"


def render_list() -> str:
    """Return a page with the names of all that can be explained."""
    plural = {"requirement": "Requirements", "section": "Sections", "cause": "Causes", "code": "Error codes"}
    parts = (f"## {plural.get(kind, 'Terms')}\n\n{', '.join(names)}" for kind, names in listed_topics().items())
    return "\n\n".join(parts) + "\n"


def _requirement(topic: Mapping[str, Any], language: str | None) -> Iterator[str]:
    yield f"## {topic['name']} ({topic['level']}): section {topic['heading']}"
    yield topic["sentence"]
    level = topic["in_level"]
    yield f"Level {level['number']} of {level['of']}: {level['subject']}"
    yield f"**Why.** {topic['why']}"
    yield "**Example.**"
    yield _block("text", "\n".join(topic["exchange"]))
    if language is None:
        yield "**Usual causes.**"
        yield "\n".join(f"- {cause['title']}: `chatproof explain {cause['name']}`" for cause in topic["causes"])
    else:
        for cause in topic["causes"]:
            yield f"**Usual cause: {cause['title'][0].lower()}{cause['title'][1:]}.** {causes()[cause['name']].text}"
            yield _block(language, causes()[cause["name"]].code[language])
    yield f"**How it is tested.** {topic['tested']}"
    yield from _related(topic)


def _section(topic: Mapping[str, Any], _: str | None) -> Iterator[str]:
    yield f"## {topic['name']}: {topic['title']}"
    if topic["text"]:
        yield topic["text"]
    yield "\n".join(f"- **{row['name']}** ({row['level']}) {row['sentence']}" for row in topic["requirements"])


def _cause(topic: Mapping[str, Any], language: str | None) -> Iterator[str]:
    yield f"## {topic['title']}"
    yield topic["text"]
    for name in LANGUAGES if language is None else (language,):
        yield f"**{_LANGUAGES[name]}**"
        yield _block(name, topic["code"][name])
    yield f"**Breaks** {', '.join(topic['related'])}"


def _word(topic: Mapping[str, Any], _: str | None) -> Iterator[str]:
    yield f"## {topic['name']}"
    yield topic["text"]
    yield from _related(topic)


def _related(topic: Mapping[str, Any]) -> Iterator[str]:
    if topic["related"]:
        yield f"**Related:** {', '.join(topic['related'])}"


def _block(language: str, code: str) -> str:
    return f"```{language}\n{code.rstrip()}\n```"


_RENDERERS: Mapping[str, Callable[[Mapping[str, Any], str | None], Iterator[str]]] = {
    "requirement": _requirement,
    "section": _section,
    "cause": _cause,
    "code": _word,
    "term": _word,
}
