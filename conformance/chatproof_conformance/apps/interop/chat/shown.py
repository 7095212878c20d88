"""Whether something has been shown to a client's user by now: what the parts of a conversation wait for."""

from collections.abc import Callable

from chatproof_conformance.apps.interop.chat.participant import Participant
from chatproof_conformance.apps.interop.chat.visit import Visit
from chatproof_conformance.judges.client.texts import is_contained, is_shown

Check = Callable[[], bool]


def message_shown(visit: Visit, kind: str, **texts: str) -> Check:
    """Return what says whether a message of a kind is shown with these texts."""

    def check() -> bool:
        return any(
            event.get("event") == "shown"
            and event.get("kind") == kind
            and all(is_shown(text, event.get(name)) for name, text in texts.items())
            for event in visit.told
        )

    return check


def notice_shown(visit: Visit, username: str) -> Check:
    """Return what says whether a notice that names a user is shown from now on."""
    since = len(visit.told)

    def check() -> bool:
        return any(
            event.get("event") == "shown"
            and event.get("kind") == "system"
            and is_contained(username, event.get("message"))
            for event in visit.told[since:]
        )

    return check


def failure_told(visit: Visit, content: str) -> Check:
    """Return what says whether a private message is told as failed."""

    def check() -> bool:
        return any(
            event.get("event") == "failed" and is_shown(content, event.get("content", content))
            for event in visit.told[since:]
        )

    since = len(visit.told)
    return check


def told(who: Participant, *names: str) -> Check:
    """Return what says whether a driver reports one of these events from now on, on this connection."""
    visit, since = who.visit, len(who.visit.told)
    return lambda: any(event.get("event") in names for event in visit.told[since:])


def or_unsupported(who: Participant, do: str, check: Check) -> Check:
    """Return what says whether it is so, or the driver has said that it cannot do what was asked of it."""
    return lambda: check() or unsupported(who, do) is not None


def unsupported(who: Participant, do: str) -> str | None:
    """Return the reason for which a driver has said that it cannot do a request; None if it has not."""
    for visit in who.visits:
        for event in visit.told:
            if event.get("event") == "unsupported" and event.get("do") == do:
                return str(event.get("reason"))
    return None
