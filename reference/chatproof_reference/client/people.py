"""Who is known to be in the chat. The protocol has no list of users, so it is learned from what passes by."""

from chatproof_reference.client import events

_JOINED = " joined the chat"
_LEFT = " left the chat"


class People:
    """The names known to be present, as far as notices (JOIN-3, LEAVE-3) and messages show."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def names(self) -> list[str]:
        """Return the names, as a dictionary would sort them."""
        return sorted(self._names, key=lambda name: (name.casefold(), name))

    def learn(self, event: events.Event) -> bool:
        """Take note of who an event shows to be here or gone; return whether that changed anything."""
        before = set(self._names)
        match event:
            case events.Connected() | events.ConnectionEnded():
                self._names.clear()
            case events.Joined(name) | events.PublicMessage(name) | events.PrivateMessage(name):
                self._names.add(name)
            case events.PrivateConfirmation(target, _, delivered):
                (self._names.add if delivered else self._names.discard)(target)
            case events.SystemMessage(message) if message.endswith(_JOINED):
                self._names.add(message.removesuffix(_JOINED))
            case events.SystemMessage(message) if message.endswith(_LEFT):
                self._names.discard(message.removesuffix(_LEFT))
        return before != self._names

    def completions(self, beginning: str) -> list[str]:
        """Return the names that begin so, whatever the case of the letters."""
        return [name for name in self.names() if name.casefold().startswith(beginning.casefold())]
