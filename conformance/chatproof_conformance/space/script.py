"""A script: what one connection does in a wave, as data; and the lines that it becomes for given people."""

import enum
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.segmentation import Segmentation
from chatproof_schemas import CLIENT_FRAME_BYTES


class State(str, enum.Enum):
    """In which state of its connection (SPEC.md, section 5) a script sends its acts."""

    JOINED = "joined"
    NOT_JOINED = "not joined"
    AFTER_REFUSED_JOIN = "after a refused join"
    AFTER_ERROR = "after an error"
    JOINED_AFTER_ERROR = "joined after an error"
    JOINED_AFTER_REFUSED_JOIN = "joined after a refused join"


class End(str, enum.Enum):
    """How a script's connection ends."""

    FIN = "an orderly end"
    FIN_BEHIND = "an orderly end right behind the last frame"
    RESET = "a reset"
    HALF_FRAME = "an orderly end in the middle of a frame"


class Part(str, enum.Enum):
    """What a line is in its script."""

    PRELUDE = "prelude"
    JOIN = "join"
    ACT = "act"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Script:
    """What one connection does.

    Attributes:
        state: the state in which the acts are sent.
        acts: the acts, in order.
        join: the act by which it joins; None: a plain join under the script's own name.
        segmentation: how its stream is cut.
        line_end: what ends each line: LF, or JSON white space and LF.
        end: how the connection ends after all is fenced; ``FIN_BEHIND`` ends it before.
        careful: whether each line waits for the answer to the last, and is sent whole.
        separate: whether no two lines share a segment, however each is cut.
        times: how often each act is sent in a row.
    """

    state: State = State.JOINED
    acts: tuple[Act, ...] = ()
    join: Act | None = None
    segmentation: Segmentation = Segmentation.ONE_WRITE
    line_end: bytes = b"\n"
    end: End = End.FIN
    careful: bool = False
    separate: bool = False
    times: int = 1

    @property
    def joins(self) -> bool:
        """Whether its acts are sent on a joined connection."""
        return self.state in (State.JOINED, State.JOINED_AFTER_ERROR, State.JOINED_AFTER_REFUSED_JOIN)

    def alone(self, act: Act | None) -> "Script":
        """Return the shortest script with one act in this state, one frame after the other, plainly written."""
        acts = () if act is None else (act,)
        return replace(self, acts=acts, segmentation=Segmentation.PER_FRAME, line_end=b"\n", end=End.FIN, careful=True)


def dropping(script: Script, unwanted: Callable[[Act], bool]) -> Script:
    """Return a script without some of its acts."""
    return replace(script, acts=tuple(act for act in script.acts if not unwanted(act)))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a script.

    Attributes:
        data: its bytes, with what ends it.
        part: what it is.
        act: the act, if it is one.
    """

    data: bytes
    part: Part
    act: Act | None = None


def message(**members: str) -> bytes:
    """Return the frame of a message in the plainest spelling."""
    return json.dumps(members).encode()


def write_lines(script: Script, room: Room, marker: Callable[[], str]) -> list[Line]:
    """Return a script's lines; ``marker`` returns a new marker's content at each call."""
    end = script.line_end
    lines: list[Line] = []

    def add(frame: bytes, part: Part, act: Act | None = None) -> None:
        lines.append(Line(_ended(frame, end), part, act))

    def mark() -> None:
        add(message(type="message", content=marker()), Part.MARKER)

    def join() -> None:
        frame = script.join.write(room) if script.join else message(type="join", username=room.own)
        room.own = _username(frame) or room.own
        add(frame, Part.JOIN, script.join)

    for frame in _prelude(script.state, room):
        add(frame, Part.PRELUDE)
    if script.joins:
        join()
        mark()
    for act in script.acts:
        for _ in range(script.times):
            add(act.write(room), Part.ACT, act)
        if script.joins:
            mark()
    if not script.joins:
        join()
        mark()
    return lines


def _ended(frame: bytes, end: bytes) -> bytes:
    """Return a frame with what ends it: LF alone if white space would make it too long: then much is free."""
    fits = len(frame) + len(end) - 1 <= CLIENT_FRAME_BYTES
    return frame + (end if fits or len(frame) > CLIENT_FRAME_BYTES else b"\n")


def _prelude(state: State, room: Room) -> Sequence[bytes]:
    if state in (State.AFTER_REFUSED_JOIN, State.JOINED_AFTER_REFUSED_JOIN):
        return [message(type="join", username=room.present[0])]
    if state in (State.AFTER_ERROR, State.JOINED_AFTER_ERROR):
        return [message(type="message")]
    return []


def _username(frame: bytes) -> str | None:
    """Return the name of a join, None if it cannot be read."""
    try:
        name = json.loads(frame)["username"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return name if isinstance(name, str) else None
