"""When a client's frame may be refused, with which codes, and which requirement a wrong refusal breaks."""

from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.history import SentFrame

_TAKEN = {Verb.JOIN: "JOIN-1", Verb.PUBLIC: "PUBLIC-1", Verb.PRIVATE: "PRIVATE-1"}
_OF_NAMES = ("username_invalid", "username_taken")
_JOINED_CODES = frozenset({"already_joined", "username_taken"})
_FREE_CODES = frozenset({"username_taken", "server_full"})


def may_be_refused(sent: SentFrame, *, joined: bool) -> bool:
    """Whether an error may be the answer to a frame in that state; of a valid join the holders of its name decide."""
    return sent.reading.refusable or sent.may_ask(Verb.JOIN) or not joined


def fitting_codes(sent: SentFrame, *, joined: bool) -> frozenset[str]:
    """Return the error codes that fit a frame in that state (SPEC.md, "Errors")."""
    codes = sent.reading.codes
    if sent.reading.type == "join":
        return codes | _JOINED_CODES if joined else codes | _FREE_CODES
    return codes if joined else codes | {"not_joined", "server_full"}


def refusal_requirement(sent: SentFrame, *, joined: bool) -> str:
    """Return the requirement by which a frame gets an error in that state; empty if it must not get one."""
    if sent.reading.messages and joined == (sent.reading.type == "join"):
        return "JOIN-10" if joined else "JOIN-9"
    return sent.reading.requirement


def wrong_refusal_requirement(sent: SentFrame) -> str:
    """Return the requirement that the refusal of a valid frame breaks: its form's or its verb's."""
    if sent.answer is not None and sent.answer.frame.message.get("code") == "frame_too_long":
        return "FRAME-4"  # the server says itself that its limit is too small
    if sent.split:
        return "FRAME-2"
    code = sent.answer.frame.message.get("code") if sent.answer else None
    if sent.reading.features and code not in _OF_NAMES:
        return sent.reading.features[0]
    company = [other for other in sent.connection.sent if other is not sent and other.at == sent.at]
    if sent.shared and any(other.answer is None and not other.optional for other in company):
        return "FRAME-3"
    return _TAKEN[sent.reading.messages[0].verb] if sent.reading.messages else sent.reading.requirement
