"""Who holds which name in the whole chat, as of what this node has applied."""

from collections.abc import Iterable


class Directory:
    """The names. It changes only while something is applied, under the lock of the fan-out."""

    def __init__(self) -> None:
        self.names: dict[str, bytes] = {}
        """Each with its holder: the incarnation of a node, a colon, and the number of the connection there."""

    def reset(self, names_and_holders: Iterable[bytes]) -> None:
        """Begin anew with these names, each followed by its holder."""
        self.names.clear()
        each = iter(names_and_holders)
        self.names.update((name.decode(), holder) for name, holder in zip(each, each, strict=True))

    def bury(self, node: bytes) -> list[str]:
        """Free all names that are held at a node; return them, sorted."""
        held = sorted(name for name, holder in self.names.items() if holder.partition(b":")[0] == node)
        for name in held:
            del self.names[name]
        return held
