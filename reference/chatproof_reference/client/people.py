"""Who is known to be in the chat. The protocol has no list of users, so it is learned from what passes by."""

from chatproof_reference.client import events
from chatproof_reference.client.lookalikes import doubt_about, skeleton
from chatproof_schemas.limits import USERNAME_CODE_POINTS

_JOINED = " joined the chat"
_LEFT = " left the chat"
MOST = 10_000
"""More names are not kept: a server may make up as many as it likes."""


class People:
    """The names known to be present, as far as notices (JOIN-3, LEAVE-3) and messages show; at most :data:`MOST`."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._alike: dict[str, set[str]] = {}  # by how they look

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)

    def names(self) -> list[str]:
        """Return the names in the order of the alphabet."""
        return sorted(self._names, key=lambda name: (name.casefold(), name))

    def learn(self, event: events.Event) -> bool:
        """Take note of who an event shows to be here or gone; return whether that changed anything."""
        match event:
            case events.Connected() | events.ConnectionEnded():
                return self._forget_all()
            case events.Joined(name) | events.PublicMessage(name) | events.PrivateMessage(name):
                return self._add(name)
            case events.PrivateConfirmation(target, _, delivered):
                return self._add(target) if delivered else self._forget(target)
            case events.SystemMessage(message) if message.endswith(_JOINED):
                return self._add(message.removesuffix(_JOINED))
            case events.SystemMessage(message) if message.endswith(_LEFT):
                return self._forget(message.removesuffix(_LEFT))
        return False

    def doubt(self, event: events.Event) -> str:
        """Return why the name in an event may not be whose it seems; empty if there is no doubt, or no name."""
        match event:
            case events.PublicMessage(name, own=False) | events.PrivateMessage(name) | events.PrivateConfirmation(name):
                return self.doubt_about(name)
            case events.SystemMessage(message) if message.endswith((_JOINED, _LEFT)):
                return self.doubt_about(message.removesuffix(_JOINED).removesuffix(_LEFT))
        return ""

    def doubt_about(self, name: str) -> str:
        """Return why a name may not be whose it seems, as :func:`doubt_about` does, among those who are here."""
        if len(name) > USERNAME_CODE_POINTS:  # it is nobody's
            return ""
        return doubt_about(name, sorted(self._alike.get(skeleton(name), ())))

    def completions(self, beginning: str) -> list[str]:
        """Return the names that begin so, whatever the case of the letters."""
        return [name for name in self.names() if name.casefold().startswith(beginning.casefold())]

    def _add(self, name: str) -> bool:
        if name in self._names or len(self._names) >= MOST or len(name) > USERNAME_CODE_POINTS:
            return False
        look = self._names[name] = skeleton(name)
        self._alike.setdefault(look, set()).add(name)
        return True

    def _forget(self, name: str) -> bool:
        look = self._names.pop(name, None)
        if look is None:
            return False
        self._alike[look].discard(name)
        if not self._alike[look]:
            del self._alike[look]
        return True

    def _forget_all(self) -> bool:
        anybody = bool(self._names)
        self._names.clear()
        self._alike.clear()
        return anybody
