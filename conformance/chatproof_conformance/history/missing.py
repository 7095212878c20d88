"""What had to arrive and did not: under which requirement that falls."""

from collections import defaultdict

from chatproof_conformance.history.arrivals import Says
from chatproof_conformance.history.effects import Effect
from chatproof_conformance.history.exchanges import shown, tell, wrongly_refused
from chatproof_conformance.history.judgement import Notebook, quoted
from chatproof_conformance.history.membership import Members
from chatproof_conformance.history.reading import Connection, Received
from chatproof_conformance.history.streams import Deliveries
from chatproof_schemas.transcript import Kind

_MISSING = {Says.JOINED: "JOIN-1", Says.PUBLIC: "PUBLIC-1", Says.PRIVATE: "PRIVATE-1", Says.LEFT: "LEAVE-1"}
_WORDING = {Says.JOINED: "JOIN-3", Says.LEFT: "LEAVE-3"}
_ORDERLY = (Kind.HALF_CLOSE, Kind.CLOSE)


def report_missing(deliveries: Deliveries, members: Members, notebook: Notebook) -> None:
    """Report each effect that lacks somewhere, once for all recipients where it is simply not there."""
    lost: dict[Effect, list[Connection]] = defaultdict(list)
    other_words = _OtherWords(members, notebook)
    # In the order of their happening: each takes the earliest arrival that fits, which those after it need least.
    for effect, recipient in sorted(deliveries.missing, key=lambda missing: missing[0].after):
        found = _arrived_elsewhere(effect, recipient, deliveries.spare, notebook)
        if not found and not other_words.find(effect, recipient):
            lost[effect].append(recipient)
    for effect, recipients in lost.items():
        _report_lost(effect, recipients, notebook)


def _report_lost(effect: Effect, recipients: list[Connection], notebook: Notebook) -> None:
    sent = effect.sent
    requirement = _MISSING[effect.says]
    if effect.says is Says.LEFT and effect.source.end is Kind.RESET:
        requirement = "LEAVE-2"
    elif effect.says is Says.PRIVATE and effect.source in recipients:
        requirement = "PRIVATE-3"
    elif sent is not None and effect.says in (Says.PUBLIC, Says.PRIVATE) and sent.answer is None and not effect.seen:
        requirement = "LEAVE-6" if effect.source.end in _ORDERLY else _unanswered(effect, requirement)
    others = f" and {len(recipients) - 1} more" if len(recipients) > 1 else ""
    expected = f"{describe(effect)} at {recipients[0].label}{others}"
    notebook.report(requirement, recipients[0].label, expected, "nothing of it", effect.after)


def _unanswered(effect: Effect, otherwise: str) -> str:
    sent = effect.sent
    if sent is None or not (sent.split or sent.shared or sent.reading.features):
        return otherwise
    found = wrongly_refused(sent)
    return "FRAME-3" if found == "PUBLIC-1" and sent.shared else found


def _arrived_elsewhere(effect: Effect, recipient: Connection, spare: list[Received], notebook: Notebook) -> bool:
    """Report what came in the wrong order or under the wrong name; it is there, and no arrival counts twice."""
    for received in spare:
        frame = received.frame
        fits = frame.says is effect.says and frame.text == effect.text and received.at > effect.after
        if received.connection is recipient and fits:
            spare.remove(received)
            received.explained = True
            effect.seen.append(received)
            same_name = effect.says in _WORDING or frame.name == effect.name
            requirement, actual = _misplaced(effect, received, same_name=same_name)
            notebook.report(requirement, recipient.label, describe(effect), actual, received.at)
            return True
    return False


def _misplaced(effect: Effect, received: Received, *, same_name: bool) -> tuple[str, str]:
    if not same_name:
        forged = effect.sent is not None and any(
            received.frame.name == value for asked in effect.sent.reading.messages for _, value in asked.forged
        )
        requirement = "PRIVATE-1" if effect.says is Says.PRIVATE else "PUBLIC-3" if forged else "PUBLIC-2"
        return requirement, tell(received)
    if effect.says in _WORDING:
        return "ORDER-2", f"{tell(received)} out of its place among the messages from {quoted(effect.name)}"
    earlier = received.connection.received[: received.number]
    notices = [other.frame for other in earlier if other.frame.name == effect.name and other.frame.says in _WORDING]
    if notices and notices[-1].says is Says.LEFT:
        return "ORDER-2", f"{tell(received)} after the notice that {quoted(effect.name)} left"
    return "ORDER-1", f"{tell(received)} out of the order in which it was sent"


class _OtherWords:
    """Finds notices in other words than those of SPEC.md: system messages that name the user, each once a name."""

    def __init__(self, members: Members, notebook: Notebook) -> None:
        self._names = members.by_name.keys()
        self._notebook = notebook
        self._used: set[tuple[Received, str]] = set()

    def find(self, effect: Effect, recipient: Connection) -> bool:
        """Return whether there is one, and report its wording (JOIN-3 and LEAVE-3 are SHOULDs)."""
        name = effect.name
        if effect.says not in _WORDING or not name:
            return False
        for received in recipient.received:
            if received.at > effect.after and received is not recipient.notice and self._names_user(received, name):
                self._used.add((received, name))
                received.doubtful = True  # it may be for another coming or going of that name
                effect.seen.append(received)
                expected = f"the notice {quoted(effect.text)}"
                self._notebook.report(_WORDING[effect.says], recipient.label, expected, tell(received), received.at)
                return True
        return False

    def _names_user(self, received: Received, name: str) -> bool:
        text = received.frame.text
        if received.frame.says is not Says.SYSTEM or name not in text or (received, name) in self._used:
            return False
        return not any(other in text for other in self._names if len(other) > len(name) and name in other)


def describe(effect: Effect) -> str:
    """Return an effect in a few words."""
    if effect.sent is not None and effect.says is not Says.JOINED:
        return f"{shown(effect.sent)} from {quoted(effect.name)}"
    return f"system {quoted(effect.text)}"
