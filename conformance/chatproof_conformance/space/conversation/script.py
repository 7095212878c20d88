"""A conversation as a point in the space: how it opens, its stages, and how it ends."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chatproof_conformance.space.conversation.acts import PLAIN, Act, Asked, OfServer
from chatproof_conformance.space.segmentation import Segmentation


class Opening(str, enum.Enum):
    """How far the client is when the first stage begins."""

    JOINED = "joined"
    WAITING = "before the join is answered"
    AT_ONCE = "in one segment with the join notice"
    REFUSED = "joined after a refused join"
    REFUSED_TWICE = "joined after two refused joins"
    REFUSED_FOR_GOOD = "a refused join"
    UNANSWERED = "a join that is not answered"
    CONNECTED = "connected"


JOINS = (Opening.JOINED, Opening.WAITING, Opening.AT_ONCE, Opening.REFUSED, Opening.REFUSED_TWICE)
"""The openings after which the client has joined."""


class Answers(str, enum.Enum):
    """When the server answers what the user says."""

    PROMPT = "answered at once"
    LATE = "answered after all else"
    REVERSED = "answered in reverse order"


class Reading(str, enum.Enum):
    """When the server reads what the client sends."""

    NORMAL = "server reads"
    SLOW = "server reads after it has sent all"


class End(str, enum.Enum):
    """How the connection ends."""

    LEAVE = "the user leaves"
    LEAVE_TALKING = "the user leaves right after it spoke"
    FIN = "FIN"
    RESET = "reset"
    HALF_CLOSE = "half close"
    LAST_WORDS = "FIN behind last words"
    MID_FRAME = "FIN in the middle of a frame"
    RESET_MID_FRAME = "reset in the middle of a frame"
    FIN_TALKING = "FIN while the user speaks"
    NO_LF = "FIN behind a message with no LF"
    CONNECTS_ANEW = "the user connects anew"
    INPUT_ENDS = "the driver's input ends"


class Unread(str, enum.Enum):
    """What stands unread when the connection ends."""

    NOTHING = "nothing unread"
    OF_USER = "much of the user's unread"
    OF_SERVER = "much of the server's unread"


BY_USER = (End.LEAVE, End.LEAVE_TALKING, End.CONNECTS_ANEW, End.INPUT_ENDS)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Acts between two markers, with all that is special about how they are sent.

    Attributes:
        acts: what is said, by the server and by the user.
        spelling: how the server writes its messages.
        segmentation: how its stream is cut.
        cuts: places in the stream at which it is cut instead; None: as the segmentation has it.
        answers: when it answers.
        reading: when it reads.
        pause: seconds before it answers.
        fills: of so many bytes everything that is sent last is a multiple; 0: of none.
    """

    acts: tuple[Act, ...]
    spelling: str = PLAIN
    segmentation: Segmentation = Segmentation.ONE_WRITE
    cuts: tuple[int, ...] | None = None
    answers: Answers = Answers.PROMPT
    reading: Reading = Reading.NORMAL
    pause: float = 0.0
    fills: int = 0

    @property
    def said(self) -> list[OfServer]:
        """What the server says by itself."""
        return [act for act in self.acts if not isinstance(act, Asked)]

    @property
    def asked(self) -> list[Asked]:
        """What the user says."""
        return [act for act in self.acts if isinstance(act, Asked)]


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """A conversation over one connection.

    Attributes:
        username: the name under which the client is asked to join.
        opening: how far it is when the stages begin.
        stages: what happens then, each closed by a marker.
        end: how the connection ends.
        others: names that are refused before; the user then tries the next.
        first: what the server says before the notice of the join, or in one segment with it, as the opening has it.
        hasty: what the user says right behind the request to connect, when nothing is connected yet.
        early: what the user says before the join is answered.
        refusal: the error that refuses a join.
        notice: how the server words the notice of the join; SPEC.md only recommends a wording (JOIN-3).
        wrong: names that are none, tried after a refusal: no join is sent under them.
        overdue: whether the errors that answer what was said too early come only behind the next join.
        unread: what stands unread when the connection ends.
    """

    username: str
    opening: Opening = Opening.JOINED
    stages: tuple[Stage, ...] = ()
    end: End = End.LEAVE
    others: tuple[str, ...] = ()
    first: Stage | None = None
    hasty: tuple[Asked, ...] = ()
    early: tuple[Asked, ...] = ()
    refusal: tuple[tuple[str, str], ...] = (("message", "Username already taken"), ("code", "username_taken"))
    notice: str = "{} joined the chat"
    wrong: tuple[str, ...] = ()
    overdue: bool = False
    unread: Unread = Unread.NOTHING

    def only(self, first: int, after: int) -> "Script":
        """Return the same with some of its stages only, and nothing more before them than it needs."""
        return replace(self, stages=self.stages[first:after], first=None, hasty=(), early=(), unread=Unread.NOTHING)


PLAINER_STAGES: Mapping[str, Callable[[Stage], Stage]] = {
    "spelling": lambda stage: replace(stage, spelling=PLAIN),
    "segmentation": lambda stage: replace(stage, segmentation=Segmentation.PER_FRAME, cuts=None, fills=0),
    "answers": lambda stage: replace(stage, answers=Answers.PROMPT, pause=0.0),
    "reading": lambda stage: replace(stage, reading=Reading.NORMAL),
}
"""The dimensions of a stage, each with what takes it away."""


def situation_of(script: Script, stage: Stage | None = None) -> str:
    """Return a script's place in the space as people read it; with what is special about one of its stages."""
    parts = []
    stages = script.stages if stage is None else (stage,)
    acts = [act.label for one in stages for act in one.acts]
    if stage is None:
        first = script.first.acts if script.first else ()
        acts = [act.label for act in (*script.hasty, *script.early, *first)] + acts
    if acts:
        parts += [*acts[:3], *(["..."] if len(acts) > 3 else [])]  # noqa: PLR2004  enough to know it by
    parts.append(script.opening.value)
    if not acts and script.opening is Opening.JOINED:
        parts.append(script.end.value)
    if stage is None and script.unread is not Unread.NOTHING:
        parts.append(script.unread.value)
    for one in stages[:1]:
        if len(one.said) and (one.segmentation is not Segmentation.ONE_WRITE or one.cuts is not None):
            parts.append("cut anywhere" if one.cuts is not None else one.segmentation.value)
        if one.spelling != PLAIN:
            parts.append(one.spelling)
        if one.asked and one.answers is not Answers.PROMPT:
            parts.append(one.answers.value)
        if one.reading is not Reading.NORMAL:
            parts.append(one.reading.value)
    return "; ".join(parts)
