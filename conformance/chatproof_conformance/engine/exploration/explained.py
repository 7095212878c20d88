"""Which finding explains another, by what it is: symptoms of a root are counted, and not shown beside it."""

import re
from collections.abc import Callable

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame

_NUMBER = re.compile("[0-9]+")
_NO_ANSWER, _NOTHING = "no answer", "nothing of it"
_ENDED = "the end of the connection"
_STRAY_ERRORS = "ERROR-11"
_ABOUT_BYTES = ("ERROR-5", "ERROR-7")
_BEFORE_JOIN = "no message from before the join"
_TAKEN = re.compile(" (?:is taken|succeeds)")
_BEGINNINGS = {
    "the public message": MessageKind.PUBLIC,
    "the private message": MessageKind.PRIVATE,
    "system ": MessageKind.JOINED,
    "one notice of the join": MessageKind.JOINED,
    "no notice of a join": MessageKind.JOINED,
}
"""How an expectation begins that is about a frame of each kind."""


def error_in(finding: Finding) -> str | None:
    """Return the words, without numbers, of the error that a finding is about, None if it is about none."""
    frames = (read_server_frame(frame) for frame in finding.frames)
    return next((_NUMBER.sub("", frame.text) for frame in frames if frame.kind is MessageKind.ERROR), None)


def code_in(finding: Finding) -> str | None:
    """Return the code of the error that a finding is about, None if it is about none."""
    frames = (read_server_frame(frame) for frame in finding.frames)
    return next((str(frame.message.get("code")) for frame in frames if frame.kind is MessageKind.ERROR), None)


def _kinds(finding: Finding) -> set[MessageKind]:
    return {read_server_frame(frame).kind for frame in finding.frames}


def _expected_kind(finding: Finding) -> MessageKind | None:
    return next((kind for begins, kind in _BEGINNINGS.items() if finding.expected.startswith(begins)), None)


def _is_silence(finding: Finding) -> bool:
    return finding.actual.startswith(_NO_ANSWER) or finding.actual.endswith(_NO_ANSWER)


def _is_of_lane(finding: Finding) -> bool:
    """Whether it was seen in a lane, where nothing is narrowed."""
    return not finding.situation


def _is_wrong_refusal(finding: Finding) -> bool:
    """Whether a valid frame, sent by itself, gets an error: that is no other one's."""
    is_certain = finding.failures == finding.attempts
    return is_certain and _TAKEN.search(finding.expected) is not None and error_in(finding) is not None


def _gets_stray_error(_: Finding, other: Finding) -> bool:
    return _is_silence(other) or (error_in(other) is not None and not _is_wrong_refusal(other))


def _is_wrongly_refused(root: Finding, other: Finding) -> bool:
    return other.requirement == _STRAY_ERRORS and _is_wrong_refusal(root) and error_in(root) == error_in(other)


def _lacks_confirmation(root: Finding, other: Finding) -> bool:
    if MessageKind.CONFIRMATION not in _kinds(root):
        return False
    return _is_silence(other) or MessageKind.CONFIRMATION in _kinds(other)


def _waits_for_the_silent(_: Finding, other: Finding) -> bool:
    return _is_silence(other) or (_is_of_lane(other) and other.actual == _NOTHING)


def _is_cut_off(_: Finding, other: Finding) -> bool:
    about_its_leave = other.requirement in ("JOIN-13", "LEAVE-1") and " left" in other.expected
    by_lane = _is_of_lane(other) and (about_its_leave or other.actual == _NOTHING)
    return other.actual.endswith(_ENDED) or other.requirement == "STOP-2" or by_lane


def _is_late(root: Finding, other: Finding) -> bool:
    return _expected_kind(other) in _kinds(root) and (other.actual == _NOTHING or other.requirement[:4] == "JOIN")


def _has_broken_characters(root: Finding, other: Finding) -> bool:
    return "\ufffd" in root.actual and "\ufffd" in other.actual and other.requirement not in _ABOUT_BYTES


def _is_refused_alike(root: Finding, other: Finding) -> bool:
    both = _is_wrong_refusal(root) and _is_wrong_refusal(other)
    return both and _expected_verb(other) == _expected_verb(root) and error_in(root) == error_in(other)


def _is_refused_to_nobody(root: Finding, other: Finding) -> bool:
    return other.requirement != "PRIVATE-1" and _is_refused_alike(root, other)


def _expected_verb(finding: Finding) -> str:
    return finding.expected.partition('"')[0]


def _has_no_common_order(_: Finding, other: Finding) -> bool:
    return other.requirement == "PUBLIC-1" and other.expected.startswith(_BEFORE_JOIN)


def _ends_unjoined(_: Finding, other: Finding) -> bool:
    return other.requirement == "JOIN-9" and other.actual.endswith(_ENDED)


_ROOTS: dict[str, Callable[[Finding, Finding], bool]] = {
    _STRAY_ERRORS: _gets_stray_error,  # some go to other connections
    "PRIVATE-2": _lacks_confirmation,  # the same
    "LOAD-3": _waits_for_the_silent,
    "LOAD-5": _is_cut_off,  # who is cut off for a burst is so in the middle of anything
}
_OTHER_ROOTS = {
    "ORDER-1": _is_late,
    "ORDER-2": _is_late,
    "ORDER-3": _has_no_common_order,  # what was before a join is so for some only
    "FRAME-2": _has_broken_characters,
    "CONFIRM-2": _is_refused_to_nobody,
    "JOIN-12": _ends_unjoined,
}
"""By what is broken: whether it explains another finding. The first may explain the second ones, too."""


def explains(root: Finding, other: Finding) -> bool:
    """Whether what one finding shows is the likely reason of another requirement's."""
    if _is_wrongly_refused(root, other):
        return True
    if other.requirement in _ROOTS:
        return False
    if root.requirement in _ROOTS:
        return _ROOTS[root.requirement](root, other)
    if root.requirement == "PRIVATE-1":  # refused to those who are there, so to nobody, too
        return other.requirement != root.requirement and _is_refused_alike(root, other)
    fits = _OTHER_ROOTS.get(root.requirement)
    return fits is not None and other.requirement not in _OTHER_ROOTS and fits(root, other)
