"""``chatproof validate`` as its user meets it: files and pipes in, findings and exit codes out."""

import gzip
import json
import os
import subprocess
import sys

import pytest

from chatproof_schemas import FrameVerdict, vectors
from chatproof_schemas.transcript import Event, Kind, Transcript, transcript_lines

JOIN = b'{"type":"join","username":"alice"}'
NOTICE = b'{"type":"system","message":"alice joined the chat","timestamp":"14:30:25"}'


def run(*words, stdin=b"", **options):
    return subprocess.run(
        [sys.executable, "-m", "chatproof_common.command_line.main", "validate", *map(str, words)],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        **options,
    )


def findings(done):
    """Return the errors without the excerpts below them."""
    lines = done.stdout.decode().splitlines()
    return [line for line in lines if not line.startswith("    ") and ": note: " not in line]


def piped(data, *words):
    done = run(*words, "-", stdin=data)
    assert b"Traceback" not in done.stderr
    return done


def test_valid_messages_of_both_directions():
    done = piped(JOIN + b"\r\n\n \t\r\n" + NOTICE + b"\n")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == "2 messages, 0 invalid\n  valid:   join 1, system 1\n"


def test_finding_names_file_line_column_path_fault_and_remedy(tmp_path):
    path = tmp_path / "log.ndjson"
    path.write_bytes(JOIN + b'\n\n{"type":"join","username":"' + b"a" * 33 + b'"}\n')
    done = run(path)
    assert done.returncode == 1
    said = "/username: is 33 code points long; expected 1 to 32 code points"
    assert findings(done) == [f"{path}:3:27: {said} [username_invalid, client to server]"]
    excerpt, mark = done.stdout.decode().splitlines()[1:]
    assert excerpt[mark.index("^")] == '"'


def test_columns_are_code_points_and_the_mark_stands_below_wide_characters():
    done = piped('{"type":"message","content":"艾达","x":NaN}\n'.encode())
    assert findings(done)[0].startswith("<stdin>:1:38: /x: has NaN")
    excerpt, mark = done.stdout.decode().splitlines()[1:]
    # Two of the characters before the mark are two columns wide.
    assert excerpt[mark.index("^") - 2 :].startswith("NaN")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"type":"message","content":"\xff"}', ":1:30: message: has the byte 0xFF, which is not UTF-8 here"),
        (b'{"type":"message","content":"hi",}', ":1:33: message: has a trailing comma"),
        (b"\x00\x01\x02", ":1:1: message: has U+0000 (NULL); expected one JSON object"),
        (b"hello", ":1:1: message: has hello; expected one JSON object"),
        (b"[]", ":1: message: is an array; expected an object"),
        (b"{}", ":1: /type: is missing; expected one of join"),
        (b'{"type":"message"}', ":1: /content: is missing; expected a string of at least 1 code point"),
        (b'{"type":"server","message":1,"timestamp":"14:30:25"}', ":1:28: /message: is a number; expected a string"),
        (JOIN[:-1] + b" " * 9000 + b"}", ":1: message: is 9034 bytes long; expected at most 8192 bytes"),
        (JOIN[:-1] + b" " * 2000 + b"}", ":1: message: is 2034 bytes long; expected at most 1024 bytes"),
        (b"[" * 8000, ":1"),
    ],
)
def test_each_bad_line_is_a_finding_and_the_next_is_judged(line, fault):
    done = piped(line + b"\n" + JOIN + b"\n")
    assert done.returncode == 1
    assert findings(done)[0].startswith("<stdin>" + fault)
    assert done.stderr.decode().splitlines()[:2] == ["2 messages, 1 invalid", "  valid:   join 1"]


@pytest.mark.parametrize(("direction", "code"), [("client", 0), ("server", 1), ("any", 0)])
def test_direction(direction, code):
    assert piped(JOIN + b"\n", "--direction", direction).returncode == code


def test_the_direction_that_fits_best_is_told():
    done = piped(b'{"type":"message","username":"alice","content":"hi"}\n{"type":"message","content":""}\n')
    assert "client to server" in findings(done)[-1]
    done = piped(
        b'{"type":"private_message","sender":5,"content":"hi","timestamp":"14:30:25"}\n', "--direction", "server"
    )
    assert findings(done)[0].startswith("<stdin>:1:36: /sender: is a number")
    assert findings(done)[0].endswith("[invalid_message]")


def test_a_last_line_without_lf_is_judged_and_noted():
    done = piped(JOIN + b"\n" + JOIN)
    assert done.returncode == 0
    assert "<stdin>:2: note: the last line has no LF" in done.stderr.decode()
    assert "2 messages, 0 invalid" in done.stderr.decode()


