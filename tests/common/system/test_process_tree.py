import os
import time

import pytest

from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.waiting import is_readable

SECONDS = 30.0


@pytest.fixture
def start():
    started = []

    def start(script, **how):
        started.append(ProcessTree(["sh", "-c", script], **how))
        return started[-1]

    yield start
    for tree in started:
        tree.end(0.0)


def read_to_the_end(tree):
    data = b""
    while is_readable(tree, SECONDS) and (piece := tree.read()) != b"":
        data += piece or b""
    return data


def test_what_a_process_has_started_ends_with_it(start, tmp_path):
    fifo = tmp_path / "held open by the grandchild"
    os.mkfifo(fifo)
    tree = start(f"sleep 1000 >'{fifo}' & wait")
    with fifo.open("rb") as held:
        tree.end(0.0)
        assert held.read() == b"", "the end of the stream comes when its last writer has ended"


def test_what_a_dead_process_has_left_behind_ends_too(start, tmp_path):
    fifo = tmp_path / "held open by the orphan"
    os.mkfifo(fifo)
    tree = start(f"sleep 1000 >'{fifo}' & exit 3")
    with fifo.open("rb") as held:
        assert tree.wait(SECONDS) == 3
        tree.end(0.0)
        assert held.read() == b""


def test_a_process_gets_its_input_and_its_output_arrives(start):
    tree = start("cat", reads_output=True)
    assert tree.read() is None
    assert tree.write(b"hello", SECONDS)
    assert is_readable(tree, SECONDS)
    assert tree.read() == b"hello"
    tree.close_pipes()
    assert tree.wait(SECONDS) == 0, "its input has ended"


def test_all_of_a_large_output_arrives(start):
    tree = start("head -c 1000000 /dev/zero", reads_output=True)
    assert len(read_to_the_end(tree)) == 1_000_000


def test_a_process_that_reads_nothing_holds_nobody_up(start):
    tree = start("sleep 1000")
    begin = time.monotonic()
    assert not tree.write(b"x" * 10_000_000, 0.05)
    assert time.monotonic() - begin < SECONDS


def test_nothing_can_be_written_to_a_process_that_has_gone(start):
    tree = start("exit 0")
    assert tree.wait(SECONDS) == 0
    assert not tree.write(b"x", SECONDS)
    tree.end(0.0)
    assert not tree.write(b"x", SECONDS)


def test_its_last_words_are_its_last_three_lines(start):
    tree = start("for n in 1 2 3 4; do echo $n; done; echo >&2; echo oops >&2; exit 1")
    assert tree.wait(SECONDS) == 1
    assert tree.last_words() == "; its last words: 3 / 4 / oops"


def test_output_that_is_read_is_not_among_the_last_words(start):
    tree = start("echo read; echo oops >&2", reads_output=True)
    assert read_to_the_end(tree) == b"read\n"
    assert tree.wait(SECONDS) == 0
    assert tree.last_words() == "; its last words: oops"


def test_a_silent_process_has_no_last_words_nor_one_that_is_over(start):
    tree = start("exit 1")
    tree.wait(SECONDS)
    assert tree.last_words() == ""
    tree.end(0.0)
    assert tree.last_words() == ""


def test_a_program_that_is_not_there_cannot_be_started():
    with pytest.raises(FileNotFoundError):
        ProcessTree(["/no/such/program"])
