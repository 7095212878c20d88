"""No command overwrites what it reads, nor one of its outputs by another."""

import json
import subprocess

import pytest

from chatproof_common.command_line.program import PROGRAM
from chatproof_schemas.transcript import write_transcript
from support.commands import chatproof
from support.made_reports import traffic
from support.recordings import recording

TAP = ["tap", "--to", "127.0.0.1:1", "--seconds", "0.2"]


@pytest.fixture
def folder(tmp_path):
    """A folder with a recording, a file of messages and a baseline; by another name each, too."""
    events = recording(*((one.connection, one.kind, one.data) for one in traffic()))
    write_transcript(events, tmp_path / "run.ndjson")
    (tmp_path / "messages").write_text('{"type":"join","username":"ann"}\n')
    (tmp_path / "known.json").write_text(json.dumps({"chatproof": "baseline", "version": 1, "known": []}))
    for name in ("run.ndjson", "messages", "known.json"):
        (tmp_path / f"link-{name}").symlink_to(name)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["validate", "messages", "--output", "messages"],
        ["validate", "mess*", "--output", "./link-messages"],
        ["check", "--transcript", "run.ndjson", "--report", "json=run.ndjson"],
        ["check", "--transcript", "run.ndjson", "--report", "html=new,md=link-run.ndjson"],
        ["check", "--transcript", "run.ndjson", "--write-baseline", "link-run.ndjson"],
        ["check", "--baseline", "known.json", "--report", "json=known.json"],
        ["check", "--baseline", "known.json", "--server-log", "link-known.json"],
        ["check-client", "--baseline", "known.json", "--report", "json=known.json"],
        [*TAP, "--baseline", "known.json", "--record", "link-known.json"],
        [*TAP, "--baseline", "known.json", "--pcap", "known.json"],
        ["replay", "run.ndjson", "--save", "run.ndjson"],
        ["replay", "link-run.ndjson", "--save", "run.ndjson"],
        ["compare", "run.ndjson", "known.json", "--html", "run.ndjson"],
        ["compare", "run.ndjson", "a=known.json", "--md", "link-known.json"],
    ],
)
def test_what_is_read_is_left_alone(folder, words):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, printed = chatproof(*words, folder=folder)
    assert code == 2, printed
    assert "would overwrite" in printed.splitlines()[-1]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--report", "json=out,html=./out"],
        ["check", "--report", "json=out", "--write-baseline", "out"],
        ["check", "--report", "json=out", "--server-log", "out"],
        ["check-client", "--report", "json=out", "--write-baseline", "sub/../out"],
        [*TAP, "--record", "out", "--report", "json=out"],
        [*TAP, "--record", "out", "--pcap", "./out"],
        ["compare", "messages", "known.json", "--html", "out", "--md", "out"],
        ["bench", "127.0.0.1:1", "--json", "out", "--svg", "out"],
    ],
)
def test_two_outputs_are_two_files(folder, words):
    (folder / "sub").mkdir()
    code, printed = chatproof(*words, folder=folder)
    assert code == 2, printed
    assert "give each a file of its own" in printed.splitlines()[-1]
    assert not (folder / "out").exists()


def test_a_baseline_may_be_updated(folder):
    words = ["check", "--transcript", "run.ndjson", "--baseline", "known.json", "--write-baseline", "known.json"]
    code, printed = chatproof(*words, folder=folder)
    assert code == 1, printed
    assert json.loads((folder / "known.json").read_text())["known"]


def test_what_cannot_be_written_at_the_end_is_named(folder):
    code, printed = chatproof("check", "--transcript", "run.ndjson", "--report", "json=/dev/full", folder=folder)
    assert code == 2
    why = "--report json=/dev/full: cannot be written: No space left on device"
    assert printed.splitlines()[-1] == f"chatproof check: {why}"


def test_a_command_that_would_print_into_what_it_reads_is_refused(folder):
    words = ["sh", "-c", '"$@" >> messages', "sh", *PROGRAM, "validate", "messages"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    why = "standard output: would overwrite messages, which is read; give it a file of its own"
    assert (done.returncode, done.stderr) == (2, f"chatproof validate: {why}\n")
