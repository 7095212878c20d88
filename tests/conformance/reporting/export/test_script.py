"""The standalone scripts of failures, run as a server's author would: no installation, an empty folder."""

import subprocess
import sys

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.export.saving import recording_of
from chatproof_conformance.reporting.export.script import standalone_script
from chatproof_conformance.reporting.export.template import MOST_STEPS
from chatproof_schemas import requirements
from support.commands import running, save
from support.recordings import join, notice, recording


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """The script of a failure at a server that answers blank lines."""
    path = save(tmp_path_factory.mktemp("saved"), "blank-line-refused", "FRAME-7")["FRAME-7"]
    return path.with_suffix(".py")


def run(script, *words, folder):
    """Run a script with nothing but the standard library in sight."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def script_of(folder, *events, framing="lf"):
    expected, actual = 'a """text"""\\', "{braces} and 'quotes'\n"
    finding = Finding("LEAVE-2", expected, actual, case="a_case", events=recording(*events).events)
    path = folder / "script.py"
    path.write_text(standalone_script(finding, recording_of(finding, framing)), "utf-8")
    return path


def test_the_failure_shows_at_the_faulty_server(script, tmp_path):
    with running("blank-line-refused") as address:
        code, output = run(script, address, folder=tmp_path)
    assert code == 0, output
    traffic, told, _ = output.partition("\nexpected  ")
    assert '"type":"error"' in traffic
    assert told
    assert "\nactual    " in output
    assert list(tmp_path.iterdir()) == []


def test_the_failure_does_not_show_at_a_right_server(script, tmp_path):
    errors = {}
    for name in ("baseline", "blank-line-refused"):
        with running(name) as address:
            code, output = run(script, address, folder=tmp_path)
        assert code == 0, output
        errors[name] = output.partition("\nexpected  ")[0].count('"type":"error"')
    assert errors["baseline"] < errors["blank-line-refused"]


def test_it_says_what_is_broken_and_stays_short(script):
    text = script.read_text("utf-8")
    body = text[: text.index("STEPS")] + text[text.index("\n]\n") :]
    assert len(body.splitlines()) <= 85
    assert "FRAME-7 (SHOULD)" in text
    assert "".join(requirements()["FRAME-7"].sentence.split()) in "".join(text.split())
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names


def test_ends_and_bytes_of_every_kind_are_played(tmp_path):
    script = script_of(
        tmp_path,
        ("ann", "open"),
        ("ann", "client", join("ann")),
        ("ann", "server", notice("ann")),
        ("bob", "open"),
        ("bob", "client", join("bob") + b"\xff\x00'\"\\ {}\n"),
        ("bob", "server", notice("bob")),
        ("bob", "reset"),
        ("ann", "server", notice("bob") + notice("bob", "left")),
        ("ann", "half_close"),
        ("ann", "server_close"),
        ("ann", "close"),
    )
    with running("baseline") as address:
        code, output = run(script, address, folder=tmp_path)
    assert code == 0, output
    assert "bob left the chat" in output
    assert "the end of the stream" in output
    assert "{braces}" in output


def test_frames_without_line_ends_are_counted(tmp_path):
    events = [("a", "open"), ("a", "client", b"{}"), ("a", "server", b'{"a":1}{"b":2}')]
    script = script_of(tmp_path, *events, framing="none")
    text = script.read_text()
    namespace = {}
    start = text.index("def count_frames")
    exec(text[start : text.index("\n\n", start)], namespace)  # noqa: S102  the line that is tested
    assert namespace["count_frames"](b'{"a":1}{"b":2}') == 2


def test_bad_words_and_no_server_are_said_in_a_line(script, tmp_path):
    code, output = run(script, folder=tmp_path)
    assert code == 1
    assert output.startswith("usage: ")
    code, output = run(script, "127.0.0.1:1", folder=tmp_path)
    assert code == 2
    assert "cannot open" in output
    assert "Traceback" not in output


def test_a_recording_too_long_to_be_read_makes_no_script():
    events = recording(*[("a", "client", b"x\n")] * (MOST_STEPS + 1)).events
    finding = Finding("LOAD-2", "x", "y", case="a_case", events=events)
    assert standalone_script(finding, recording_of(finding, "lf")) is None
