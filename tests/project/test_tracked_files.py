"""What the files of the project keep to: size, and no trace of one machine."""

import re
import shutil
import subprocess

import pytest

from support.paths import ROOT

MOST_LINES = 500
MAY_BE_LONGER = {"docs/chatproof.1", "schemas/chatproof_schemas/SPEC.md"}
"""What is generated for programs, and the one text that must stay one."""
# In two parts, so that this file does not find itself.
MACHINE = re.compile(
    "|".join([r"(?<![\w.])/" + r"(?:root|home|work|Users|workspace)/\w", r"pypi\." + "org", r"npmjs\." + "org"])
)


@pytest.fixture(scope="module")
def files():
    """The text files that belong to the project: the tracked ones, or in an archive without git all of them."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if path.is_file() and not set(path.parts) & {".venv", "__pycache__"}]
    found = {path: path.read_bytes() for path in paths if path.is_file()}
    assert len(found) > 100
    return {path.relative_to(ROOT): data.decode() for path, data in found.items() if b"\0" not in data}


def test_no_file_is_too_long_to_read(files):
    sizes = {str(path): text.count("\n") for path, text in files.items() if "independent" not in path.parts}
    long = {path: size for path, size in sizes.items() if size > MOST_LINES}
    assert {path: size for path, size in long.items() if path not in MAY_BE_LONGER} == {}


def test_no_file_knows_one_machine(files):
    hits = {f"{path}: {hit[0]}" for path, text in files.items() for hit in MACHINE.finditer(text)}
    assert hits == set()


@pytest.mark.skipif(not shutil.which("git") or not (ROOT / ".git").exists(), reason="no clone of git's")
def test_every_text_file_has_lf_in_any_clone():
    """Scripts with CR LF do not run, and a clone on Windows would make them so: each file must be told not to."""
    listed = subprocess.run(["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=4) for line in listed.splitlines()]
    assert len(rows) > 100
    bad = [row for row in rows if row[0] not in ("i/lf", "i/none", "i/-text") or "eol=lf" not in " ".join(row[2:4])]
    assert bad == []


def test_no_lock_file_is_kept(files):
    assert [
        path for path in files if path.name in {"package-lock.json", "poetry.lock", "uv.lock", "Pipfile.lock"}
    ] == []


def test_every_module_says_what_it_is(files):
    modules = {path: text for path, text in files.items() if path.suffix == ".py" and path.parts[0] != "tests"}
    modules = {path: text for path, text in modules.items() if "independent" not in path.parts}  # kept as they came
    assert [str(path) for path, text in modules.items() if text and not text.startswith(('"""', 'r"""'))] == []
