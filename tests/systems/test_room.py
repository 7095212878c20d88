"""The contract of the room for the operating system, where what Windows lacks is taken away; and its job object."""

import ctypes
import sys

from chatproof_common.system import job
from support.lacking import run_lacking
from support.paths import ROOT


def test_the_room_keeps_its_contract(tmp_path):
    contract = ROOT / "tests" / "common" / "system" / "test_contract.py"
    words = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", f"--rootdir={ROOT}"]
    done = run_lacking([*words, "-c", str(ROOT / "pyproject.toml"), str(contract)], folder=tmp_path)
    out = done.stdout.decode()
    assert done.returncode == 0, out + done.stderr.decode()
    assert "failed" not in out
    assert "skipped" not in out


def test_a_job_object_is_laid_out_as_windows_has_it():
    """Of a program of 64 bits: by the offsets in winnt.h."""
    assert ctypes.sizeof(ctypes.c_void_p) == 8
    basic = job.BasicLimits
    assert (basic.flags.offset, basic.most_processes.offset, basic.affinity.offset) == (16, 40, 48)
    assert ctypes.sizeof(basic) == 64
    assert job.ExtendedLimits.counters.offset == 64
    assert ctypes.sizeof(job.ExtendedLimits) == 144