def test_all_vectors_in_one_stream():
    compared = [vector for vector in vectors() if vector.direction.value == "client" and len(vector.verdicts) == 1]
    done = piped(b"".join(vector.frame + b"\n" for vector in compared), "--direction", "client")
    numbers = {int(line.split(":")[1]) for line in findings(done)}
    invalid = {n for n, vector in enumerate(compared, 1) if vector.verdicts != (FrameVerdict.VALID,)}
    assert numbers == invalid
    assert done.returncode == 1


@pytest.mark.parametrize("direction", ["client", "server", "any"])
def test_an_unknown_type_is_refused_only_where_its_receiver_refuses_it(direction):
    done = piped(b'{"type":"shout"}\n', "--direction", direction)
    said = done.stdout.decode().splitlines()[0]
    if direction == "client":
        assert said.startswith(
            '<stdin>:1:9: /type: is "shout"; expected one of join, message, private_message [unknown_type'
        )
    else:
        assert said.startswith('<stdin>:1:9: note: /type: is "shout"; expected one of message,')
    assert done.returncode == (direction == "client")


def test_output_has_no_control_characters_and_no_colour():
    done = piped(b'{"type":"\\u001b[31m\\u202e"}\n\x1b[2J\n{"type":"join","username":"\xe2\x80\xae"}\n')
    assert all(char.isprintable() or char == "\n" for char in done.stdout.decode())


def test_unreadable_files_are_told_and_the_others_judged(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad\x1b[2J"
    good.write_bytes(JOIN + b"\n")
    bad.write_bytes(b"no\n")
    done = run(good, tmp_path / "missing", tmp_path, bad)
    assert done.returncode == 2
    errors = done.stderr.decode().splitlines()
    assert errors[0] == f"{tmp_path}/missing: cannot be read: No such file or directory"
    assert errors[1].startswith(f"{tmp_path}: is a directory; expected a file with one message a line")
    assert errors[2] == "2 messages, 1 invalid"
    assert findings(done)[0].startswith(f"{tmp_path}/bad\\x1b[2J:1:1: ")


@pytest.mark.parametrize(
    ("data", "what"),
    [(JOIN.decode().encode("utf-16-le"), "looks like UTF-16LE, not UTF-8"), (b"PK\x03\x04", "zip"), (b"BZh9", "bzip2")],
)
def test_what_is_no_text_is_one_clear_error(data, what):
    done = piped(data + b"\n\n\n")
    assert done.returncode == 2
    assert what in done.stderr.decode().splitlines()[0]
    assert done.stdout == b""


@pytest.mark.parametrize(
    ("value", "command"), [({"type": "message"}, "jq -c ."), ([{"type": "message"}], "jq -c '.[]'")]
)
def test_json_over_several_lines_is_one_clear_error(value, command):
    done = piped(json.dumps(value, indent=2).encode())
    assert done.returncode == 2
    assert f"is JSON over several lines (try `{command} FILE" in done.stderr.decode().splitlines()[0]
    assert done.stdout == b""


def test_a_broken_first_line_does_not_make_json_over_several_lines():
    done = piped(b"{\n" + JOIN + b"\n")
    assert done.returncode == 1
    assert "2 messages, 1 invalid" in done.stderr.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space as Linux does")
def test_an_endless_line_needs_no_memory():
    limited = f"ulimit -v 1000000; exec {sys.executable} -m chatproof_common.command_line.main validate -"
    script = f"head -c 1500000000 /dev/zero | sh -c '{limited}'"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=False, timeout=120)
    assert done.stdout.startswith(b"<stdin>:1: message: is 1500000000 bytes long;")


def test_a_console_that_lacks_a_character_shows_its_escape():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = run("-", "--direction", "client", stdin='{"type":"é"}\n'.encode(), env=environment)
    assert done.returncode == 1
    assert rb'is "\xe9"' in done.stdout


@pytest.mark.parametrize("data", [b"", b"\n \n", gzip.compress(b"", mtime=0)])
def test_nothing_to_validate_is_no_good_news(data):
    done = piped(data)
    told = b"<stdin>: holds no message: nothing was validated\n0 messages, 0 invalid\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_of_several_files_the_one_without_a_message_is_named(tmp_path):
    (empty := tmp_path / "empty.ndjson").write_bytes(b"")
    (full := tmp_path / "full.ndjson").write_bytes(b'{"type":"message","content":"hi"}\n')
    done = run(full, empty)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[:2] == [
        f"{empty}: holds no message: nothing was validated",
        "1 message, 0 invalid",
    ]


def test_a_recording_without_messages_of_a_direction_says_whose(tmp_path):
    (file := tmp_path / "r.ndjson").write_bytes(
        b"".join(transcript_lines(Transcript(events=[Event(0, "a", Kind.OPEN)])))
    )
    done = run(file, "--direction", "client")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        f"{file}: holds no message from a client: nothing was validated".encode(),
    )


def test_without_a_file_the_usage_names_standard_input():
    done = run()
    assert done.returncode == 2
    assert b"error: the following arguments are required: FILE|-\n" in done.stderr
