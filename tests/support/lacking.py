"""Runs programs as if the system were Windows, as far as tests/support/windows/sitecustomize.py imitates it."""

import os
import subprocess
import sys

from support.asking import APART
from support.paths import ROOT

LACKING = ROOT / "tests" / "support" / "windows"
TEN_MINUTES = 600
CHATPROOF = [sys.executable, "-m", "chatproof_common.command_line.main"]


def lacking_environment(*more, **variables):
    """Return an environment in which Python lacks what Windows does, and ``more`` of what sitecustomize.py can take."""
    lacks = {"CHATPROOF_LACKS": ",".join(more)} if more else {}
    path = os.pathsep.join(map(str, filter(None, [LACKING, os.environ.get("PYTHONPATH")])))
    return {**os.environ, "LOCALAPPDATA": os.environ["XDG_CACHE_HOME"], **lacks, **variables, "PYTHONPATH": path}


def run_lacking(words, *more, folder, text=b"", **variables):
    """Run a Python program of these words to its end; return what it has printed as bytes, and its exit code."""
    return subprocess.run(
        words,
        cwd=folder,
        env=lacking_environment(*more, **variables),
        input=text,
        capture_output=True,
        timeout=TEN_MINUTES,
        check=False,
    )


def chatproof_lacking(*words, folder, more=(), text=b"", **variables):
    """Run a command of chatproof so; return its exit code, its output and its errors."""
    done = run_lacking([*CHATPROOF, *map(str, words)], *more, folder=folder, text=text, **variables)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def start_lacking(words, *more, folder, **streams):
    """Start one that goes on."""
    return subprocess.Popen(words, cwd=folder, env=lacking_environment(*more), **APART, **streams)
