"""What can be explained, and which of it a word means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chatproof_conformance.core.selection import unknown_word
from chatproof_conformance.explanations.reading import causes, codes
from chatproof_conformance.explanations.words import words as known_words
from chatproof_schemas import requirements, sections

Kind = Literal["requirement", "section", "cause", "code", "term"]


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that can be explained.

    Attributes:
        kind: what it is.
        name: an id, a section, the name of a cause, an error code, or a term.
    """

    kind: Kind
    name: str


def all_topics() -> Iterator[Topic]:
    """Yield all that can be explained; if two have one name, the first is meant by it."""
    yield from (Topic("requirement", name) for name in requirements())
    yield from (Topic("section", name) for name in sections())
    yield from (Topic("cause", name) for name in causes())
    yield from (Topic("code", name) for name in codes())
    yield from (Topic("term", name) for name in known_words())


def find_topics(words: Sequence[str]) -> list[Topic]:
    """Return what words mean: each by itself, or all together, since some terms have two words.

    Raises:
        CommandError: if a word means nothing; with the name that is most like it.
    """
    topics = [*all_topics()]
    exact = {topic.name: topic for topic in reversed(topics)}  # so that `frame` is the term, `FRAME` the section
    folded = {_folded(topic.name): topic for topic in reversed(topics)}

    def find(word: str) -> Topic | None:
        one = _singular(word.lower())
        return exact.get(word) or folded.get(_folded(word)) or exact.get(one) or folded.get(_folded(one))

    together = find(" ".join(words))
    if together is not None:
        return [together]
    found: dict[Topic, None] = {}
    for word in words:
        topic = find(word)
        if topic is None:
            listing = "`chatproof explain --list` shows what can be explained"
            raise unknown_word(word, [topic.name for topic in topics], listing)
        found[topic] = None
    return list(found)


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def _folded(word: str) -> str:
    return word.lower().replace("_", "-").replace(" ", "-")
