"""Judging on several cores finds what judging on one does, in the same order, and holds as little of the input."""

import gzip
import os
import signal
import subprocess
import sys
import time
from itertools import groupby

import pytest

from chatproof_schemas import Direction
from chatproof_schemas.validate import workers
from chatproof_schemas.validate.inputs import InputError
from chatproof_schemas.validate.lines import BLOCK_BYTES, Block, Line
from chatproof_schemas.validate.workers import Workers
from schemas.bench.messages import lines

COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "validate"]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log that is long enough for several processes, with a line in it that no block holds."""
    path = tmp_path_factory.mktemp("logs") / "log.ndjson"
    with path.open("wb") as file:
        file.writelines(lines(60_000, seed=5))
        file.write(b'{"type":"join","username":"' + b"x" * 100_000 + b'"}\n')
        file.writelines(lines(2_000, seed=6))
        file.write(b'{"type":"join"}')
    assert path.stat().st_size > 1.5 * workers.ALONE_BYTES
    return path


def validate(*words, **options):
    done = subprocess.run([*COMMAND, *words], capture_output=True, check=False, timeout=120, **options)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_several_processes_print_what_one_does(log, form):
    alone = validate("--jobs", "1", "--format", form, str(log))
    assert alone[0] == 1
    assert alone[1].count(b"\n") > 500
    assert validate("--jobs", "3", "--format", form, str(log)) == alone
    compressed = gzip.compress(log.read_bytes(), 1)
    piped = validate("--jobs", "2", "--format", form, "-", input=compressed)
    assert piped[1].replace(b"<stdin>", str(log).encode()) == alone[1]


def test_what_stands_before_damage_is_judged_alike(log):
    damaged = gzip.compress(log.read_bytes(), 1)[:-3000]
    alone, several = (validate("--jobs", jobs, "-", input=damaged) for jobs in "12")
    assert alone == several
    assert alone[0] == 2
    assert b"ends in the middle of its compressed data" in alone[2]


def parts(*, fault=False):
    """Yield blocks of a valid line again and again, and a line alone in the middle."""
    line = b'{"type":"message","content":"hi"}\n'
    whole = line * (BLOCK_BYTES // len(line))
    for number in range(400):
        yield Block(number, whole)
        if number == 300:
            yield Line(number, b"x", 1)
    if fault:
        raise InputError("is damaged")


def flat(some):
    """Return parts with neighbouring blocks as one."""
    return [
        b"".join(part.data if kind is Block else part.frame for part in alike) for kind, alike in groupby(some, type)
    ]


@pytest.fixture
def three():
    some = Workers(3, tuple(Direction), strict=False)
    yield some
    some.close()


def test_the_parts_come_back_in_their_order(three):
    assert flat(part for group, _ in three.judged(parts()) for part in group) == flat(parts())


def test_a_fault_of_the_input_comes_after_what_stands_before_it(three):
    found, judged = [], three.judged(parts(fault=True))
    with pytest.raises(InputError, match="is damaged"):
        found.extend(part for group, _ in judged for part in group)
    assert flat(found) == flat(parts())


def test_few_are_handed_over_before_what_was_found_is_taken(three, monkeypatch):
    monkeypatch.setattr(workers, "ALONE_BYTES", 0)
    read = []
    judged = three.judged(part for part in parts() if not read.append(part))
    next(judged)
    assert len(read) <= 16 * (3 * 3 + 1)


def test_what_comes_slowly_is_judged_at_once(three, monkeypatch):
    monkeypatch.setattr(workers, "ALONE_BYTES", 0)
    read = []
    slowly = (Block(number, b'{"type":"join"}\n') for number in range(40))
    for group, (_, found) in three.judged(part for part in slowly if not read.append(part)):
        assert [*group][-1:] == read[-1:]
        assert len(found) == len(group)
    assert len(read) == 40


def test_a_process_that_has_ended_is_one_clear_line(log):
    code = "import os, sys; from chatproof_schemas.validate import workers; workers._PROGRAM = 'raise SystemExit(7)'; "
    code += "from chatproof_common.command_line.main import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, "validate", "--jobs", "2", str(log)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "a process that judges has ended with exit status 7; --jobs 1 needs none" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="sends what Ctrl+C sends to a process group")
def test_ctrl_c_ends_it_and_its_processes(log):
    words = [*COMMAND, "--jobs", "2", "-"]
    run = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    run.stdin.write(log.read_bytes() * 2)
    run.stdin.flush()
    began = time.monotonic()
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(30) == 130
    assert b"Traceback" not in run.stderr.read()
    assert time.monotonic() - began < 10
    run.stdin.close()
    run.stderr.close()
