"""At which address each connection is, if a server has several: any two kinds of client meet at one and across."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatproof_conformance.core.addresses import Address

if TYPE_CHECKING:
    from chatproof_conformance.endpoints.waves.connection import WaveConnection

_NUMBERED = re.compile(r"\S*[0-9]\S*")


class Placement:
    """Places connections, the same ones at the same nodes for each seed.

    Attributes:
        addresses: of the server's nodes; a node's number is its place here, from 1.
    """

    def __init__(self, addresses: Sequence[Address], seed: int = 0) -> None:
        """Place nobody yet."""
        self.addresses = tuple(addresses)
        self._random = random.Random(seed)  # noqa: S311  repeatable, no secret
        self._there: list[tuple[str, int, WaveConnection]] = []
        self._met: set[tuple[frozenset[str], bool]] = set()

    @property
    def is_spread(self) -> bool:
        """Whether there is more than one address."""
        return len(self.addresses) > 1

    def choose(self, label: str) -> int:
        """Return the node for a new connection: where it meets most kinds of others as none of its kind has yet.

        Whoever is there counts as at the same node or at another one. Of nodes that are alike, the emptiest is taken.
        """
        if not self.is_spread:
            return 1
        self._there = [one for one in self._there if not one[2].is_over]
        kind, crowd = _kind(label), Counter(node for _, node, _ in self._there)
        nodes = range(1, len(self.addresses) + 1)
        ranked = [(-len(self._new(kind, node)), crowd[node], self._random.random(), node) for node in nodes]
        return min(ranked)[-1]

    def put(self, one: "WaveConnection", label: str, node: int) -> None:
        """Know that a connection is at a node, and with whom it meets there."""
        if self.is_spread:
            self._met |= self._new(_kind(label), node)
            self._there.append((_kind(label), node, one))

    def _new(self, kind: str, node: int) -> set[tuple[frozenset[str], bool]]:
        """Return which meetings a connection of a kind would be the first to have at a node: kinds, whether at one."""
        return {(frozenset((kind, other)), node == its) for other, its, _ in self._there} - self._met


def _kind(label: str) -> str:
    """Return what connections have in common whose labels differ by names and numbers only."""
    return _NUMBERED.sub("", label).strip()
