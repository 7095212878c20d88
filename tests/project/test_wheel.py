"""What is in the wheel, and that it works with nothing else there."""

import re
import subprocess
import sys
import zipfile

import pytest

from support.paths import ROOT

SOURCES = {
    "common/chatproof_common": "chatproof_common",
    "schemas/chatproof_schemas": "chatproof_schemas",
    "reference/chatproof_reference": "chatproof_reference",
    "conformance/chatproof_conformance": "chatproof_conformance",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, as pip builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ["pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run([sys.executable, "-m", *words], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def members(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def expected_members():
    for folder, place in SOURCES.items():
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT / folder)
            hidden = any(part.startswith(".") or part in {"__pycache__", "node_modules"} for part in inside.parts)
            if path.is_file() and not hidden:
                yield f"{place}/{inside.as_posix()}"


def test_the_wheel_has_every_file_of_the_packages_and_of_what_selftest_tries(members):
    packaged = {name for name in members if not re.search(r"\.(dist-info|data)/", name)}
    assert packaged == set(expected_members())


def test_the_wheel_has_what_is_no_code(members):
    for name in (
        "chatproof_schemas/SPEC.md",
        "chatproof_schemas/client.schema.json",
        "chatproof_schemas/server/private_confirmation.schema.json",
        "chatproof_schemas/vectors/client-join.json",
        "chatproof_schemas/py.typed",
        "chatproof_reference/py.typed",
        "chatproof_conformance/py.typed",
        "chatproof_conformance/implementations/servers/run.py",
        "chatproof_conformance/implementations/clients/run.py",
    ):
        assert name in members


def test_the_wheel_has_the_manual_page_where_man_looks(members):
    beside = [name for name in members if ".data/" in name]
    assert [name.partition("/")[2] for name in beside] == ["data/share/man/man1/chatproof.1"]


def test_the_tests_are_not_in_it(members):
    assert [name for name in members if re.search(r"conftest|original_server|test_check", name)] == []


def test_the_wheel_alone_checks_its_server_and_leaves_no_file(wheel, tmp_path):
    # The wheel itself is put on the path first; what it depends on is there already.
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (empty := tmp_path / "empty").mkdir()
    start = f"import sys; sys.path.insert(0, {str(site)!r}); import chatproof_common as common; print(common.__file__)"
    place = subprocess.run([sys.executable, "-c", start], cwd=empty, capture_output=True, text=True, check=True).stdout
    assert place.startswith(str(site))
    words = ["check", "PRIVATE-2"]
    run = f"{start}; from chatproof_common.command_line.main import main; sys.exit(main({words!r}))"
    done = subprocess.run([sys.executable, "-c", run], cwd=empty, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(empty.iterdir()) == []
