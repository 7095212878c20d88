"""The benchmark of generated traffic measures, and says in one line why it cannot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import RUN_SERVER

BENCHMARK = Path(__file__).with_name("generated_traffic.py")
SECONDS = 120


def measure(*options):
    program = [sys.executable, BENCHMARK]
    return subprocess.run([*program, *options], capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.mark.long("measures, for as long as that takes")
def test_it_measures_a_server_beside_what_limits_it(tmp_path):
    figures = tmp_path / "figures.json"
    done = measure(
        "--command", f"{sys.executable} {RUN_SERVER} baseline --port {{port}}", "--rounds", "1", "--json", figures
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(figures.read_text("utf-8"))
    assert 0 < measured["steps"] < measured["hypothesis"]
    assert min(measured["bursts"], measured["round_trips"]) > 0
    assert sum(measured["shares"].values()) == pytest.approx(1)
    assert f"{measured['steps']:,.0f} /s" in done.stdout


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("no-such-program {port}", "no-such-program"),
        (f"{sys.executable} -c 0 {{port}}", "exit status 0"),
        pytest.param(
            f"{sys.executable} {RUN_SERVER} private-to-everyone --port {{port}}",
            "expected nothing of a private message",
            marks=pytest.mark.long("measures until it finds that"),
        ),
    ],
    ids=["no program", "it ends at once", "it is wrong"],
)
def test_it_says_in_a_line_why_it_cannot(command, why):
    done = measure("--command", command, "--rounds", "1")
    assert done.returncode == 2
    assert done.stderr.startswith("cannot measure: ")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
