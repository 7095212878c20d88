"""The sdist, the wheel and the single file: built twice they are the same, and the single file needs only a Python."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from support.paths import ROOT, RUN_SERVER

LEFT_OUT = (
    *(".git", ".venv*", ".nox", "build", "dist", "__pycache__", "*.egg-info", "node_modules"),
    *(".hypothesis", ".*_cache"),
)
PEOPLE = [(0o022, "UTC", "1"), (0o077, "Asia/Kolkata", "2")]
"""Two that build it, each in a folder, at a time and on a machine of their own: umask, time zone, seed of hashes."""
RUN_TESTS = """\
import sys
sys.path.insert(0, sys.argv[1])
import pytest, rpds
assert rpds.__file__ == sys.argv[1] + "/rpds.py"
addopts = ["-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider", "--noconftest"]
sys.exit(pytest.main([*addopts, "tests/schemas/test_vectors.py"]))
"""
"""Runs tests with the dependencies that are in the single file, and nothing else."""
ALONE = [sys._base_executable, "-I", "-S"]  # noqa: SLF001  the Python that our environment is made of, and no package
pytestmark = pytest.mark.long("builds the project twice, with what it depends on")


class Builder:
    """Somebody who builds the project."""

    def __init__(self, folder, umask, zone, seed):
        self.project, self.dist = folder / "project", folder / "dist"
        self._umask = umask
        self._environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed}
        shutil.copytree(ROOT, self.project, ignore=shutil.ignore_patterns(*LEFT_OUT), copy_function=self._copy)

    def _copy(self, source, target):
        shutil.copyfile(source, target)  # so it is as old as this copy
        Path(target).chmod(Path(source).stat().st_mode & ~self._umask)

    def run(self, *words):
        subprocess.run(
            words, cwd=self.project, env=self._environment, umask=self._umask, check=True, capture_output=True
        )

    def build(self, backend):
        """Build all files, and return their digests by name."""
        self.run(backend, "-m", "hatchling", "build", "-d", self.dist)
        (wheel,) = self.dist.glob("*.whl")
        self.run(sys.executable, "distribution/pyz/build.py", self.dist / "chatproof.pyz", "--wheel", wheel)
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in self.dist.iterdir()}


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    """A Python with what builds ours, as pip has it for each build."""
    folder = tmp_path_factory.mktemp("backend")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "-q", "install", "hatchling"], check=True, capture_output=True)
    return python


@pytest.fixture(scope="module")
def builders(tmp_path_factory):
    return [Builder(tmp_path_factory.mktemp(f"builder{umask}"), umask, *more) for umask, *more in PEOPLE]


@pytest.fixture(scope="module")
def digests(builders, backend):
    return [one.build(backend) for one in builders]


@pytest.fixture(scope="module")
def dist(builders, digests):
    return builders[0].dist


def test_two_builds_are_equal(digests):
    first, second = digests
    assert sorted(name.rpartition(".")[2] for name in first) == ["gz", "pyz", "whl"]
    assert first == second


def test_the_wheel_of_the_sdist_is_the_same_and_the_sdist_has_the_tests(dist, backend, digests, tmp_path):
    (sdist,) = dist.glob("*.tar.gz")
    shutil.unpack_archive(sdist, tmp_path, filter="data")
    (project,) = tmp_path.iterdir()
    subprocess.run(
        [backend, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again"],
        cwd=project,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "again").iterdir()
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == digests[0][wheel.name]
    words = ["-n", "0", "tests/project/test_tracked_files.py", "tests/schemas/test_decoding.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *words], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def environment(tmp_path):
    return {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}


def run_alone(*words, **more):
    return subprocess.run([*ALONE, *words], capture_output=True, text=True, check=False, **more)


def test_the_single_file_needs_a_python_and_nothing_else(dist, environment, tmp_path):
    assert "No module named 'jsonschema'" in run_alone("-c", "import jsonschema").stderr
    (empty := tmp_path / "empty").mkdir()
    words = ["check", "--level", "1", "--budget", "1", "--seed", "1"]
    done = run_alone(dist / "chatproof.pyz", *words, cwd=empty, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The server conforms." in done.stdout
    assert list(empty.iterdir()) == []


def test_it_says_how_it_is_run_again(dist, environment, tmp_path):
    command = f"{sys.executable} -S -E {RUN_SERVER} private-to-everyone --port {{port}}"
    words = ["check", "PRIVATE-2", "--fail-fast", "--command", command, "--format", "dense"]
    done = run_alone(dist / "chatproof.pyz", *words, cwd=tmp_path, env=environment)
    assert done.returncode == 1, done.stderr
    assert f"{Path(ALONE[0]).name} {dist / 'chatproof.pyz'} check --command" in done.stdout


def test_its_dependencies_in_python_judge_the_vectors_as_the_compiled_ones_do(dist, environment, tmp_path):
    assert run_alone(dist / "chatproof.pyz", "--version", env=environment).returncode == 0
    (site,) = (tmp_path / "cache" / "chatproof" / "pyz").iterdir()
    done = run_alone("-c", RUN_TESTS, site, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^=+ \d+ passed", done.stdout, re.MULTILINE)
