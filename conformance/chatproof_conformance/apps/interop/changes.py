"""What changed between two runs of `interop`, such as that of the main branch and that of a pull request."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatproof_conformance.apps.interop.outcome import Status
from chatproof_conformance.apps.interop.shape import ChatJson, InteropReport

_ORDER = [status.value for status in Status]
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Change:
    """A chat that is not what it was.

    Attributes:
        server: its server.
        clients: its clients, as one word.
        before: its status in the earlier run; empty if that had no such chat.
        now: its status; empty if there is none any more.
        why: who breaks what now and did not before, and the other way round.
    """

    server: str
    clients: str
    before: str
    now: str
    why: str

    @property
    def is_worse(self) -> bool:
        """Whether something got worse."""
        if not (self.before and self.now):
            return False
        return _ORDER.index(self.now) < _ORDER.index(self.before) or "now broken" in self.why


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed.

    Attributes:
        since: when the earlier run was.
        chats: those that changed, what got worse first.
        same: how many chats are the same.
    """

    since: str
    chats: tuple[Change, ...]
    same: int

    @property
    def headline(self) -> str:
        """What changed, as a sentence."""
        worse = sum(change.is_worse for change in self.chats)
        new = sum(not change.before for change in self.chats)
        gone = sum(not change.now for change in self.chats)
        better = len(self.chats) - worse - new - gone
        parts = {"worse": worse, "better or otherwise changed": better, "new": new, "gone": gone}
        words = [f"{count} {what}" for what, count in parts.items() if count]
        return f"{', '.join(words)}; {self.same} as before." if words else f"Nothing: {self.same} chats are as before."


def find_changes(before: InteropReport, now: InteropReport) -> Changes:
    """Return what is different in the later run."""
    old, new = _by_key(before), _by_key(now)
    chats = [_change(key, old.get(key), new.get(key)) for key in dict.fromkeys([*new, *old])]
    changed = [one for one in chats if one is not None]
    changed.sort(key=lambda one: (not one.is_worse, bool(one.now), one.server, one.clients))
    return Changes(before["started"], tuple(changed), len(chats) - len(changed))


def name_of(chat: ChatJson) -> str:
    """Return the clients of a chat as one word."""
    return "all together" if chat["together"] else chat["clients"][0]


def _by_key(report: InteropReport) -> Mapping[tuple[str, str], ChatJson]:
    return {(chat["server"], name_of(chat)): chat for chat in report["chats"]}


def _change(key: tuple[str, str], before: ChatJson | None, now: ChatJson | None) -> Change | None:
    was, is_now = (chat["status"] if chat else "" for chat in (before, now))
    old, new = _broken(before), _broken(now)
    if was == is_now and old == new:
        return None
    parts = []
    if before and now:
        parts += [f"now broken: {', '.join(sorted(new - old))}"] if new - old else []
        parts += [f"no longer: {', '.join(sorted(old - new))}"] if old - new else []
    elif now and new:
        parts += [f"broken: {', '.join(sorted(new))}"]
    return Change(*key, was, is_now, "; ".join(parts))


def _broken(chat: ChatJson | None) -> set[str]:
    return {f"{one['requirement']} by {one['role']} {one['label']}" for one in chat["breaches"]} if chat else set()
