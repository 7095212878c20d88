"""What the single file does before our command runs, with a small package in place of ours."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.paths import ROOT

PYZ = ROOT / "distribution" / "pyz"
MAIN = """\
import chatproof_common, sys

def start():
    print(chatproof_common.__file__, *sys.argv[1:])
"""


def make(file, main=MAIN):
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(PYZ / "__main__.py", "__main__.py")
        archive.write(PYZ / "unpacking.py", "unpacking.py")
        archive.write(ROOT / "common/chatproof_common/system/cache_folder.py", "cache_folder.py")
        for folder in ("chatproof_common", "chatproof_common/command_line"):
            archive.writestr(f"site/{folder}/__init__.py", "# a comment, so that it has a size")
        archive.writestr("site/chatproof_common/command_line/start.py", main)
    return file


@pytest.fixture
def archive(tmp_path):
    return make(tmp_path / "chatproof.pyz")


@pytest.fixture
def start(tmp_path, archive):
    """Runs the file as a user does whose cache and temporary files are in folders of the test."""
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}

    def start(*words, **more):
        return subprocess.run(
            [sys.executable, archive, *words],
            env=environment | more,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return start


def folders_of(done):
    return Path(done.stdout.split()[0]).parents[1]


def test_it_is_unpacked_once_and_runs_from_there(start, tmp_path):
    done = start("check", "a b")
    assert (done.returncode, done.stderr) == (0, "")
    folder = folders_of(done)
    assert folder.parent == tmp_path / "cache" / "chatproof" / "pyz"
    assert done.stdout.endswith("chatproof_common/__init__.py check a b\n")
    written = (folder / "chatproof_common" / "__init__.py").stat().st_mtime_ns
    assert start().returncode == 0
    assert (folder / "chatproof_common" / "__init__.py").stat().st_mtime_ns == written
    assert [path for path in folder.rglob("*") if path.suffix not in {".py", ".pyc", ""}] == []


def test_what_is_lost_or_cut_off_is_unpacked_again(start):
    folder = folders_of(start())
    (folder / "chatproof_common" / "__init__.py").unlink()
    (folder / "chatproof_common" / "command_line" / "start.py").write_text("", encoding="utf-8")
    assert (folder, start().returncode) == (folders_of(start()), 0)


def test_another_build_has_another_folder(start, archive):
    first = folders_of(start())
    make(archive, MAIN + "# newer\n")
    assert folders_of(start()) != first


def test_several_at_once_do_not_disturb_each_other(archive, tmp_path):
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"]}
    words = [sys.executable, str(archive)]
    running = [
        subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(6)
    ]
    printed = {one.communicate(timeout=60)[0] for one in running}
    assert (len(printed), {one.returncode for one in running}) == (1, {0})


@pytest.mark.parametrize("home", ["/dev/null/nowhere", None])
def test_without_a_cache_it_takes_a_folder_of_the_user_among_the_temporary_files(start, tmp_path, home):
    more = {"XDG_CACHE_HOME": "", "HOME": home} if home else {"XDG_CACHE_HOME": "/dev/null/nowhere"}
    done = start(**more)
    assert (done.returncode, done.stderr) == (0, "")
    assert folders_of(done).parent == (own := tmp_path / f"chatproof-{os.getuid()}")
    assert own.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_could_have_filled_is_refused(start, tmp_path):
    (own := tmp_path / f"chatproof-{os.getuid()}").mkdir()
    own.chmod(0o777)
    done = start(XDG_CACHE_HOME="/dev/null/nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("chatproof: ")
    assert done.stderr.endswith(f"cannot be unpacked: {own} is another user's, or others may write there\n")


def test_a_damaged_file_says_so(start, archive):
    data = bytearray(archive.read_bytes())
    data[data.rindex(b"argv[1:]")] ^= 1  # in main.py, which is stored as it is
    archive.write_bytes(data)
    done = start()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"chatproof: {archive} is damaged; download it again\n"


def test_an_old_python_says_what_it_needs(archive, tmp_path):
    # An old one is not at hand everywhere: this one says that it is one.
    pretend = f"import sys, runpy; sys.version_info = (3, 9, 18); sys.argv = [{str(archive)!r}]; "
    words = [sys.executable, "-c", f"{pretend}runpy.run_path({str(archive)!r}, run_name='__main__')"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "chatproof needs Python 3.10 or newer; this is Python 3.9.18\n")
