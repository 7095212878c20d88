"""Words, signs and colours that every form of the report of `interop` uses for the same things."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatproof_conformance.apps.interop.changes import name_of
from chatproof_conformance.apps.interop.outcome import Status
from chatproof_conformance.apps.interop.shape import BreachJson, ChatJson, InteropReport

_MOST_NAMED = 6
TOGETHER = "all together"
SIGNS = {
    Status.WORKS: "✓",
    Status.PARTLY: "~",
    Status.WARNING: "!",
    Status.BROKEN: "✗",
    Status.UNSUPPORTED: "⊘",
    Status.UNKNOWN: "?",
    Status.GONE: "-",
}
TONES = {
    Status.WORKS: "good",
    Status.PARTLY: "partly",
    Status.WARNING: "warn",
    Status.BROKEN: "bad",
    Status.UNSUPPORTED: "unsupported",
    Status.UNKNOWN: "unknown",
    Status.GONE: "none",
}
"""The colour of each in pages: a class of style.css."""
MEANINGS = {
    Status.WORKS: "all was seen that was to be seen, and nothing is broken",
    Status.PARTLY: "works, but a client does not declare all that a client can do",
    Status.WARNING: "all was seen, and only a SHOULD is broken",
    Status.BROKEN: "a MUST is broken, by the one that is named",
    Status.UNSUPPORTED: "a client declares what its driver then says it cannot do",
    Status.UNKNOWN: "nothing is seen to be broken, but not all was seen that was to be",
    Status.GONE: "a program could not be started, or could not be judged",
}


@dataclass(frozen=True, slots=True)
class Blame:
    """A requirement that somebody breaks, in one chat or in several.

    Attributes:
        breach: as the first of these chats shows it.
        chats: all of them.
    """

    breach: BreachJson
    chats: Sequence[ChatJson]

    @property
    def anchor(self) -> str:
        """What a page calls it."""
        one = self.breach
        words = f"{one['role']}-{one['label']}-{one['requirement']}"
        return "".join(char if char.isalnum() else "-" for char in words)

    @property
    def where(self) -> str:
        """With whom it shows."""
        of_server = self.breach["role"] == "server"
        return ", ".join(name_of(chat) if of_server else together_at(chat) for chat in self.chats)


def together_at(chat: ChatJson) -> str:
    """Return the server of a chat, and whether several clients were there."""
    return f"{chat['server']} (with others)" if chat["together"] else chat["server"]


def blames(report: InteropReport) -> list[Blame]:
    """Return who breaks what: MUSTs first, what shows in most chats first."""
    found: dict[tuple[str, str, str], list[tuple[BreachJson, ChatJson]]] = {}
    for chat in report["chats"]:
        for one in chat["breaches"]:
            found.setdefault((one["role"], one["label"], one["requirement"]), []).append((one, chat))
    every = [Blame(_with_traffic([one for one, _ in shown]), [chat for _, chat in shown]) for shown in found.values()]
    return sorted(every, key=lambda blame: (blame.breach["level"] != "MUST", -len(blame.chats)))


def status_of(chat: ChatJson) -> Status:
    """Return what is said of a chat."""
    return Status(chat["status"])


def culprits(chat: ChatJson) -> Iterator[str]:
    """Yield who breaks what in a chat, in a few words each: ``server PUBLIC-2``, ``perl CLIENT-8``."""
    for one in chat["breaches"]:
        who = one["label"] if chat["together"] and one["role"] == "client" else one["role"]
        yield f"{who} {one['requirement']}"


def cell_words(chat: ChatJson | None) -> list[str]:
    """Return what stands in a cell of the matrix: a sign and a word, then who is to blame."""
    if chat is None:
        return ["", "not tried"]
    status = status_of(chat)
    head = f"{SIGNS[status]} {status.value}"
    if chat["gone"]:
        return [head, chat["gone"]["label"]]
    if chat["breaches"]:
        shown = list(culprits(chat))
        return [head, *shown[:2], *([f"and {len(shown) - 2} more"] if len(shown) > 2 else [])]  # noqa: PLR2004  a cell is small
    if chat["unsupported"]:
        return [head, *(f"{one['client']}: {one['request']}" for one in chat["unsupported"])]
    if status is Status.PARTLY:
        return [head, *(f"{label}: no {', '.join(names)}" for label, names in chat["undeclared"].items())]
    return [head, counted_seen(chat)]


def counted_seen(chat: ChatJson) -> str:
    """Return how much was seen of what was to be seen."""
    seen, wanted = (sum(one[name] for one in chat["seen"]) for name in ("seen", "wanted"))
    return f"{seen} of {wanted} seen" if wanted else "nothing seen"


def reasons(chat: ChatJson) -> Iterator[str]:
    """Yield, as sentences, why a chat is not green, beside what somebody broke."""
    if chat["gone"]:
        yield f"{chat['gone']['role']} {chat['gone']['label']}: {chat['gone']['reason']}"
    for one in chat["unsupported"]:
        yield f"client {one['client']} declares {one['request']}, and its driver says: {one['reason'] or 'unsupported'}"
    for label, names in chat["undeclared"].items():
        yield f"client {label} does not declare {', '.join(names)}"
    for part in chat["seen"]:
        if part["seen"] < part["wanted"] and not chat["breaches"]:
            yield f"{part['meaning']}: {part['seen']} of {part['wanted']} seen; not seen: {part['lacking']}"


def grouped_reasons(report: InteropReport) -> dict[str, str]:
    """Return each reason for which chats are not green, with the chats that have it, as words."""
    found: dict[str, list[ChatJson]] = {}
    for chat in report["chats"]:
        for reason in reasons(chat):
            found.setdefault(reason, []).append(chat)
    return {reason: _named(chats) for reason, chats in found.items()}


def _named(chats: Sequence[ChatJson]) -> str:
    """Return the names of chats, briefly if there are many."""
    names = [f"{name_of(chat)} at {chat['server']}" for chat in chats]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def rows_of(report: InteropReport) -> dict[str, list[ChatJson | None]]:
    """Return the rows of the matrix by their names, each with a cell for each server."""
    by_key = {(chat["server"], name_of(chat)): chat for chat in report["chats"]}
    names = [party["label"] for party in report["clients"]]
    names += [TOGETHER] if len(names) > 1 else []
    return {name: [by_key.get((server["label"], name)) for server in report["servers"]] for name in names}


def _with_traffic(found: Sequence[BreachJson]) -> BreachJson:
    return next((one for one in found if one["finding"]["traffic"]), found[0])
