"""What a peer has received: markers are counted, and what is taken leaves the rest in order."""

import json
from types import SimpleNamespace

from chatproof_conformance.endpoints.peers.chat_state import ChatState
from chatproof_conformance.endpoints.peers.expectations import public_message
from chatproof_conformance.endpoints.peers.inbox import Inbox
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_schemas.transcript import Transcript


def inbox_of(*frames, markers=()):
    target = SimpleNamespace(started_by_us=True)
    inbox = Inbox(ChatState(RunContext(target), Transcript(), markers=set(markers)))
    inbox.add(list(frames))
    return inbox


def public(content):
    return json.dumps({"type": "message", "username": "alice", "content": content, "timestamp": "10:00:00"}).encode()


def test_frames_that_hold_no_object_wait_too():
    assert [item.message for item in inbox_of(b"hello", b"[]", b"{}").waiting] == [{}, {}, {}]


def test_a_marker_counts_once_and_its_copy_is_a_surprise():
    inbox = inbox_of(public("marker 1"), public("marker 1"), markers=["marker 1"])
    assert inbox.seen_markers["marker 1"] == 2
    assert len(inbox.waiting) == 1


def test_taking_leaves_the_rest_in_order():
    inbox = inbox_of(public("one"), public("two"), public("three"))
    assert inbox.take(public_message("alice", "two"))
    assert inbox.take(public_message("alice", "two")) is None
    assert [received.message["content"] for received in inbox.waiting] == ["one", "three"]
