import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import Process
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


def test_its_last_words_are_its_first_and_its_last_three_lines(start):
    tree = start("for n in 1 2 3 4 5 6; do echo $n; done; echo >&2; printf '\\033oops\\n' >&2; exit 1")
    assert tree.wait(SECONDS) == 1
    assert tree.last_words() == r"; it printed: 1 / 2 / 3 / … / 5 / 6 / \x1boops"


def test_few_lines_are_all_shown(start):
    tree = start("echo 1; echo 2")
    assert tree.wait(SECONDS) == 0
    assert tree.last_words() == "; it printed: 1 / 2"


def test_output_that_is_read_is_not_among_the_last_words(start):
    tree = start("echo read; echo oops >&2", reads_output=True)
    assert read_to_the_end(tree) == b"read\n"
    assert tree.wait(SECONDS) == 0
    assert tree.last_words() == "; it printed: oops"


def test_a_silent_process_has_no_last_words(start):
    tree = start("exit 1")
    tree.wait(SECONDS)
    assert tree.last_words() == ""


def test_a_daemon_in_its_own_session_ends_with_what_started_it(start, tmp_path):
    fifo = tmp_path / "held open by the daemon"
    os.mkfifo(fifo)
    tree = start(f"(setsid sleep 1000 >'{fifo}' 2>&1 &) ; exit 0")
    with fifo.open("rb") as held:
        assert tree.wait(SECONDS) == 0
        assert len(tree.descendants()) == 1
        tree.end(0.0)
        assert held.read() == b""
    assert tree.descendants() == set()


def test_all_ends_even_if_the_one_that_started_it_is_killed(tmp_path):
    fifo = tmp_path / "held open by the orphan"
    os.mkfifo(fifo)
    starter = (
        "import sys, time; from chatproof_common.system.process_tree import ProcessTree\n"
        f"tree = ProcessTree(['sh', '-c', 'exec setsid sleep 1000 >\"{fifo}\"']); time.sleep(1000)"
    )
    harness = Process([sys.executable, "-c", starter])
    with fifo.open("rb") as held:
        harness.kill()
        assert held.read() == b""


HIDES = """
import os, sys, time
start, end = map(int, open("/proc/self/stat").read().rpartition(")")[2].split()[47:49])
with open("/proc/self/mem", "r+b", buffering=0) as memory:
    memory.seek(start)
    memory.write(bytes(end - start))
print("hidden", flush=True)
time.sleep(1000)
"""


def test_a_program_that_writes_over_its_environment_is_still_known():
    tree = ProcessTree([sys.executable, "-c", HIDES], reads_output=True)
    try:
        said = b""
        while not said.endswith(b"\n") and is_readable(tree, SECONDS):
            said += tree.read()
        assert said == b"hidden\n"
        assert not Path(f"/proc/{tree.pid}/environ").read_bytes().strip(b"\0")
        assert tree.descendants() == {tree.pid}
        assert tree.pause()
        while "State:\tT" not in Path(f"/proc/{tree.pid}/status").read_text():
            time.sleep(0.01)
        tree.resume()
        while "State:\tT" in Path(f"/proc/{tree.pid}/status").read_text():
            time.sleep(0.01)
    finally:
        tree.end(0.0)
    assert tree.descendants() == set()


