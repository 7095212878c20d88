"""Which finding explains another, by what it is: symptoms of a root are counted, and not shown beside it."""

import re
from collections.abc import Callable, Mapping

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame

_NUMBER = re.compile("[0-9]+")
_NO_ANSWER = "no answer"
_ENDED = "the end of the connection"
_STRAY_ERRORS = "ERROR-11"
_TAKEN = re.compile(" (?:is taken|succeeds)")


def error_in(finding: Finding) -> str | None:
    """Return the words, without numbers, of the error that a finding is about, None if it is about none."""
    frames = (read_server_frame(frame) for frame in finding.frames)
    return next((_NUMBER.sub("", frame.text) for frame in frames if frame.kind is MessageKind.ERROR), None)


def _kinds(finding: Finding) -> set[MessageKind]:
    return {read_server_frame(frame).kind for frame in finding.frames}


def _is_silence(finding: Finding) -> bool:
    return finding.actual.startswith(_NO_ANSWER) or finding.actual.endswith(_NO_ANSWER)


def _is_about_errors(finding: Finding) -> bool:
    return _is_silence(finding) or (error_in(finding) is not None and not _is_wrong_refusal(finding))


def _is_wrong_refusal(finding: Finding) -> bool:
    """Whether a valid frame, sent by itself, gets an error: that is no other one's."""
    is_certain = finding.failures == finding.attempts
    return is_certain and _TAKEN.search(finding.expected) is not None and error_in(finding) is not None


def _is_about_confirmations(finding: Finding) -> bool:
    return _is_silence(finding) or MessageKind.CONFIRMATION in _kinds(finding)


def _is_end(finding: Finding) -> bool:
    return finding.actual.endswith(_ENDED) or finding.requirement == "STOP-2"


def _shows_anything(_: Finding) -> bool:
    return True


_SYMPTOMS: Mapping[str, tuple[Callable[[Finding], bool], Callable[[Finding], bool]]] = {
    _STRAY_ERRORS: (_shows_anything, _is_about_errors),  # some go to other connections
    "PRIVATE-2": (lambda finding: MessageKind.CONFIRMATION in _kinds(finding), _is_about_confirmations),  # the same
    "LOAD-3": (_shows_anything, _is_silence),  # who is silent beside it delays it
    "LOAD-5": (_shows_anything, _is_end),  # who is cut off for a burst is so in the middle of anything
}
"""By what is broken: whether it is so in a way that makes other things seem broken, and whether one is of these."""


def explains(root: Finding, other: Finding) -> bool:
    """Whether what one finding shows is the likely reason of another requirement's."""
    if other.requirement == _STRAY_ERRORS and _is_wrong_refusal(root):
        return error_in(root) == error_in(other)
    is_root, is_symptom = _SYMPTOMS.get(root.requirement, (None, None))
    if is_root is None or is_symptom is None or other.requirement in _SYMPTOMS:
        return False
    return is_root(root) and is_symptom(other)
