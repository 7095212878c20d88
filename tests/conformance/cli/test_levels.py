"""``--level N`` of a server in the making: what it does not do yet is not held against what it does."""

import sys
from pathlib import Path

import pytest

GROWING = f"{sys.executable} {Path(__file__).with_name('growing_server.py')} {{port}}"


def failed(done):
    return {line.split()[1] for line in done.stdout.splitlines() if line.startswith(("FAIL ", "WARNING "))}


def test_a_server_at_a_level_reaches_it(run_check):
    done = run_check("--command", f"{GROWING} 1", "--level", "3")
    assert (done.returncode, failed(done)) == (0, set()), done.stdout
    assert "Level 3 of 8: a talk; next: names (JOIN-4, " in done.stdout


@pytest.mark.parametrize(
    ("leaves", "actual"),
    [(2, 'system "'), pytest.param(0, "nothing of it", marks=pytest.mark.long)],  # 10 s are given for a leave notice
)
def test_what_the_level_needs_is_named_alone(run_check, leaves, actual):
    done = run_check("--command", f"{GROWING} {leaves}", "--level", "3")
    assert (done.returncode, failed(done)) == (1, {"LEAVE-1"}), done.stdout
    assert f"  actual    {actual}" in done.stdout
    assert "   1. LEAVE-1 " in done.stdout.split("Mend first")[1]
    assert "Level 2 of 8: frames however they arrive; next: a talk (LEAVE-1)" in done.stdout
    assert "time limit" not in done.stdout
