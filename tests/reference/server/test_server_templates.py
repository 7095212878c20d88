"""Public messages that are read many at once, by how their writer writes: they say what they say one by one."""

import json
import random
import re
import sys

import pytest

from chatproof_reference.bench.spellings import SPELLINGS
from chatproof_reference.server.requests import Refused, Say, judge, read_requests
from chatproof_reference.server.templates import Templates
from chatproof_reference.wire import OverlongFrame
from support.written_frames import damaged, frames

NAMES = {"Alice"}
NESTED = b'{"type":"message","by":{"app":["x",%d]},"content":"%d"}'
PRIVATE = b'{"type":"private_message","target":"Alice","content":"hi"}'
JOIN = b'{"type":"join","username":"Bob"}'
PATIENCE = 256


def taught(*written):
    known = Templates()
    for frame in written:
        known.learn(frame, PATIENCE)
    return known


def flat(requests):
    """Return requests with each message by itself, its content as a string."""
    for request in requests:
        for content in request.contents if isinstance(request, Say) else [getattr(request, "content", b'""')]:
            yield type(request), getattr(request, "target", getattr(request, "username", "")), json.loads(content)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_way_to_write_is_learned_and_then_read_at_once(spelling):
    written = [(SPELLINGS[spelling] % f"text {number}").strip("\n").encode() for number in range(2 * PATIENCE)]
    known = Templates()
    before = read_requests(written[:PATIENCE], NAMES, known)
    after = read_requests(written[PATIENCE:], NAMES, known)
    assert [len(request.contents) for request in after] == [PATIENCE]
    assert list(flat(before + after)) == list(flat(map(judge, written)))


def test_it_is_learned_after_so_many_messages_only_however_they_arrive():
    known = Templates()
    for number in range(PATIENCE):
        assert known.contents([NESTED % (number, number)]) == [b""]
        read_requests([NESTED % (number, number)], NAMES, known)
    assert known.contents([NESTED % (7, 8), PRIVATE]) == [b'"8"', b""]


def test_what_is_mixed_keeps_its_order():
    own, nested = b'{"type":"message","content":"own"}', NESTED % (1, 2)
    mixed = [nested, own, PRIVATE, own, JOIN, nested, b'{"content":"\\u0041","type":"message"}', own]
    for known in (Templates(), taught(nested), taught(nested, own), taught(nested, mixed[-2], own)):
        assert list(flat(read_requests(mixed, NAMES, known))) == list(flat(map(judge, mixed)))


@pytest.mark.parametrize(
    "bad",
    [
        OverlongFrame(),
        b"",
        b'{"type":"message","content":""}',
        b'{"type":"message","content":"\xff"}',
        b'{"type":"message","content":"\\ud800"}',
        b'{"type":"message","by":{"app":["x",1]},"content":"2"},',
        b'{"type":"message","by":{"app":["x",NaN]},"content":"2"}',
        b'{"type":"message","by":{"app":["x",1],"app":1},"content":"2"}',
    ],
)
def test_one_frame_that_is_not_valid_leaves_all_to_be_judged(bad):
    good = NESTED % (1, 2)
    known = taught(good)
    assert isinstance(judge(bad), Refused)
    assert read_requests([good, bad, good], NAMES, known) is None
    assert known.contents([good, bad, good]) in ([], [b'"2"', b"", b'"2"'])
    assert list(flat(read_requests([good, good], NAMES, known))) == list(flat(map(judge, [good, good])))


def test_a_client_costs_at_most_four_templates_of_bounded_size():
    known = Templates()
    for values in range(7, 0, -1):
        numbers = b",".join([b"7"] * values)
        known.learn(b'{"type":"message","content":"x","%s":[%s]}' % (b"n" * 200, numbers), PATIENCE)
    assert len(known.forms) == 4
    assert sys.getsizeof(re.compile(b"|".join(known.forms))) < 48 * 1024


def check(count, near):
    """Try each of many ways to write on frames that are nearly written so."""
    chance = random.Random(26)
    for _, frame in frames(count, seed=7):
        request = judge(frame)
        if not isinstance(request, Say) or b"\n" in frame:
            continue
        known = taught(frame)
        for _ in range(near):
            block = [damaged(frame, chance), frame, damaged(frame, chance)]
            judged = [judge(one) if len(one) <= 1024 else judge(OverlongFrame()) for one in block]
            read = read_requests(block, NAMES, known)
            if any(isinstance(one, Refused) for one in judged):
                assert read is None, block
            else:
                assert list(flat(read)) == list(flat(judged)), block


def test_frames_that_are_nearly_written_so_are_read_as_the_schemas_judge_them():
    check(1_000, 10)


@pytest.mark.long("judges 100,000 frames")
def test_very_many_frames_that_are_nearly_written_so_are_read_as_the_schemas_judge_them():
    check(20_000, 15)


def test_messages_before_a_join_are_refused_one_by_one(server, connect):
    peer = connect(server)
    peer.send_bytes(b'{"type":"message","content":"early"}\n' * 3)
    assert [peer.read()["code"] for _ in range(3)] == ["not_joined"] * 3


def test_a_server_reads_each_way_to_write_and_refuses_what_is_not_valid_in_its_place(server, join):
    alice = join(server, "Alice")
    for text in SPELLINGS.values():
        written = [(text % number).encode() for number in range(600)]
        written[500:500] = [b'{"type":"message","content":"x","content":"x"}\n']
        alice.send_bytes(b"".join(written))
        received = alice.read_many(601)
        assert received[500]["code"] == "malformed_json"
        contents = [message["content"].split()[-1] for message in received if message["type"] == "message"]
        assert contents == [str(number) for number in range(600)]
