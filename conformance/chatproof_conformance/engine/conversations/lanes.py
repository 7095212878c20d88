"""Conversations that take time, each in its turn beside all else: slow streams, slow answers, bursts both ways."""

import asyncio
from collections.abc import Callable, Iterator

from chatproof_conformance.core.options import Options
from chatproof_conformance.endpoints.served.conversing import Played
from chatproof_conformance.engine.conversations.copies import Copies
from chatproof_conformance.space.conversation.acts import Act, Asked, Said
from chatproof_conformance.space.conversation.messages import TEXTS, valid_message
from chatproof_conformance.space.conversation.script import Answers, End, Reading, Script, Stage
from chatproof_conformance.space.conversation.server_acts import OWN
from chatproof_conformance.space.conversation.user_acts import numbered
from chatproof_conformance.space.segmentation import Segmentation

_AT_ONCE = 3
_SLOW_ANSWER = 1.6
_SHORT, _LONG = 900, 300
_ASKED = 150


async def run_lanes(copies: Copies, take: Callable[[Played], None], options: Options) -> None:
    """Play the conversations, some side by side: they wait more than they work; none if the options have no lanes."""
    waiting = lanes() if options.lanes else iter(())

    async def work() -> None:
        for script in waiting:
            take(await copies.play(script))

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))


def lanes() -> Iterator[Script]:
    """Yield the conversations."""
    said = tuple(Said(f"{kind}: slow", valid_message(kind, f"é🙂 {kind} slow")) for kind in TEXTS)
    asked = (Asked("say: slow answer", "did it arrive?"), Asked("whisper: slow answer", "did it?", "bob"))
    yield Script(OWN, stages=(Stage(said[:1], segmentation=Segmentation.PAUSE_1500),), end=End.FIN)
    yield Script(OWN, stages=(Stage(said[:3], segmentation=Segmentation.PAUSE_300),), end=End.FIN)
    yield Script(OWN, stages=(Stage(asked, answers=Answers.LATE, pause=_SLOW_ANSWER),))
    yield Script(OWN, stages=(Stage(_burst(_SHORT, 20)), Stage(said[:1])), end=End.LAST_WORDS)
    yield Script(OWN, stages=(Stage(_burst(_LONG, 900)), Stage(said[:1])), end=End.RESET)
    yield Script(OWN, stages=(Stage(_said_at_once(20), answers=Answers.LATE), Stage(said[:1])), end=End.LEAVE_TALKING)
    both: tuple[Act, ...] = (*_said_at_once(_ASKED, 700), *_burst(_LONG, 900))
    yield Script(OWN, stages=(Stage(both, answers=Answers.LATE, reading=Reading.SLOW), Stage(said[:1])), end=End.FIN)
    yield Script(OWN, stages=(Stage(said[1:4], segmentation=Segmentation.PAUSE_50),), end=End.HALF_CLOSE)


def _burst(count: int, length: int) -> tuple[Said, ...]:
    kinds = [TEXTS[number % len(TEXTS)] for number in range(count)]
    texts = (f"{number} of {count} " + numbered(length) for number in range(count))
    return tuple(
        Said(f"burst of {count}: {kind}", valid_message(kind, text)) for kind, text in zip(kinds, texts, strict=True)
    )


def _said_at_once(count: int, length: int = 0) -> tuple[Asked, ...]:
    return tuple(Asked(f"say, {count} at once", f"quick {number} " + numbered(length)) for number in range(count))
