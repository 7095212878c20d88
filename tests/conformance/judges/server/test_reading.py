"""Frames of a recording in which nothing ends them: what no object can become of is found at the end too."""

import pytest

from chatproof_conformance.judges.server import judge
from support.recordings import join, notice, recording


@pytest.mark.parametrize(
    ("last", "broken"),
    [
        (b"123", True),
        (b"null", True),
        (b"oops", True),
        (b"[1", True),
        (b'{"type":', False),
        (b" \n", False),
        (b"", False),
    ],
)
def test_with_no_framing_what_becomes_no_object_is_found_though_nothing_follows(last, broken):
    events = recording(
        ("ann", "open"),
        ("ann", "client", join("ann").strip()),
        ("ann", "server", notice("ann").strip()),
        ("ann", "server", last),
        ("ann", "close"),
    ).events
    findings = judge(events, framing="none", settled=True).findings
    assert [(one.requirement, one.event, one.frames) for one in findings] == [("FRAME-1", 3, (last,))] * broken
