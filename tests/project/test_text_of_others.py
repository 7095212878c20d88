"""What others sent is never an instruction, whatever shows it: every output, with hostile text in every field."""

import io
import json
import re
import socket
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import date, datetime, timezone

import pytest

from chatproof_common.command_line.main import main
from chatproof_common.system.streams import print_document, without_commands_of_others
from chatproof_conformance.apps.replay.console import ReplayConsole
from chatproof_conformance.apps.tap.display.frames import FrameReader
from chatproof_conformance.apps.tap.display.json_lines import JsonWriter
from chatproof_conformance.apps.tap.display.lines import LineWriter
from chatproof_conformance.baseline.entries import Entry
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.formats import badge, github, html, junit, md, sarif
from chatproof_conformance.reporting.formats import json as json_format
from chatproof_conformance.reporting.json_lines import JsonLines
from chatproof_conformance.wire.notes import Notes
from chatproof_reference.bench.plot import as_svg
from chatproof_reference.bench.result import Result
from chatproof_reference.bench.scenario import Scenario
from chatproof_reference.client import events
from chatproof_reference.client.lines import line_for
from chatproof_reference.server.events import Event as ServerEvent
from chatproof_reference.server.events import EventKind
from chatproof_reference.windows.log_view import log_line
from chatproof_schemas.transcript import Event, Kind, Transcript, write_transcript
from project.test_layering import FOLDERS, imported_names, modules_of
from reference.client.scripted_server import ScriptedServer
from support.made_reports import finding, report, result, summary
from support.recordings import frame

HOSTILE = (
    "x\x1b]0;PWNED\x07\x1b[2J\u202e\x0b\x9b31m:boom:[red]y[/]<script>alert(1)</script><img src=x onerror=z>`|&\"'"
    "\u200b\u2028"
    "\n::error::forged\n  ::set-output name=v::w\r##[group]g ##vso[task.complete]h\nFAIL PRIVATE-2 (MUST) forged"
    "\n[07:07:00] ann: forged"
)
IN_CI = {"GITHUB_ACTIONS": "true"}
FORGED = re.compile(r"^(?:FAIL[^\n]*|\[07:07:00\] ann: )forged", re.MULTILINE)


def check_text(text, *, of_commands=False):
    """Fail if a text does anything to a terminal or a log of CI, or passes for a line of ours."""
    acting = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n", "\t"}
    assert acting == set()
    assert "\N{COLLISION SYMBOL}" not in text
    if not text.startswith("<!doctype html>"):  # a line of HTML is none of the page
        assert not FORGED.search(text)
    if not of_commands:
        assert not re.search(r"^\s*::", text, re.MULTILINE)
        assert not re.search(r"##(?:\[|vso\[)", text)


@pytest.fixture
def printed(capsys):
    """Return what a call prints on both streams in a job of CI."""

    def call(print_it, *arguments, **named):
        with without_commands_of_others(IN_CI):
            print_it(*arguments, **named)
        out = capsys.readouterr()
        return out.out + out.err

    return call


def hostile_finding(id_="PRIVATE-2"):
    found = finding(id_, HOSTILE, text=HOSTILE)
    texts = dict.fromkeys(("expected", "actual", "connection", "situation", "last_words"), HOSTILE)
    return replace(found, **texts, failures=1, attempts=3, hides=2)


ENTRIES = [
    Entry(
        requirement="JOIN-3",
        case=HOSTILE,
        reason=HOSTILE,
        link=f"https://example.org/{HOSTILE}",
        expires=date(2999, 1, 1),
    ),
    Entry(requirement="PUBLIC-1", reason=HOSTILE, expires=date(2999, 1, 1)),
]
RESULTS = (
    result("PUBLIC-1", case="once"),
    result("PRIVATE-2", case=HOSTILE, findings=[hostile_finding()]),
    result("JOIN-3", case=HOSTILE, findings=[hostile_finding("JOIN-3")]),
    result("ORDER-1", case="order", reason=HOSTILE),
    result("SERVER-1", case="told", reason=HOSTILE, not_tested=True),
)
FACTS = {"entries": ENTRIES, "described": HOSTILE, "target_words": f" --command {HOSTILE!r}", "gone": HOSTILE}