def test_such_a_program_ends_too_if_the_one_that_started_it_is_killed():
    script = f"""
from chatproof_common.system.process_tree import ProcessTree
tree = ProcessTree([{sys.executable!r}, "-c", {HIDES!r}], reads_output=True)
while not tree.read():
    pass
print(tree.pid, flush=True)
import time
time.sleep(1000)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        started = int(starter.stdout.readline())
        starter.kill()
    give_up = time.monotonic() + SECONDS
    while Path(f"/proc/{started}").exists():
        assert time.monotonic() < give_up
        time.sleep(0.01)


LEAVES_A_DAEMON = "env -i setsid sh -c '(sleep 1000 & echo $!) >{name}; mv {name} {name}.done' & exit 0"


def daemon_of(path):
    done = path.with_name(f"{path.name}.done")
    give_up = time.monotonic() + SECONDS
    while not done.exists():
        assert time.monotonic() < give_up
        time.sleep(0.01)
    return int(done.read_text())


@pytest.mark.skipif(sys.platform != "linux", reason="docs/systems.md: such a daemon is found on Linux alone")
def test_a_daemon_with_an_emptied_environment_is_told_from_that_of_another(start, tmp_path):
    trees = [start(LEAVES_A_DAEMON.format(name=tmp_path / str(number))) for number in range(2)]
    daemons = [daemon_of(tmp_path / str(number)) for number in range(2)]
    assert not any(b"CHATPROOF" in Path(f"/proc/{daemon}/environ").read_bytes() for daemon in daemons)
    assert [tree.wait(SECONDS) for tree in trees] == [0, 0]
    assert [tree.descendants() for tree in trees] == [{daemon} for daemon in daemons]
    trees[0].end(0.0)
    assert [tree.descendants() for tree in trees] == [set(), {daemons[1]}]


@pytest.mark.skipif(sys.platform != "linux", reason="docs/systems.md: such a daemon is found on Linux alone")
def test_such_a_daemon_ends_too_if_the_one_that_started_it_is_killed(tmp_path):
    script = LEAVES_A_DAEMON.format(name=tmp_path / "0")
    starter = f"""
import time; from chatproof_common.system.process_tree import ProcessTree
tree = ProcessTree(["sh", "-c", {script!r}]); time.sleep(1000)
"""
    harness = Process([sys.executable, "-c", starter])
    daemon = daemon_of(tmp_path / "0")
    harness.kill()
    give_up = time.monotonic() + SECONDS
    while Path(f"/proc/{daemon}").exists():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_what_is_started_beside_a_program_is_not_taken_for_its_own(start):
    tree = start("sleep 1000")
    other = Process(["sleep", "1000"])
    try:
        assert tree.pid in tree.descendants()
        assert other.pid not in tree.descendants()
        tree.end(0.0)
        assert other.status is None
    finally:
        other.kill()


def test_a_printing_loop_costs_bounded_memory(start):
    tree = start("exec yes 0123456789")
    give_up = time.monotonic() + SECONDS
    while tree.printed.dropped < 10_000_000 and time.monotonic() < give_up:
        time.sleep(0.01)
    assert tree.printed.dropped >= 10_000_000, "it never waits for a reader"
    assert len(tree.printed.text()) < 500_000


def test_where_it_listens_is_known(start):
    listen = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); "
    tree = start(f'{sys.executable} -c "{listen} time.sleep(1000)" & wait', reads_output=True)
    assert is_readable(tree, SECONDS)
    assert tree.listening() == {("127.0.0.1", int(tree.read()))}


def test_what_a_process_leaves_behind_can_be_asked_to_stop(start):
    tree = start("(trap 'echo bye; exit' TERM; echo ready; while :; do sleep 0.01; done) & exit 0")
    assert tree.wait(SECONDS) == 0
    give_up = time.monotonic() + SECONDS
    while "ready" not in tree.printed.text() and time.monotonic() < give_up:
        time.sleep(0.01)
    tree.ask_the_rest_to_stop()
    while tree.descendants() and time.monotonic() < give_up:
        time.sleep(0.01)
    assert "bye" in tree.last_words()


def test_a_program_that_is_not_there_cannot_be_started():
    with pytest.raises(FileNotFoundError):
        ProcessTree(["/no/such/program"])


def test_that_we_may_open_no_more_files_does_not_hide_what_a_process_has_started(start, monkeypatch):
    tree = start("sleep 1000")

    def lack(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lack)
        with pytest.raises(OSError, match="Too many open files"):
            tree.descendants()
