"""One common order of public messages, join notices and leave notices over all recipients (ORDER-3)."""

from collections import defaultdict, deque
from collections.abc import Iterable
from itertools import combinations, pairwise

from chatproof_conformance.history.arrivals import Says
from chatproof_conformance.history.effects import Effect
from chatproof_conformance.history.exchanges import tell
from chatproof_conformance.history.judgement import Notebook
from chatproof_conformance.history.reading import Connection, Received

_Sequence = list[tuple[Received, Effect]]


def judge_order(effects: Iterable[Effect], notebook: Notebook) -> None:
    """Report each pair of recipients that got two effects of different senders in different orders."""
    sequences: dict[Connection, _Sequence] = defaultdict(list)
    for effect in effects:
        if effect.says is not Says.PRIVATE:
            for received in effect.seen:
                if not received.doubtful:
                    sequences[received.connection].append((received, effect))
    for sequence in sequences.values():
        sequence.sort(key=lambda pair: pair[0].number)
    notebook.evidence["ORDER-3"] += sum(len(sequence) > 1 for sequence in sequences.values())
    if _has_common_order(sequences.values()):
        return
    for one, other in combinations(sequences.values(), 2):
        _compare(one, other, notebook)


def _has_common_order(sequences: Iterable[_Sequence]) -> bool:
    """Whether some order of all effects agrees with every recipient's."""
    followers: dict[Effect, list[Effect]] = defaultdict(list)
    before: dict[Effect, int] = defaultdict(int)
    for sequence in sequences:
        for (_, first), (_, second) in pairwise(sequence):
            followers[first].append(second)
            before[second] += 1
    ready = deque(effect for effect in followers if not before.get(effect))
    while ready:
        for follower in followers.get(ready.popleft(), ()):
            before[follower] -= 1
            if not before[follower]:
                ready.append(follower)
    return not any(before.values())


def _compare(one: _Sequence, other: _Sequence, notebook: Notebook) -> None:
    places = {effect: place for place, (_, effect) in enumerate(one)}
    last = -1
    for received, effect in other:
        place = places.get(effect, -1)
        if 0 <= place < last and one[last][1].source is not effect.source:
            label = received.connection.label
            expected = (
                f"the same order as at {one[0][0].connection.label}: {tell(received)} before {tell(one[last][0])}"
            )
            notebook.report("ORDER-3", label, expected, "the other way round", received.at)
            return
        last = max(last, place)