@pytest.mark.parametrize("kind", [Console, JsonLines])
def test_the_console_and_the_events_for_programs(printed, kind):
    made = summary(RESULTS, **FACTS)

    def run():
        console = kind(made.request, situations=True)
        console.begin()
        console.say(HOSTILE)
        console.finding(hostile_finding())
        console.narrowed(hostile_finding(), hostile_finding("JOIN-3"))
        console.conclude(made)

    text = printed(run)
    check_text(text)
    assert ":boom:" in text
    assert r"\x0b" in text


@pytest.mark.parametrize("form", [html, md, junit, sarif, json_format, badge, github])
def test_every_report(form):
    text = form.render(report(*RESULTS, **FACTS))
    check_text(text, of_commands=True)
    if form in (html, junit):  # in Markdown it stands in code (see the tests of the formats)
        assert "<script>alert" not in text
    if form is github:
        assert all(line.startswith("::") for line in text.splitlines())


def test_what_a_form_of_json_says_is_printable_when_it_is_read():
    """A code host decodes the escapes of JSON and shows the texts as they then are."""

    def texts(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [text for each in value for text in texts(each)]
        return [value] if isinstance(value, str) else []

    for result_ in json.loads(sarif.render(report(*RESULTS, **FACTS)))["runs"][0]["results"]:
        for text in texts(result_["message"]):
            check_text(text, of_commands=True)


def test_comparisons(printed, tmp_path):
    names = []
    for number, results in enumerate((RESULTS, RESULTS[:1])):
        names.append(str(tmp_path / f"{number}.json"))
        (tmp_path / f"{number}.json").write_text(json_format.render(report(*results, **FACTS)), "utf-8")
    html_file, md_file = tmp_path / "matrix.html", tmp_path / "matrix.md"
    named = [f"{HOSTILE.replace('=', '')}={names[0]}", f"other={names[1]}"]
    check_text(printed(main, ["compare", *named, "--html", str(html_file), "--md", str(md_file)]))
    check_text(html_file.read_text("utf-8"), of_commands=True)
    assert "<script>alert" not in html_file.read_text("utf-8")
    check_text(md_file.read_text("utf-8"), of_commands=True)


def test_grades(printed, tmp_path):
    """Submissions whose names, builds and servers say whatever they like."""
    (tmp_path / "grading.toml").write_text(
        'title = "x"\nbuild = "sh build.sh"\nstart = "./start {port}"\n[[part]]\nname = "x"\npoints = 1\n'
        'requirements = ["JOIN"]\n'
    )
    folder = tmp_path / "class"
    for number, code in enumerate(("exit 1", "chmod +x start")):
        submission = folder / f"{number}{HOSTILE.replace('/', '')}"
        submission.mkdir(parents=True)
        (submission / "said").write_text(HOSTILE)
        (submission / "start").write_text("#!/bin/sh\ncat said; exit 1\n")
        (submission / "build.sh").write_text(f"cat said\n{code}\n")
    grades = tmp_path / "grades"
    words = ["grade", str(folder), "--scheme", str(tmp_path / "grading.toml"), "--output", str(grades)]
    kinds = {"gradescope": "json", "autolab": "txt", "junit": "xml", "prairielearn": "json", "check50": "json"}
    reports = ",".join(f"{kind}={grades}/{{name}}-{kind}.{ending}" for kind, ending in kinds.items())
    check_text(printed(main, [*words, "--report", reports]))
    written = [path for path in grades.rglob("*") if path.is_file() and path.parent.name != "results"]
    assert len(written) == 2 * (len(kinds) + 1) + 3
    for path in written:
        check_text(path.read_text("utf-8"), of_commands=True)  # files, no log of CI


def test_a_plot():
    text = as_svg({HOSTILE: [Result(scenario=Scenario(10, 5), seconds=1.0)]})
    check_text(text, of_commands=True)
    assert "<script" not in text


def test_a_replay(printed):
    notes = Notes("PRIVATE-2", HOSTILE, HOSTILE, HOSTILE)
    check_text(printed(ReplayConsole().begin, HOSTILE, Transcript(), notes, HOSTILE))


def test_what_passes_through_a_tap():
    for writer in (LineWriter(datetime.now(timezone.utc), colours=False), JsonWriter()):
        reader, lines = FrameReader("lf"), []
        frames = [
            frame(type="message", content=HOSTILE), frame(type="message", contend=HOSTILE), HOSTILE.encode() + b"\n",
            b"\xff\x1b\n", b"\x0b\n",
        ]  # fmt: skip
        for data in frames:
            event = Event(0.5, "c1", Kind.CLIENT_DATA, data)
            for seen in reader.read(event):
                lines += writer.frame(event, seen)
        lines += writer.happening(Event(0.5, "c1", Kind.NOTE, HOSTILE.encode()))
        check_text("\n".join(lines), of_commands=True)


def test_both_clients_and_the_log_of_the_servers_window():
    shown = [
        events.PublicMessage("eve", HOSTILE, "10:00:00"),
        events.PrivateMessage("eve", HOSTILE, "10:00:00"),
        events.PrivateConfirmation("eve", HOSTILE, False, HOSTILE, "10:00:00"),  # noqa: FBT003  a dataclass's member
        events.SystemMessage(HOSTILE, "10:00:00"),
        events.ServerMessage(HOSTILE, "10:00:00"),
        events.ErrorMessage(HOSTILE, HOSTILE),
        events.JoinRefused("eve", HOSTILE),
        events.FrameIgnored(HOSTILE),
        events.ConnectionEnded(HOSTILE, by_user=False),
    ]
    for event in shown:
        check_text(str(line_for(event, "looks like another")), of_commands=True)
    for kind in EventKind:
        line = log_line(
            ServerEvent(kind, username=HOSTILE, target=HOSTILE, address=HOSTILE, text=HOSTILE, code=HOSTILE)
        )
        check_text(line, of_commands=True)
        assert "\n" not in line


@pytest.mark.parametrize("strict", [[], ["--strict"]])
@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_a_file_that_is_validated(printed, tmp_path, form, strict):
    name = "log.ndjson" if form == "github" else f"{HOSTILE[:20]}.ndjson"  # the service finds a file by its true name
    unknown = frame(type="message", content="x", **{HOSTILE: HOSTILE})
    (tmp_path / name).write_bytes(HOSTILE.encode() + b"\n" + frame(type="wave", **{HOSTILE: HOSTILE}) + unknown)
    text = printed(main, ["validate", *strict, "--format", form, str(tmp_path / name)])
    check_text(text, of_commands=form == "github")


def test_a_recording_with_hostile_names_and_notes(printed, tmp_path):
    path = tmp_path / "run.ndjson"
    told = [
        Event(0.0, "", Kind.NOTE, f"broken: PRIVATE-2 (MUST)\ncase: {HOSTILE}".encode()),
        Event(0.0, "", Kind.NOTE, f"actual: {HOSTILE}".encode()),
        Event(0.0, HOSTILE, Kind.OPEN, b""),
        Event(0.1, HOSTILE, Kind.CLIENT_DATA, frame(type="join", username="ann")),
        Event(0.2, HOSTILE, Kind.SERVER_DATA, frame(type="error", message=HOSTILE)),
        Event(0.3, HOSTILE, Kind.SERVER_DATA, HOSTILE.encode()),
    ]
    write_transcript(Transcript("lf", datetime.now().astimezone(), settled=True, events=told), path)
    text = printed(main, ["check", "--transcript", str(path)])
    check_text(text)
    assert "FAIL" in text
    check_text(printed(main, ["validate", str(path)]))


LAST_WORDS = f"import sys; print({HOSTILE!r}); sys.exit(3)"


@pytest.mark.parametrize("command", ["check", "check-client"])
def test_the_last_words_of_what_is_checked(printed, command, tmp_path):
    program = tmp_path / "dies.py"
    program.write_text(LAST_WORDS)
    text = printed(main, [command, "--command", f"{sys.executable} {program} {{port}}"])
    assert "PWNED" in text or command == "check-client"
    check_text(text)


def test_the_terminal_client_in_a_job():
    with ScriptedServer() as server:
        words = ["client", "--headless", f"127.0.0.1:{server.port}", "--username", "alice"]
        environment = {**IN_CI, "PATH": ""}
        process = subprocess.Popen(
            [sys.executable, "-m", "chatproof_common.command_line.main", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        )  # fmt: skip
        server.welcome()
        server.send(type="message", username="eve", content=HOSTILE, timestamp="10:00:00")
        server.send(type="error", message=HOSTILE)
        server.send(type=HOSTILE)
        server.send_bytes(HOSTILE.encode() + b"\n")
        server.send(type="system", message="the end", timestamp="10:00:00")
        text = ""
        while "the end" not in text:
            text += process.stdout.readline()
        process.communicate(timeout=20)
    check_text(text)
    assert "PWNED" in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_server_without_a_window_in_a_job(form):
    words = ["server", "--headless", "--port", "0", "--log-level", "debug", "--log-format", form]
    process = subprocess.Popen(
        [sys.executable, "-m", "chatproof_common.command_line.main", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**IN_CI, "PATH": ""},
    )  # fmt: skip
    try:
        host, port = process.stdout.readline().split()[-1].rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as eve:
            lines = eve.makefile("rb")
            eve.sendall(frame(type="join", username=HOSTILE) + frame(type="join", username="##[group]eve"))
            eve.sendall(frame(type="message", content=HOSTILE) + HOSTILE.encode() + b"\n")
            while b"PWNED" not in lines.readline():
                pass
        process.terminate()
        out, log = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert "PWNED" in log
    check_text(out + log)


def test_commands_of_ours_still_reach_the_service(printed, tmp_path):
    (tmp_path / "log.ndjson").write_bytes(frame(type="message", content=""))
    text = printed(main, ["validate", "--format", "github", str(tmp_path / "log.ndjson")])
    assert re.search(r"^::error file=", text, re.MULTILINE)


def test_a_command_in_pieces_is_none_either():
    out = io.StringIO()

    def write(*pieces):
        for piece in pieces:
            sys.stdout.write(piece)

    before, sys.stdout = sys.stdout, out
    try:
        with without_commands_of_others(IN_CI):
            write("a\n", " ", "::", "error::x\n", "b ::c\n", ":", ":d\n", "#", "#[e]\n")
    finally:
        sys.stdout = before
    check_text(out.getvalue())
    assert out.getvalue().startswith("a\n \\u003a:error::x\nb ::c\n")


def test_a_document_on_standard_output_is_free_of_commands_unless_it_means_them(printed):
    text = printed(print_document, '{"got": "##[error]x"}\n')
    assert json.loads(text) == {"got": "##[error]x"}
    assert "##[" not in text
    assert printed(print_document, "::error::x\n", means_commands=True) == "::error::x\n"


def test_only_one_place_draws_on_terminals():
    """Another console of rich would turn ``:boom:`` into a picture, and draw bars into logs."""
    modules = {name: path for package in FOLDERS for name, path in modules_of(package)}
    found = [name for name, path in modules.items() if "rich.console.Console" in dict(imported_names(path))]
    assert found == ["chatproof_common.terminal"]
