"""How much a recording proves: what was checked, by requirement, and how often silence was proven."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from chatproof_conformance.history.arrivals import Says
from chatproof_conformance.history.effects import Effect
from chatproof_conformance.history.frames import Verb
from chatproof_conformance.history.judgement import Notebook
from chatproof_conformance.history.membership import Members
from chatproof_conformance.history.reading import Connection, Sent

_SEEN = {Says.JOINED: "JOIN-1", Says.PUBLIC: "PUBLIC-1", Says.PRIVATE: "PRIVATE-1", Says.LEFT: "LEAVE-1"}
_FORM = {"FRAME-2": "split", "FRAME-3": "shared"}


def count_evidence(
    connections: list[Connection], members: Members, effects: Iterable[Effect], notebook: Notebook, *, settled: bool
) -> None:
    """Count the checks that could have failed."""
    for effect in effects:
        _count_effect(effect, notebook)
    for connection in connections:
        for sent in connection.sent:
            if sent.answer is not None:
                _count_form(sent, notebook)
    for connection in connections:
        _count_silences(connection, connections, members, notebook, settled=settled)


def _count_effect(effect: Effect, notebook: Notebook) -> None:
    seen = len(effect.seen)
    requirement = "LEAVE-2" if effect.says is Says.LEFT and effect.source.end == "reset" else _SEEN[effect.says]
    counted = [requirement]
    if effect.says is Says.PUBLIC:
        counted += ["PUBLIC-2", "ORDER-1", "ORDER-2"]
        counted += ["PUBLIC-3"] if effect.sent and "PUBLIC-3" in effect.sent.reading.features else []
        counted += ["LEAVE-6"] if effect.sent and effect.sent.answer is None and effect.source.end else []
    elif effect.says is Says.PRIVATE:
        counted += ["PRIVATE-2", "ORDER-1"]
        counted += ["PRIVATE-3"] if effect.targets and effect.source in effect.targets else []
    elif effect.says is Says.LEFT:
        counted += ["LEAVE-3", "ORDER-2"]
    for name in counted:
        notebook.evidence[name] += seen


def _count_form(sent: Sent, notebook: Notebook) -> None:
    for requirement, form in _FORM.items():
        notebook.evidence[requirement] += bool(getattr(sent, form))
    for requirement in sent.reading.features:
        if requirement.startswith("FRAME"):
            notebook.evidence[requirement] += 1


def _count_silences(
    connection: Connection, connections: list[Connection], members: Members, notebook: Notebook, *, settled: bool
) -> None:
    """Count the frames of others that had to cause nothing here, as far as what came later proves that they did."""
    last: dict[Connection, int] = defaultdict(int)
    joined = members.of.get(connection)
    for received in connection.received:
        if received.cause is not None:
            last[received.cause.connection] = received.cause.at
    for other in connections:
        if other is connection:
            continue
        silent = [sent.at for sent in other.sent if _is_silent_at(sent, connection, joined=joined is not None)]
        proven = len(silent) if settled and connection.open else bisect_left(silent, last[other])
        notebook.silences += proven
        notebook.evidence["ERROR-11"] += proven


def _is_silent_at(sent: Sent, connection: Connection, *, joined: bool) -> bool:
    if sent.optional:
        return False
    if not joined or sent.asked is None:
        return True
    return sent.asked.verb is Verb.PRIVATE and sent.asked.name != connection.name
