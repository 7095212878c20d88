"""When a node is taken for dead: by its beats, as this node has seen them, and by no clock but this node's own."""

from collections.abc import Mapping
from dataclasses import dataclass

_BEATS = 5


@dataclass(slots=True)
class _Seen:
    beats: bytes
    since: float
    looks: int = 0


class Lease:
    """What this node has seen of the others' beats, each time that its own succeeded."""

    def __init__(self, seconds: float) -> None:
        """Take a node for dead whose beats have not changed for so long."""
        self._seconds = seconds
        self._seen: dict[bytes, _Seen] = {}

    def look(self, beats: Mapping[bytes, bytes], now: float) -> list[tuple[bytes, bytes]]:
        """Note the beats of all nodes; return those taken for dead, each with its beats."""
        dead = []
        for node, count in beats.items():
            seen = self._seen.get(node)
            if seen is None or seen.beats != count:
                self._seen[node] = _Seen(count, now)
            else:
                seen.looks += 1
                if seen.looks >= _BEATS and now - seen.since >= self._seconds:
                    dead.append((node, count))
        for node in self._seen.keys() - beats.keys():
            del self._seen[node]
        return dead

    def forget(self) -> None:
        """Count anew: this node was away itself, and knows nothing of the others meanwhile."""
        self._seen.clear()
