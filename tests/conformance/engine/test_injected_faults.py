"""A sample of what ``tests/faults`` injects: a run in which something of ours fails never ends in a verdict."""

import os
import shutil
import subprocess
import sys

import pytest

from support.paths import ROOT

FAULTS = ROOT / "tests" / "faults"


def inject(*words):
    """Inject faults, unmeasured: what measures coverage makes calls, too, and need not own up."""
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, timeout=900, env=unmeasured
    )


@pytest.mark.long("makes some sixty short runs, each with another fault")
@pytest.mark.skipif(sys.version_info < (3, 12), reason="the calls of a program are seen by PEP 669, of Python 3.12")
@pytest.mark.parametrize(("runs", "sample"), [(["plain", "stop"], 20), (["client"], 20), (["tap"], 20)])
def test_no_call_that_raises_ends_in_a_verdict(runs, sample):
    done = inject(FAULTS / "inject.py", "--one", "--seed", "1", "--sample", str(sample), "--runs", *runs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{sample} faults\n" in done.stdout
    assert "'owned up'" in done.stdout


@pytest.mark.needs("strace")
@pytest.mark.long("makes some twenty short runs under strace")
@pytest.mark.parametrize("run", ["plain", "tap"])
def test_no_system_call_that_fails_ends_in_a_verdict(run):
    assert shutil.which("strace")
    done = inject(FAULTS / "system_calls.py", "--seed", "1", "--sample", "8", "--runs", run)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("8 faults in ")
