"""Which finding explains another, by what it is: symptoms of a root are counted, and not shown beside it."""

import re
from collections.abc import Callable, Mapping

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame

_NUMBER = re.compile("[0-9]+")
_NO_ANSWER = "no answer"
_ENDED = "the end of the connection"


def error_in(finding: Finding) -> str | None:
    """Return the words, without numbers, of the error that a finding is about, None if it is about none."""
    frames = (read_server_frame(frame) for frame in finding.frames)
    return next((_NUMBER.sub("", frame.text) for frame in frames if frame.kind is MessageKind.ERROR), None)


def _is_about_answers(finding: Finding) -> bool:
    return finding.actual.startswith(_NO_ANSWER) or error_in(finding) is not None


def _is_end(finding: Finding) -> bool:
    return finding.actual.endswith(_ENDED)


def _is_silence(finding: Finding) -> bool:
    return finding.actual.startswith(_NO_ANSWER) or finding.actual.endswith(_NO_ANSWER)


_SYMPTOMS: Mapping[str, Callable[[Finding], bool]] = {
    "ERROR-11": _is_about_answers,  # some go to other connections
    "LOAD-3": _is_silence,  # who is silent beside it delays it
    "LOAD-5": _is_end,  # who is cut off for a burst is so in the middle of anything
}
"""By what is broken, what it makes seem to be broken; each is put to a test of its own that nothing else disturbs."""


def explains(root: Finding, other: Finding) -> bool:
    """Whether what one finding shows is the likely reason of another requirement's."""
    symptom = _SYMPTOMS.get(root.requirement)
    return symptom is not None and other.requirement not in _SYMPTOMS and symptom(other)
