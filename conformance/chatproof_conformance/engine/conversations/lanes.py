"""Conversations that take time, each in its turn beside all else: slow streams, slow answers, bursts both ways."""

import asyncio
from collections.abc import Callable, Iterator

from chatproof_conformance.core.options import Options
from chatproof_conformance.endpoints.served.conversing import Played
from chatproof_conformance.engine.conversations.copies import Copies
from chatproof_conformance.space.conversation.acts import Act, Asked, Said
from chatproof_conformance.space.conversation.messages import TEXTS, valid_message
from chatproof_conformance.space.conversation.script import (
    JOINS,
    Answers,
    End,
    Opening,
    Reading,
    Script,
    Stage,
    Unread,
)
from chatproof_conformance.space.conversation.server_acts import OWN
from chatproof_conformance.space.conversation.user_acts import numbered
from chatproof_conformance.space.segmentation import Segmentation

_AT_ONCE = 3
_LEAVING_TRACES = (End.CONNECTS_ANEW, End.MID_FRAME, End.RESET_MID_FRAME, End.NO_LF, End.FIN_TALKING, End.LEAVE_TALKING)
_FOLLOWING = (Opening.JOINED, Opening.REFUSED, Opening.REFUSED_FOR_GOOD, Opening.UNANSWERED)
_FILLED = (512, 1024, 2048, 4096, 8192, 16384, 65536)
"""Bytes that programs read at a time: nothing follows what fills a read."""
_LEAVING = (End.LEAVE, End.CONNECTS_ANEW, End.INPUT_ENDS)
"""The ends before which a client sends what it was asked for."""
_SLOW_ANSWER = 1.6
_SILENCE = 3.2
"""Seconds after which programs take a silent peer for lost, and a little more."""
_KEPT = 300
"""So many messages a client may be asked for before its join is answered: more than programs keep at most."""
_SHORT, _LONG = 900, 300
_ASKED = 150


async def run_lanes(copies: Copies, take: Callable[[Played], None], options: Options) -> None:
    """Play the conversations, some side by side: they wait more than they work; none if the options have no lanes."""
    if not options.lanes:
        return
    waiting = lanes()

    async def work() -> None:
        for script in waiting:
            take(await copies.play(script))

    async def wait() -> None:
        take(await copies.play(_silent()))

    await asyncio.gather(wait(), _one_after_the_other(copies, take), *(work() for _ in range(_AT_ONCE)))


async def _one_after_the_other(copies: Copies, take: Callable[[Played], None]) -> None:
    """Play pairs of conversations with one process: whatever a connection leaves behind meets the next one."""
    copy = copies.fresh()
    for script in pairs():
        if not copy.alive:
            copies.dispose(copy)
            copy = copies.fresh()
        played = await copies.play(script, copy=copy)
        take(played)
        if played.failed is not None:
            break
    copies.dispose(copy)


def pairs() -> Iterator[Script]:
    """Yield conversations of which each two neighbours are an end and an opening, each with each."""
    said = (Said("message: again", valid_message("message", "again")), Asked("say: again", "once more"))
    for end in _LEAVING_TRACES:
        for opening in _FOLLOWING:
            yield Script(OWN, stages=(Stage(said),), end=end)
            yield Script(OWN, opening, (Stage(said),) if opening in JOINS else (), End.LEAVE, _others(opening))


def _others(opening: Opening) -> tuple[str, ...]:
    return ("taken",) if opening is Opening.REFUSED else ()


def _silent() -> Script:
    """Return a conversation in which nobody says anything for a while."""
    said = (Said("message: after a silence", valid_message("message", "is anyone still there?")),)
    asked = (Asked("say: after a silence", "yes"),)
    silent = Stage(said, answers=Answers.LATE, pause=_SILENCE)
    return Script(OWN, stages=(silent, Stage(asked)), end=End.FIN)


def lanes() -> Iterator[Script]:
    """Yield the conversations."""
    yield Script(OWN, hasty=_said_at_once(_KEPT))
    yield from (Script(OWN, end=end, unread=Unread.OF_USER) for end in (End.RESET, End.FIN, *_LEAVING))
    yield from (Script(OWN, end=end, unread=Unread.OF_SERVER) for end in _LEAVING)
    said = tuple(Said(f"{kind}: slow", valid_message(kind, f"é🙂 {kind} slow")) for kind in TEXTS)
    asked = (Asked("say: slow answer", "did it arrive?"), Asked("whisper: slow answer", "did it?", "bob"))
    yield Script(OWN, stages=(Stage(said[:1], segmentation=Segmentation.PAUSE_1500),), end=End.FIN)
    yield Script(OWN, stages=(Stage(said[:3], segmentation=Segmentation.PAUSE_300),), end=End.FIN)
    yield Script(OWN, stages=tuple(Stage(said[:2], fills=size) for size in _FILLED), end=End.FIN)
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
