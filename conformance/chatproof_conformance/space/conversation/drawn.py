"""Conversations drawn by Hypothesis: beyond the lists, from the same dimensions."""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from chatproof_conformance.space.contents import contents
from chatproof_conformance.space.conversation.acts import PLAIN, Act, Asked, Raw, Said, shown
from chatproof_conformance.space.conversation.messages import TEXTS, valid_message
from chatproof_conformance.space.conversation.script import Answers, End, Opening, Reading, Script, Stage
from chatproof_conformance.space.conversation.server_acts import OWN, filled, server_acts
from chatproof_conformance.space.names import valid_names
from chatproof_conformance.space.segmentation import Segmentation
from chatproof_conformance.space.spellings import SPELLINGS

_Draw = Callable[[st.SearchStrategy[Any]], Any]

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=24)
_LISTED = st.sampled_from(tuple(dict.fromkeys(map(filled, contents()))))
_CONTENTS = st.one_of(_TEXT, _LISTED, st.builds("{}{}".format, _LISTED, _TEXT))
_NAMES = st.sampled_from(tuple(dict.fromkeys(map(filled, valid_names()))))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e99, 1e99) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_MEMBERS = ("type", "username", "sender", "target", "content", "message", "timestamp", "delivered", "reason", "code")
_EXTRA = st.dictionaries(
    st.one_of(_TEXT, st.sampled_from(("x-extra", "id", "Type", "to", "__proto__", "constructor", ""))),
    _VALUES,
    max_size=2,
).map(lambda extra: {name: value for name, value in extra.items() if name not in _MEMBERS})
_KINDS = st.sampled_from(TEXTS)
_BAD = st.sampled_from(server_acts()["bad"])
_QUICK = [
    Segmentation.ONE_WRITE,
    Segmentation.PER_FRAME,
    Segmentation.CHUNKS_64,
    Segmentation.MIDDLE,
    Segmentation.BEFORE_LF,
    Segmentation.IN_CHARACTER,
    Segmentation.FRAME_AND_PART,
]
_MOST_CUTS = 4
_LF = re.compile(rb"\n")


@st.composite
def _said(draw: _Draw) -> Said:
    kind = draw(_KINDS)
    message = {**draw(_EXTRA), **valid_message(kind, draw(_CONTENTS), draw(_NAMES))}
    if kind == "private_confirmation":
        message["delivered"] = draw(st.booleans())
    return Said(f"drawn {kind}: {shown(message, 200)}", message)


@st.composite
def _asked(draw: _Draw) -> Asked:
    content = draw(_CONTENTS)
    target = draw(st.one_of(st.none(), _NAMES))
    return Asked(
        f"drawn, {'said' if target is None else 'whispered'}: {shown(content)}", content, target, draw(st.booleans())
    )


@st.composite
def _garbage(draw: _Draw) -> Raw:
    """Draw bytes that are no UTF-8, or a bad frame in which some bytes are taken out or doubled."""
    data = b"\xff" + _LF.sub(b" ", draw(st.binary(min_size=1, max_size=20)))
    return Raw(f"drawn, bad: {shown(data)}", data)


_ACTS = st.one_of(_said(), _said(), _said(), _asked(), _BAD, _garbage())


@st.composite
def _stage(draw: _Draw) -> Stage:
    acts: list[Act] = draw(st.lists(_ACTS, min_size=1, max_size=8))
    spelling = draw(st.sampled_from((PLAIN, PLAIN, *SPELLINGS)))
    size = sum(len(act.frame(spelling)) + 1 for act in acts if not isinstance(act, Asked))
    cuts = draw(st.one_of(st.none(), st.lists(st.integers(1, max(1, size)), min_size=1, max_size=_MOST_CUTS)))
    return Stage(
        tuple(acts),
        spelling,
        draw(st.sampled_from(_QUICK)),
        None if cuts is None else tuple(cuts),
        draw(st.sampled_from(Answers)),
        draw(st.sampled_from(Reading)),
    )


@st.composite
def drawn_script(draw: _Draw) -> Script:
    """Draw a conversation whose client joins."""
    stages = tuple(draw(st.lists(_stage(), min_size=1, max_size=4)))
    opening = draw(st.sampled_from((Opening.JOINED, Opening.JOINED, Opening.REFUSED)))
    others = ("first",) if opening is Opening.REFUSED else ()
    username = draw(st.one_of(st.just(OWN), _NAMES))
    return Script(username, opening, stages, draw(st.sampled_from(End)), others)


def drawn_scripts(seed: int, count: int) -> list[Script]:
    """Return so many drawn conversations, the same ones for a seed."""
    found: list[Script] = []

    @seeded(seed)
    @settings(
        max_examples=count + 1,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn_script())
    def collect(script: Script) -> None:
        found.append(script)

    collect()
    return found[1:]  # the first example of a run is always the simplest
