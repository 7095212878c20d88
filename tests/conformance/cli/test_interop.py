"""``chatproof interop`` as its user runs it: the exit codes, the files, Ctrl+C, and what is said of wrong options."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatproof_common.system.descendants import find_tagged, new_tag
from support.commands import run_command
from support.paths import CLIENTS, RUN_SERVER

CHATPROOF = Path(sys.executable).with_name("chatproof")
MOST_SECONDS_TO_END = 3
"""A second on a machine with nothing else to do."""
PYTHON = f"{sys.executable} -S -E"


def manifest(folder, servers, clients, **more):
    """Write implementations.toml; names are those of the catalogue."""
    tables = [
        f'[[server]]\nname = "{name}"\ncommand = \'{PYTHON} {RUN_SERVER} {name} --port {{port}}\'\nannounce = "stdin"\n'
        for name in servers
    ]
    tables += [f"[[client]]\nname = '{name}'\ncommand = '{PYTHON} {CLIENTS / 'run.py'} {name}'\n" for name in clients]
    tables += [f"[[server]]\nname = '{name}'\ncommand = '{command}'\n" for name, command in more.items()]
    (folder / "implementations.toml").write_text("\n".join(tables), "utf-8")


def interop(folder, *words, environment=None):
    return run_command("interop", "implementations.toml", *words, folder=folder, environment=environment)


def test_all_is_green_and_every_report_is_written(tmp_path):
    manifest(tmp_path, ["threads"], ["client-threads", "client-baseline"])
    summary = tmp_path / "summary.md"
    reports = "--report=html=out/a.html,json=out/a.json,md=out/a.md"
    done = interop(tmp_path, "--seed=5", reports, environment=os.environ | {"GITHUB_STEP_SUMMARY": str(summary)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All understand each other: 3 chats." in done.stdout
    assert done.stdout.count("✓ works") == 3
    assert "again: chatproof interop implementations.toml --seed=5" in done.stdout
    report = json.loads((tmp_path / "out" / "a.json").read_text("utf-8"))
    assert (report["seed"], report["totals"]["works"]) == (5, 3)
    assert "<h1" in (tmp_path / "out" / "a.html").read_text("utf-8")
    assert (tmp_path / "out" / "a.md").read_text("utf-8") == summary.read_text("utf-8")


def test_a_red_cell_names_who_with_the_frames_and_is_saved(tmp_path):
    manifest(tmp_path, ["private-to-everyone"], ["client-threads"])
    done = interop(tmp_path, "--save=wrong", "--report=json=-")
    assert done.returncode == 1
    assert "server private-to-everyone breaks PRIVATE-2 (MUST)" in done.stderr
    assert re.search(r'✗ client-threa-\d ← \{"type":"private_message"', done.stderr)
    (chat,) = json.loads(done.stdout)["chats"]
    assert [one["requirement"] for one in chat["breaches"]] == ["PRIVATE-2"]
    again = run_command("check", "--transcript", chat["saved"], "PRIVATE-2", folder=tmp_path)
    assert (again.returncode, "FAIL PRIVATE-2" in again.stdout) == (1, True)


def test_what_has_changed_against_an_earlier_run(tmp_path):
    manifest(tmp_path, ["threads"], ["client-threads"])
    assert interop(tmp_path, "--report=json=main.json").returncode == 0
    text = (tmp_path / "implementations.toml").read_text("utf-8")
    (tmp_path / "implementations.toml").write_text(
        text.replace("run.py threads", "run.py private-to-everyone"), "utf-8"
    )
    done = interop(tmp_path, "--against=main.json", "--report=md=comment.md")
    assert done.returncode == 1
    assert re.search("Against the run of .*: 1 worse; 0 as before", done.stdout)
    assert "now broken: PRIVATE-2 by server threads" in (tmp_path / "comment.md").read_text("utf-8")


def test_a_choice_and_one_that_does_not_start(tmp_path):
    manifest(tmp_path, ["threads"], ["client-threads"], lost="./nothing {port}")
    done = interop(tmp_path, "--only", "lost")
    assert done.returncode == 2
    assert "server lost: the command cannot be run: No such file or directory: ./nothing" in done.stdout
    assert "Of 1 chat, 1 could not be had." in done.stdout
    assert interop(tmp_path, "--only=threads", "--only=client-threads").returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--report=junit=a.xml"], "--report junit=a.xml: interop writes html, json and md"),
        (["--only=nobody"], "nobody is called nobody; known: client-threads, threads"),
        (["--against=missing.json"], "missing.json: cannot be read: No such file or directory"),
        (["--report=json=implementations.toml"], "would overwrite implementations.toml"),
        (["--report=json=-", "--report=md=-"], "is given twice"),
        (["--jobs=0"], "argument --jobs"),
    ],
)
def test_wrong_options_are_said_before_anything_is_started(tmp_path, words, said):
    manifest(tmp_path, ["threads"], ["client-threads"])
    done = interop(tmp_path, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_missing(tmp_path):
    done = interop(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "implementations.toml: cannot be read: No such file" in done.stderr


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(tmp_path):
    manifest(tmp_path, ["threads", "late-by-100-ms", "baseline"], ["client-late-by-100-ms", "client-threads"])
    name, value = new_tag()
    process = subprocess.Popen(
        [CHATPROOF, "interop", "implementations.toml", "--jobs=3", "--report=json=a.json"],
        cwd=tmp_path,
        env=os.environ | {name: value},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    give_up = time.monotonic() + 60
    while len(find_tagged(f"{name}={value}")) < 6:  # itself, servers and drivers
        assert time.monotonic() < give_up
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130, out
    assert time.monotonic() - asked < MOST_SECONDS_TO_END
    assert "Traceback" not in out
    assert find_tagged(f"{name}={value}") == set()
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["ended_early"] is True
    assert "were not tried" in out


def test_the_line_that_repeats_can_be_run(tmp_path):
    manifest(tmp_path, ["confirms-twice"], ["client-threads"])
    done = interop(tmp_path, "--seed=3")
    line = re.search(r"repeat +(chatproof .*)", done.stdout)[1]
    words = shlex.split(line)
    assert words[:2] == ["chatproof", "interop"]
    again = run_command(*words[1:], folder=tmp_path)
    assert (again.returncode, "confirms-twice breaks CONFIRM-1" in again.stdout) == (1, True)
