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


@pytest.mark.parametrize(("ends", "broken"), [((), True), (("half_close",), False), (("close",), False)])
def test_a_server_that_a_client_has_left_may_be_cut_off_before_an_lf(ends, broken):
    events = recording(
        ("ann", "open"),
        ("ann", "client", join("ann")),
        ("ann", "server", notice("ann")),
        *(("ann", end) for end in ends),
        ("ann", "server", notice("bob").strip()),
        ("ann", "server_close"),
    ).events
    findings = judge(events, settled=True).findings
    assert ("FRAME-1" in {one.requirement for one in findings}) is broken
