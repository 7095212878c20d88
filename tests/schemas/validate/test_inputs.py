"""What `chatproof validate` reads: patterns, gzip, zstd, recordings, streams of any length."""

import gzip
import json
import subprocess
import sys
from datetime import datetime, timezone
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_schemas.transcript import LONGEST_LINE, Event, Kind, Transcript, read_transcript, write_transcript
from chatproof_schemas.validate.inputs import InputError, opened
from chatproof_schemas.validate.lines import Block, Line, has_longer_line, read_parts

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

JOIN = b'{"type":"join","username":"alice"}\n'
BAD = b'{"type":"join"}\n'
STARTED = datetime(2026, 1, 31, 14, 30, tzinfo=timezone.utc)


def validate(*words, stdin=b"", folder=None):
    command = [sys.executable, "-m", "chatproof_common.command_line.main", "validate", *map(str, words)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60, cwd=folder)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_patterns_are_expanded_and_may_reach_into_folders(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one.ndjson").write_bytes(JOIN)
    (tmp_path / "a" / "b" / "two.ndjson.gz").write_bytes(gzip.compress(BAD))
    (tmp_path / "[odd].ndjson").write_bytes(JOIN)
    code, out, err = validate("**/*.ndjson*", "[odd].ndjson", "no*.such", folder=tmp_path)
    assert code == 2
    assert out.startswith("a/b/two.ndjson.gz:1: /username: is missing")
    assert err.splitlines()[0].startswith("no*.such: matches no file")
    assert err.splitlines()[1] == "3 messages, 1 invalid", "one is both named and matched"


def test_a_file_that_several_patterns_match_is_read_once(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(JOIN)
    assert validate("*.ndjson", "a.*", "a.ndjson", folder=tmp_path)[2].startswith("1 message, 0 invalid")


def test_a_recording_may_begin_with_a_byte_order_mark(tmp_path):
    write_transcript(Transcript(events=[Event(0.0, "a", Kind.CLIENT_DATA, JOIN)]), file := tmp_path / "r.ndjson")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert validate(file)[2].startswith("1 message, 0 invalid")
    assert [event.data for event in read_transcript(file).events] == [JOIN]


def test_a_line_of_a_recording_without_an_end_is_named(tmp_path):
    write_transcript(Transcript(), file := tmp_path / "r.ndjson")
    file.write_bytes(file.read_bytes() + b'{"time":0,"event":"note","text":"' + b"x" * LONGEST_LINE)
    code, _, err = validate(file)
    assert (code, err.splitlines()[0]) == (
        2,
        f"{file}:2: is longer than {LONGEST_LINE} bytes; expected one event a line",
    )


def test_gzip_is_read_by_its_content_also_from_a_pipe_and_in_members():
    code, out, err = validate("-", stdin=gzip.compress(JOIN * 3) + gzip.compress(JOIN + BAD))
    assert (code, err.splitlines()[0]) == (1, "5 messages, 1 invalid")
    assert out.startswith("<stdin>:5: ")


def test_zstd_is_read_by_its_content_also_from_a_pipe_and_in_frames():
    code, out, err = validate("-", stdin=zstd.compress(JOIN * 3) + zstd.compress(JOIN + BAD))
    assert code == 1
    assert out.startswith("<stdin>:5: /username: is missing")
    assert err.startswith("5 messages, 1 invalid")


def test_what_is_left_of_damaged_zstd_is_judged_and_its_end_told():
    whole, more = zstd.compress(JOIN * 20_000), zstd.compress(BAD * 1000)
    code, _, err = validate("-", stdin=whole[:-3])
    assert (code, err.splitlines()[0].partition(": ")[2]) == (
        2,
        "ends in the middle of its compressed data; expected a whole file",
    )
    code, _, err = validate("-", stdin=whole + more[:8] + b"\xff" * 20)
    place, _, why = err.splitlines()[0].removeprefix("<stdin>:").partition(": ")
    assert code == 2
    assert why.startswith("has damaged zstd data (")
    assert int(err.splitlines()[1].split()[0]) == int(place) - 1 > 15_000


def test_what_reads_zstd_is_named_where_it_is_missing(tmp_path, monkeypatch):
    (file := tmp_path / "log.zst").write_bytes(zstd.compress(JOIN))
    for package in ("backports", "compression"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=r"compressed by zstd; .*chatproof\[zstd\].*zstd -dc FILE"), opened(str(file)):
        pass


def test_what_is_left_of_damaged_gzip_is_judged_and_its_end_told():
    lines = b"".join(b'{"type":"message","content":"%d"}\n' % number for number in range(20_000))
    whole = gzip.compress(lines)
    code, _, err = validate("-", stdin=whole[:-2000])
    place, _, why = err.splitlines()[0].removeprefix("<stdin>:").partition(": ")
    assert (code, why) == (2, "ends in the middle of its compressed data; expected a whole file")
    assert int(err.splitlines()[1].split()[0].replace(",", "")) == int(place) - 1 > 1000
    code, _, err = validate("-", stdin=whole[:-8] + bytes(8))
    assert code == 2
    assert "has damaged gzip data (CRC check failed" in err.splitlines()[0]


@given(st.lists(st.integers(0, 40)), st.booleans(), st.integers(1, 30))
def test_lines_are_the_same_however_a_stream_is_cut(lengths, ended, size):
    data = b"\n".join(b"x" * length for length in lengths) + (b"\n" if ended and lengths else b"")
    found = []
    for part in read_parts(Trickling(data, size), 20, data[:3]):
        if isinstance(part, Block):
            frames = part.data.split(b"\n")[:-1]
            found += [Line(part.number + at, frame[:21], len(frame)) for at, frame in enumerate(frames)]
        else:
            found.append(part)
    expected = data.split(b"\n")
    last = expected.pop()
    lines = [Line(number, frame[:21], len(frame)) for number, frame in enumerate(expected, 1)]
    lines += [Line(len(lines) + 1, last[:21], len(last), ended=False)] if last else []
    assert found == lines


@given(st.lists(st.integers(0, 12)), st.integers(0, 12))
def test_a_line_that_is_too_long_is_found_wherever_it_stands(lengths, limit):
    lines = b"".join(b"x" * length + b"\n" for length in lengths)
    assert has_longer_line(lines, limit) == any(length > limit for length in lengths)


class Trickling:
    """A stream that gives a few bytes at a time; its first three have been read."""

    def __init__(self, data, size):
        self.data = BytesIO(data[3:])
        self.size = size

    def read1(self, size):
        return self.data.read(min(size, self.size))


def recording(path, *events, framing="lf"):
    write_transcript(Transcript(framing, STARTED, settled=True, events=[Event(0.5, *event) for event in events]), path)
    return path


def test_frames_of_a_recording_are_put_together_by_connection_and_direction(tmp_path):
    path = recording(
        tmp_path / "run.ndjson",
        ("c1", Kind.OPEN),
        ("c1", Kind.CLIENT_DATA, b'{"type":"jo'),
        ("c2", Kind.CLIENT_DATA, BAD + JOIN),
        ("c1", Kind.SERVER_DATA, b'{"type":"system","message":"","timestamp":"14:30:25"}\n\n'),
        ("c1", Kind.CLIENT_DATA, b'in"}\n{"type":"join","username":"ann"}\n{"ty'),
        ("c1", Kind.CLOSE),
        ("", Kind.NOTE, b"told"),
    )
    code, out, err = validate(path)
    findings = [line.removeprefix(f"{path}:") for line in out.splitlines() if not line.startswith("    ")]
    assert [finding.split(" ")[0] for finding in findings] == ["4:", "5:", "3:"]
    assert findings[0].endswith("[invalid_message, connection c2, client to server]")
    assert findings[1].startswith("5: /message: is empty")
    assert findings[1].endswith("[invalid_message, connection c1, server to client]")
    assert f"{path}:6: note: the last frame of connection c1 from the client has no LF" in err
    assert (code, err.splitlines()[1]) == (1, "5 messages, 3 invalid")
    assert "1 message, 1 invalid" in validate(path, "--direction", "server")[2]


def test_the_direction_of_a_recording_is_known(tmp_path):
    # Either would be valid in the other direction.
    path = recording(
        tmp_path / "r", ("c", Kind.SERVER_DATA, JOIN), ("c", Kind.CLIENT_DATA, b'{"type":"system","message":"a"}\n')
    )
    code, out, _ = validate(path)
    assert code == 1
    assert 'is "join", which only a client sends' in out
    assert 'is "system", which only a server sends' in out


def test_objects_without_lf_are_frames_where_the_recording_says_so(tmp_path):
    path = recording(
        tmp_path / "r",
        ("c", Kind.CLIENT_DATA, b'{"type":"join","username":"ann"}'),
        ("c", Kind.SERVER_DATA, b'{"type":"error","message":"a"} {"type":"err'),
        ("c", Kind.SERVER_DATA, b'or","message":"}"}{"type":"error","message":""}'),
        framing="none",
    )
    code, out, err = validate(path)
    assert (code, err.splitlines()[0]) == (1, "4 messages, 1 invalid")
    assert out.startswith(f"{path}:4: /message: is empty")


def test_a_recording_that_is_none_further_on_is_told(tmp_path):
    path = recording(tmp_path / "r", ("c", Kind.CLIENT_DATA, JOIN + BAD))
    path.write_bytes(path.read_bytes() + b'{"time":1,"event":"shout"}\n')
    code, out, err = validate(path)
    assert (code, out.count("is missing")) == (2, 1)
    assert err.startswith(f'{path}:3: has event "shout"; expected one of open, client, ')


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux does")
def test_memory_does_not_grow_with_the_input():
    script = (
        "import resource, sys; from chatproof_common.command_line.main import main; code = main(['validate', '-']); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    line = json.dumps({"type": "message", "content": "é" * 50, "more": 1}).encode() + b"\n"
    peaks = []
    for count in (2_000, 12_000):
        done = subprocess.run([sys.executable, "-c", script], input=line * count, capture_output=True, check=True)
        peaks.append(int(done.stderr.splitlines()[-1]))
    assert peaks[1] < peaks[0] + 4_000
