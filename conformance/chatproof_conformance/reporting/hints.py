"""What may be wrong with the run itself, if nothing fits: told beside the verdict, never in place of it."""

from collections.abc import Iterator

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.summary import Summary
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_schemas import FrameRefused, decode_frame
from chatproof_schemas.transcript import Framing, Kind

_FOREIGN = "Nothing that came is a JSON object: is it a server of this protocol that listens there?"


_LIMITED = (
    "Connections were ended before a byte arrived, others were served: if the server limits those of one address, "
    "raise the limit, since a check opens a hundred at once."
)
_FEWEST_ENDED = 2
_UNANSWERED = (
    "Nothing was answered: a server that waits for the LF behind each object is checked without --framing none."
)
_ENDED = "This server ends its frames with LF: check it without --framing none, too, since that tries much more."


def find_hint(summary: Summary) -> str:
    """Return a hint for whoever runs the check; empty if there is none."""
    if summary.request.options.framing == "none" and summary.result.ends_lines:
        return _ENDED
    if summary.request.options.framing == "none" and not summary.evidence().deliveries and _unanswered(summary):
        return _UNANSWERED
    if _seems_to_limit_connections(summary):
        return _LIMITED
    frames = list(_frames_in_findings(summary)) if summary.request.role is Role.SERVER else []
    return _FOREIGN if frames and not any(map(_is_object, frames)) else ""


def _unanswered(summary: Summary) -> bool:
    return any(one.actual.startswith("no answer") for result in summary.result.judged for one in result.findings)


def _seems_to_limit_connections(summary: Summary) -> bool:
    """Return whether the server has ended several connections at once that got nothing, and served others."""
    findings = (one for result in summary.result.judged for one in result.findings if _ends_unserved(one))
    ended = {(one.requirement, one.connection) for one in findings}
    return len(ended) >= _FEWEST_ENDED and summary.evidence().deliveries > 0


def _ends_unserved(finding: Finding) -> bool:
    kinds = {event.kind for event in finding.events if event.connection == finding.connection}
    return bool(kinds & {Kind.SERVER_CLOSE, Kind.SERVER_RESET}) and Kind.SERVER_DATA not in kinds


def _frames_in_findings(summary: Summary) -> Iterator[bytes]:
    framing: Framing = "none" if summary.request.options.framing == "none" else "lf"
    for finding in (one for result in summary.result.judged for one in result.findings):
        streams: dict[str, bytes] = {}
        for event in finding.events:
            if event.kind is Kind.SERVER_DATA:
                streams[event.connection] = streams.get(event.connection, b"") + event.data
        for stream in streams.values():
            splitter = frame_splitter(framing)
            yield from (frame for frame in [*splitter.feed(stream), splitter.rest] if frame.strip())


def _is_object(frame: bytes) -> bool:
    try:
        return isinstance(decode_frame(frame), dict)
    except FrameRefused:
        return frame.lstrip().startswith(b"{")
