import io
import os
import subprocess
import sys

import pytest

from chatproof_common.system import streams
from chatproof_common.system.errors import described_error, is_closed_pipe
from chatproof_common.system.streams import discard


def test_what_is_written_to_a_discarded_stream_goes_nowhere():
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        stream.write("held")
        os.close(reading)
        discard(stream)
        stream.write("later")
        stream.flush()


def test_a_closed_pipe_is_told_from_another_failure():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", 0) as stream, pytest.raises(OSError, match="Broken pipe") as failed:
        stream.write(b"x")
    assert is_closed_pipe(failed.value)
    assert not is_closed_pipe(FileNotFoundError())
    assert described_error(failed.value.errno) == "Broken pipe"
    assert described_error(None) == described_error(0)


@pytest.mark.parametrize(
    ("encoding", "typed", "read"),
    [("ascii", "é".encode(), "é"), ("utf-8", b"\xff", "\udcff"), ("latin-1", b"\xe9", "é")],
)
def test_any_bytes_of_standard_input_are_read(monkeypatch, encoding, typed, read):
    stdin = io.TextIOWrapper(io.BytesIO(typed), encoding=encoding)
    monkeypatch.setattr("sys.stdin", stdin)
    streams.survive_any_character()
    assert stdin.read() == read


def test_output_shows_what_it_cannot_encode(monkeypatch):
    for name in ("stdout", "stderr"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
        monkeypatch.setattr(f"sys.{name}", stream)
        streams.survive_any_character()
        stream.write("é")
        stream.flush()
        assert stream.buffer.getvalue() == b"\\xe9"


def test_a_stream_that_is_closed_gives_its_number_to_nobody():
    program = (
        "import os, sys\n"
        "from chatproof_common.system.streams import open_missing\n"
        "open_missing()\n"
        "print('gone'); print('gone', file=sys.stderr)\n"
        "assert sys.stdin.read() == ''\n"
        "os._exit(os.open('/dev/null', os.O_RDONLY))\n"
    )
    words = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", program]
    assert subprocess.run(words, check=False, timeout=60).returncode > 2
