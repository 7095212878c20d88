"""What fails only among other things: which dimension of its script, taken away, lets it pass."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record
from chatproof_conformance.engine.exploration.failing import PLAINER
from chatproof_conformance.engine.exploration.suspects import Suspect, situation_of
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import End, Script, State
from chatproof_schemas import CLIENT_FRAME_BYTES

_NEIGHBOURS = (1, 4)
_PARTS = 4
_NEARLY = CLIENT_FRAME_BYTES - 2
_SAMPLE = Room("token", "own", ("present", "other", "third"))
_MOST_ROUNDS = 4
_PLAIN = Act(
    "message",
    "content",
    "plain",
    lambda room: f'{{"type":"message","content":"{room.word()}\u00e9\u4e2d\U0001f642\\n\\u00e9"}}'.encode(),
)
"""A frame that nothing is special about; it can be cut wherever others can."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script shows, sent again: the first thing that is wrong with it, and the recording."""

    finding: Finding
    record: Record


class Asker(Protocol):
    """Who sends scripts again, and reports what they show."""

    async def ask_each(self, scripts: Sequence[Script]) -> list[Answer | None]:
        """Play scripts side by side; return of each what is wrong with it, None if nothing is."""

    async def ask_all(self, scripts: Sequence[Script], requirement: str = "") -> Answer | None:
        """Play scripts side by side; return what is wrong, first of all of a requirement if one is given, or None."""

    async def is_explained(self, answer: Answer, script: Script) -> bool:
        """Whether what a script shows has its cause in something plainer, which is reported then."""

    def report(self, answer: Answer, situation: str, requirement: str = "") -> None:
        """Report it, as a matter of another requirement if one is given."""

    def report_together(self, answer: Answer, count: int) -> None:
        """Report what several clients show only at once."""

    def report_as_seen(self, suspect: Suspect, instance: Instance, record: Record) -> None:
        """Report what is not seen again."""

    def requirement_of(self, act: Act) -> str:
        """Return the requirement by which an act gets an error in any state; empty if it need not get one."""


async def narrow_in_context(
    asker: Asker, instance: Instance, record: Record, suspect: Suspect, *, explained: bool
) -> None:
    """Find the shortest script around a suspect that fails, and the dimension that matters; report it.

    What is not seen again is reported with how often it was, if the wave was fenced, so that nothing was merely late,
    and if nothing that is ``explained`` was taken out of the wave since.
    """
    together = _alike(record, suspect) if suspect.finding.requirement == "JOIN-7" else []
    found = None if together else await _smallest(asker, list(_scripts(suspect)))
    if found is not None:
        script, answer = await _shorter(asker, *found)
        script, answer, requirement = await _plainest(asker, script, answer)
        if not await asker.is_explained(answer, script):
            asker.report(answer, situation_of(script), requirement)
        return
    scripts = together or [cast.script for cast in record.casts.values()]
    whole = await asker.ask_all(scripts, suspect.finding.requirement) if scripts else None
    if whole is not None and whole.finding.requirement == suspect.finding.requirement:
        asker.report_together(whole, len(scripts))
    elif record.fenced and not explained:
        asker.report_as_seen(suspect, instance, record)


def _alike(record: Record, suspect: Suspect) -> list[Script]:
    """Return the scripts of a wave whose names are like that of a suspect, it among them; none if only its own is."""
    own = _group(suspect.cast.script) if suspect.cast is not None else ""
    alike = [cast.script for cast in record.casts.values() if own and _group(cast.script) == own]
    return alike if len(alike) > 1 else []


def _group(script: Script) -> str:
    return script.join.label.rpartition(".")[0] if script.join is not None else ""


def _scripts(suspect: Suspect) -> Iterator[Script]:
    """Yield the suspect's script with ever more of the acts around the suspect, and then the whole of it."""
    if suspect.cast is None:
        return
    script, act = suspect.cast.script, suspect.act
    if act is not None and act in script.acts:
        place = script.acts.index(act)
        for number in _NEIGHBOURS:
            near = script.acts[max(0, place - number) : place + number + 1]
            if len(near) < len(script.acts):
                yield replace(script, acts=near)
    yield script


async def _smallest(asker: Asker, scripts: Sequence[Script]) -> tuple[Script, Answer] | None:
    answers = await asker.ask_each(scripts) if scripts else []
    return next(((script, answer) for script, answer in zip(scripts, answers, strict=True) if answer), None)


