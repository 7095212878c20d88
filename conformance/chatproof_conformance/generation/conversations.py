"""Conversations as data: who says what, in which order; for traffic that is concurrent, or said in other ways."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chatproof_conformance.generation.client_frames import NEAR_JSON, NOT_JSON
from chatproof_conformance.generation.text import contents


@dataclass(frozen=True, slots=True)
class Utterance:
    """One frame of a conversation.

    Attributes:
        speaker: the place of who sends it among the slots.
        target: None for a public message, else the place of whom it is for; -1 for a name that nobody has.
        text: the content.
        junk: if not empty, these bytes are sent instead.
    """

    speaker: int
    target: int | None
    text: str
    junk: bytes = b""


def conversations(speakers: int, most: int) -> st.SearchStrategy[list[Utterance]]:
    """Return conversations among so many speakers, of so many utterances at most."""
    junk: Any = st.one_of(st.just(b""), st.just(b""), st.just(b""), st.sampled_from(NOT_JSON + NEAR_JSON))
    targets = st.one_of(st.none(), st.integers(-1, speakers - 1))
    one = st.builds(Utterance, st.integers(0, speakers - 1), targets, contents(10), junk)
    return st.lists(one, min_size=1, max_size=most)
