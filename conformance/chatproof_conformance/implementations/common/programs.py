"""Servers and clients that are no class on the baseline but programs of their own."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from common.entry import Entry

PYTHON = [sys.executable, "-S", "-E"]


class Program(NamedTuple):
    """One program: its entry, and a function that returns the words that start it, compiled first if it has to be."""

    entry: Entry
    words: Callable[[], list[str]]


def find_program(programs: list[Program], name: str) -> list[str] | None:
    """Return the words that start a program; None if there is none of that name.

    Raises:
        RuntimeError: a tool that it needs is missing, or it does not compile.
    """
    for entry, words in programs:
        if entry.name == name:
            for tool in entry.needs:
                if shutil.which(tool) is None:
                    raise RuntimeError(f"{name} needs {tool}, which is not installed")
            return words()
    return None


def java(source: Path) -> list[str]:
    """Return the words that start a Java program of one file, which is compiled first.

    Raises:
        RuntimeError: it does not compile.
    """
    classes = compiled(source, ["javac", "-d", "{folder}", "{source}"])
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", str(classes), source.stem]


def compiled(source: Path, compiler: list[str]) -> Path:
    """Return a folder with the compiled source; compiles only what has changed."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    folder = Path(tempfile.gettempdir()) / f"chatproof-servers-{user}" / f"{source.stem}-{digest}"
    if folder.exists():
        return folder
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = tempfile.mkdtemp(dir=folder.parent)
    words = [word.format(folder=fresh, source=source) for word in compiler]
    try:
        done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)  # noqa: S603  our own compiler words
        if done.returncode:
            raise RuntimeError(f"{source.name} does not compile: {done.stderr.strip()}")
        with contextlib.suppress(OSError):  # another start was faster
            Path(fresh).rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder
