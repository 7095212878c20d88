"""Who may know whom: reference -> schemas <- conformance; the servers of tests/servers know only each other."""

import ast
import sys
from importlib.metadata import files, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PACKAGES = ("chatproof_schemas", "chatproof_reference", "chatproof_conformance")
FOLDERS = {"chatproof_schemas": "schemas", "chatproof_reference": "reference", "chatproof_conformance": "conformance"}
ALLOWED = {
    "chatproof_schemas": {"chatproof_schemas"},
    "chatproof_reference": {"chatproof_reference", "chatproof_schemas"},
    "chatproof_conformance": {"chatproof_conformance", "chatproof_schemas"},
}


def imports_of(folder):
    """Yield the top-level names that the modules of a folder import, with where."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                yield from ((alias.name.partition(".")[0], where) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield (node.module or "").partition(".")[0], where


def declared_modules():
    """Return the modules of the distributions that the project says it depends on, without any extra."""
    needed = [Requirement(line) for line in requires("chatproof") or []]
    names = [need.name for need in needed if "extra" not in str(need.marker or "")]
    # Not packages_distributions(): on Python 3.10 it knows only those that list their modules.
    return {file.parts[0].removesuffix(".py") for name in names for file in files(name) or []}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_its_layer_may(package):
    found = list(imports_of(ROOT / FOLDERS[package] / package))
    assert len(found) > 20, "the walk has found the package"
    allowed = set(sys.stdlib_module_names) | declared_modules() | ALLOWED[package]
    assert [f"{where} imports {name}" for name, where in found if name not in allowed] == []


def test_the_servers_import_only_the_standard_library_and_each_other():
    folder = ROOT / "tests" / "servers"
    own = {path.stem for path in folder.rglob("*.py")} | {path.name for path in folder.rglob("*") if path.is_dir()}
    found = list(imports_of(folder))
    assert len(found) > 20
    allowed = set(sys.stdlib_module_names) | own
    assert [f"{where} imports {name}" for name, where in found if name not in allowed] == []


def test_an_import_across_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "bad.py").write_text("def late():\n    from chatproof_reference.wire import x\n")
    assert list(imports_of(tmp_path)) == [("chatproof_reference", "bad.py:2")]