async def _shorter(asker: Asker, script: Script, answer: Answer) -> tuple[Script, Answer]:
    """Go on with a part of the acts of a failing script, as long as one fails."""
    for _ in range(_MOST_ROUNDS):
        size = -(-len(script.acts) // _PARTS)
        if len(script.acts) <= 1:
            break
        parts = [replace(script, acts=script.acts[at : at + size]) for at in range(0, len(script.acts), size)]
        found = await _smallest(asker, parts)
        if found is None:
            break
        script, answer = found
    return script, answer


async def _plainest(asker: Asker, script: Script, answer: Answer) -> tuple[Script, Answer, str]:
    """Take away each dimension without which a script fails still; return what is left, what it shows, and by what.

    The last, a requirement, is empty if no dimension matters, or all do only now and then: then the judge knows best.
    """
    others = {what: plainer(script) for what, plainer in _PLAINER.items()}
    answers = dict(zip(others, await asker.ask_each(list(others.values())), strict=True))
    matters = [what for what, other in others.items() if other != script and answers[what] is None]
    plain = script
    for what, plainer in _PLAINER.items():
        plain = plainer(plain) if answers[what] is not None else plain
    if plain != script and (found := (await asker.ask_each([plain]))[0]) is not None:
        script, answer = plain, found
    what, requirement = _cause(asker, script, answer.finding, matters)
    if requirement and not await _is_certain(asker, script, _PLAINER[what](script)):
        requirement = ""
    return script, answer, requirement


def _cause(asker: Asker, script: Script, finding: Finding, matters: Sequence[str]) -> tuple[str, str]:
    """Return which of the dimensions that matter explains a finding, and as a matter of which requirement.

    A frame that must be refused explains more than the pieces in which it came, and so does one as long as may be; but
    neither explains a change of another's content.
    """
    if is_own_cause(finding.requirement):
        return "", ""
    refused = [requirement for act in script.acts if (requirement := asker.requirement_of(act))]
    if _ACT in matters and refused and finding.requirement != _ALTERED:
        return _ACT, refused[0]
    if _ACT in matters and finding.requirement != _ALTERED and all(map(_is_longest, script.acts)):
        return _ACT, "FRAME-4"
    by_pieces = not finding.requirement.startswith("LEAVE")
    return next(
        ((what, what) for what in _BY_WEIGHT if what in matters and (by_pieces or what not in PIECES)), ("", "")
    )


def _is_longest(act: Act) -> bool:
    """Whether a frame is nearly as long as one may be."""
    return _NEARLY <= len(act.write(_SAMPLE)) <= CLIENT_FRAME_BYTES


async def _is_certain(asker: Asker, script: Script, plain: Script) -> bool:
    """Whether a script fails again, and passes again without what seems to matter."""
    found, without = await asker.ask_each([script, plain])
    return found is not None and without is None


def is_own_cause(requirement: str) -> bool:
    """Whether a requirement is broken by itself, whatever frames or pieces of frames it showed with."""
    return requirement.split("-", maxsplit=1)[0] in _OWN_SECTIONS or requirement in _OWN_CAUSES


def _plain_acts(script: Script) -> Script:
    return replace(script, acts=(_PLAIN,) * len(script.acts))


def _from_the_start(script: Script) -> Script:
    states = {State.JOINED_AFTER_ERROR: State.JOINED, State.AFTER_ERROR: State.NOT_JOINED}
    return replace(script, state=states.get(script.state, script.state))


_ACT = "the act"
_ALTERED = "PUBLIC-2"
PIECES = ("FRAME-2", "FRAME-3", "FRAME-6")
_BY_WEIGHT = ("FRAME-2", "FRAME-6", "FRAME-3", "JOIN-5")
"""What explains most comes first: a frame more in front of the others moves all cuts."""
_OWN_SECTIONS = ("ORDER", "LOAD", "TIME")
_OWN_CAUSES = (
    "ERROR-12",
    "FRAME-1",
    "FRAME-7",
    "FRAME-8",
    "JOIN-2",
    "JOIN-3",
    "JOIN-5",
    "JOIN-6",
    "JOIN-11",
    "JOIN-13",
    "PRIVATE-2",
)
_PLAINER: Mapping[str, Callable[[Script], Script]] = {
    "the end": lambda script: replace(script, end=End.FIN),
    **PLAINER,
    "the error before": _from_the_start,
    _ACT: _plain_acts,
}
"""The dimensions of a script, by what breaks if it alone makes the difference, each with what takes it away."""
