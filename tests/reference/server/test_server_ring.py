"""Whatever joins the ring at whatever moment, everybody gets everything once and in order, within one round."""

from hypothesis import given
from hypothesis import strategies as st

from chatproof_reference.server.ring import Ring

RECIPIENTS = st.integers(min_value=1, max_value=2000)
SERVES = st.lists(st.integers(min_value=0, max_value=40), max_size=30)
"""How many blocks are served before the next frame is taken."""


def serve(ring, got):
    block, chunk, frames = ring.next_block()
    for recipient in block:
        got[recipient].append((chunk, frames))


@given(RECIPIENTS, SERVES)
def test_everybody_gets_everything_once_and_in_order(count, serves):
    ring, got, taken = Ring(), [[] for _ in range(count)], []
    ring.set_recipients(range(count))
    for place, times in enumerate(serves):
        taken.append(b"%d\n" % place)
        ring.take(taken[-1], 1)
        for _ in range(times):
            if ring:
                serve(ring, got)
    while ring:
        serve(ring, got)
    for chunks in got:
        assert b"".join(chunk for chunk, _ in chunks) == b"".join(taken)
        assert sum(frames for _, frames in chunks) == len(taken)
    assert ring.size == 0


@given(RECIPIENTS, st.integers(min_value=0, max_value=100))
def test_what_joins_is_through_after_one_round(count, served_before):
    ring, got = Ring(), [[] for _ in range(count)]
    ring.set_recipients(range(count))
    ring.take(b"first\n", 1)
    blocks = 0
    while ring:
        serve(ring, got)
        blocks += 1
    ring.take(b"second\n", 1)
    for _ in range(min(served_before, blocks - 1)):
        serve(ring, got)
    ring.take(b"third\n", 1)
    for _ in range(blocks):
        assert ring
        serve(ring, got)
    assert not ring
    assert all(b"third\n" in chunks[-1][0] for chunks in got)


def test_what_nobody_is_there_for_is_not_kept():
    ring = Ring()
    ring.take(b"x\n", 1)
    assert not ring
    assert ring.size == 0


def test_recipients_who_get_the_same_share_its_bytes():
    ring = Ring()
    ring.set_recipients(range(100))
    ring.take(b"one\n", 1)
    ring.take(b"two\n", 1)
    chunks = set()
    while ring:
        chunks.add(id(ring.next_block()[1]))
    assert len(chunks) == 1
