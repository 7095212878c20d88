"""What is known to fail: no later wave has it, or everything around it would seem to fail, too."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server.client_frames import read_client_frame
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import Script, State, dropping
from chatproof_conformance.space.segmentation import Segmentation
from chatproof_conformance.wire.framing import is_blank

_SAMPLE = Room("token", "own", ("present", "other", "third"))


class KnownFailures:
    """The acts that failed alone, and the dimensions in which nothing passes."""

    def __init__(self, workshop: Workshop) -> None:
        """Know of none."""
        self._workshop = workshop
        self._labels: set[str] = set()
        self._left_out: set[str] = set()
        self._requirements: dict[str, str] = {}

    def __contains__(self, act: Act) -> bool:
        """Whether an act failed, or belongs to a requirement of which enough is shown."""
        requirement = self.requirement_of(act)
        return act.label in self._labels or bool(requirement and self._workshop.is_settled(requirement))

    def add(self, act: Act) -> None:
        """Take note of an act that failed."""
        self._labels.add(act.label)

    def leave_out(self, requirement: str) -> None:
        """Know that nothing passes in a dimension."""
        self._left_out.add(requirement)

    def requirement_of(self, act: Act) -> str:
        """Return the requirement by which an act gets an error in any state; empty if it need not get one."""
        if act.label not in self._requirements:
            frame = act.write(_SAMPLE)
            refused = not is_blank(frame + b"\n") and not (reading := read_client_frame(frame)).messages
            self._requirements[act.label] = reading.requirement if refused else ""
        return self._requirements[act.label]

    def without(self, script: Script) -> Script:
        """Return a script without the acts that fail, and plain in each dimension that does."""
        for requirement, plainer in PLAINER.items():
            if requirement in self._left_out or self._workshop.count(requirement) >= _ENOUGH:
                script = plainer(script)
        return dropping(script, self.__contains__)


def unsplit(script: Script) -> Script:
    """Return a script whose frames are not cut."""
    return script if script.segmentation in _UNCUT else replace(script, segmentation=Segmentation.ONE_WRITE)


def apart(script: Script) -> Script:
    """Return a script no two frames of which come together, however they are cut."""
    together = not script.careful and script.segmentation not in _APART
    return replace(script, separate=True) if together else script


def _after_error(script: Script) -> Script:
    states = {State.JOINED_AFTER_REFUSED_JOIN: State.JOINED_AFTER_ERROR, State.AFTER_REFUSED_JOIN: State.AFTER_ERROR}
    return replace(script, state=states.get(script.state, script.state))


_UNCUT = (Segmentation.ONE_WRITE, Segmentation.PER_FRAME)
_APART = (Segmentation.PER_FRAME, Segmentation.BYTES)
_ENOUGH = 2
"""After so many findings of a dimension, it is left out."""
PLAINER: Mapping[str, Callable[[Script], Script]] = {
    "FRAME-6": lambda script: replace(script, line_end=b"\n"),
    "JOIN-5": _after_error,
    "FRAME-2": unsplit,
    "FRAME-3": apart,
}
"""The dimensions of a script that a requirement is about, each with what takes it away."""
