"""Every received frame is checked, whatever the case is about."""

import json
import time

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.endpoints.peers.expectations import public_message
from chatproof_conformance.endpoints.peers.inbox import Inbox
from chatproof_conformance.wire.timestamps import is_now, is_within, second_of_day


def violations_of(*frames, markers=()):
    violations = []
    inbox = Inbox("bob", set(markers), Evidence(), violations)
    inbox.add(list(frames))
    return [violation.requirement for violation in violations], inbox


def public(content="hi", timestamp=None, **more):
    now = timestamp or time.strftime("%H:%M:%S")
    return json.dumps({"type": "message", "username": "alice", "content": content, "timestamp": now, **more}).encode()


def test_good_frames_break_nothing():
    found, inbox = violations_of(public(), b'{"type":"error","message":"no"}', public(more=[1]))
    assert found == []
    assert len(inbox.waiting) == 3


def test_frames_that_are_no_json_objects_break_frame_1():
    for frame in (b"hello", b"[]", b'{"a":1}x', b'{"a":"\xff"}', b'{"a":NaN}', public("x" * 9000)):
        assert violations_of(frame)[0] == ["FRAME-1"], frame


def test_invalid_messages_break_frame_8():
    for frame in (
        b"{}",
        b'{"type":"hello"}',
        b'{"type":"error"}',
        public(timestamp="2:30 PM"),
        b'{"type":"join","username":"a"}',
    ):
        assert violations_of(frame)[0] == ["FRAME-8"], frame


def test_timestamps_of_another_moment_break_time_1():
    an_hour_and_seven_minutes_ago = time.strftime("%H:%M:%S", time.localtime(time.time() - 4020))
    assert violations_of(public(timestamp=an_hour_and_seven_minutes_ago))[0] == ["TIME-1"]


def test_any_time_zone_is_now():
    for quarters in range(-48, 57):
        assert is_now(time.strftime("%H:%M:%S", time.gmtime(time.time() + 900 * quarters)))


def test_a_clock_a_minute_off_is_not_now():
    for seconds in (-60, -10, 10, 60):
        assert not is_now(time.strftime("%H:%M:%S", time.gmtime(time.time() + seconds)))


def test_a_clock_five_seconds_off_is_within_whichever_way_it_rounds():
    since, until = 36_000.9, 36_002.1
    assert [second for second in range(35_900, 36_100) if is_within(second, since, until)] == [*range(35_995, 36_009)]
    assert second_of_day("10:00:07") == 36_007
    assert second_of_day("10:00") is second_of_day("a0:00:00") is second_of_day(5) is None


def test_a_marker_counts_once_and_its_copy_is_a_surprise():
    _, inbox = violations_of(public("marker 1"), public("marker 1"), markers=["marker 1"])
    assert inbox.seen_markers["marker 1"] == 2
    assert len(inbox.waiting) == 1


def test_taking_leaves_the_rest_in_order():
    _, inbox = violations_of(public("one"), public("two"), public("three"))
    assert inbox.take(public_message("alice", "two"))
    assert inbox.take(public_message("alice", "two")) is None
    assert [received.message["content"] for received in inbox.waiting] == ["one", "three"]
