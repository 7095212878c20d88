"""Who may import whom: packages, the floors inside the harness, no circle anywhere; ARCHITECTURE.md says why."""

import ast
import graphlib
import sys
from importlib.metadata import files, requires

import pytest
from packaging.requirements import Requirement

from support.paths import CLIENTS, ROOT, SERVERS

FOLDERS = {
    "chatproof_common": "common",
    "chatproof_schemas": "schemas",
    "chatproof_reference": "reference",
    "chatproof_conformance": "conformance",
}
BELOW = {
    "chatproof_common": set(),
    "chatproof_schemas": {"chatproof_common"},
    "chatproof_reference": {"chatproof_common", "chatproof_schemas"},
    "chatproof_conformance": {"chatproof_common", "chatproof_schemas"},
}
"""The packages that each may import besides itself."""

FLOORS = (
    {"core", "explanations", "space"},
    {"wire", "baseline"},
    {"judges"},
    {"endpoints", "reporting"},
    {"engine"},
    {"apps"},
    {"cli", "pytest_plugin"},
)
"""The floors of the harness, from the ground up: a room imports itself and rooms on lower floors, no other."""

LATER = {"tomllib", "compression"}
"""What the standard library has since Python 3.11 or 3.14; before, a package that we declare stands for it."""

PROGRAMS = "implementations"
"""Not on any floor: programs that the harness starts; they import the standard library and each other."""


WITH_EXTRAS = {
    "chatproof_conformance.apps.watch": "watch",
    "chatproof_reference.server.cluster": "cluster",
    "chatproof_reference.server.metrics": "metrics",
    "chatproof_schemas.validate.inputs": "zstd",
}
"""What may import what an extra brings: nothing else imports it before it is known to be there."""


def modules_of(package):
    """Yield the modules of a package with their paths, the programs under test left out."""
    folder = ROOT / FOLDERS[package] / package
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        if PROGRAMS not in parts[:-1]:
            yield ".".join(parts).removesuffix(".__init__"), path


def imported_names(path):
    """Yield what a module imports, in functions and for types too: each dotted name, and its line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: imports name modules from the root"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def import_graph():
    """Return for each module of the project the modules of the project that it imports, with the line."""
    paths = {name: path for package in FOLDERS for name, path in modules_of(package)}
    graph = {}
    for module, path in paths.items():
        graph[module] = found = {}
        for name, line in imported_names(path):
            # `from package import name`: a module of the package, or something in it.
            target = name if name in paths else name.rpartition(".")[0]
            if target in paths and target != module:
                found[target] = line
    return graph


def declared_modules(extra=""):
    """Return the modules of the distributions that the project says it depends on, or an extra needs besides."""
    needed = [Requirement(line) for line in requires("chatproof") or []]
    wanted = f'extra == "{extra}"' if extra else ""
    needed = [
        need for need in needed if (wanted in str(need.marker) if extra else "extra" not in str(need.marker or ""))
    ]
    # What another Python needs is not installed here; its module has its name.
    given = {"extra": extra}
    elsewhere = {need.name for need in needed if need.marker is not None and not need.marker.evaluate(given)}
    # Not packages_distributions(): on Python 3.10 it knows only those that list their modules.
    names = [need.name for need in needed if need.name not in elsewhere]
    modules_elsewhere = {name.partition(".")[0] for name in elsewhere}
    return modules_elsewhere | {file.parts[0].removesuffix(".py") for name in names for file in files(name) or []}


def first_parts(path, root):
    return ((name.partition(".")[0], f"{path.relative_to(root)}:{line}") for name, line in imported_names(path))


@pytest.mark.parametrize("package", FOLDERS)
def test_a_package_imports_only_what_its_layer_may(package):
    found = [(module, *pair) for module, path in modules_of(package) for pair in first_parts(path, ROOT)]
    assert len(found) > 20, "the walk has found the package"
    allowed = set(sys.stdlib_module_names) | LATER | declared_modules() | BELOW[package] | {package}
    extra = {room: declared_modules(name) for room, name in WITH_EXTRAS.items()}
    more = {module: set().union(*(extra[room] for room in extra if module.startswith(room))) for module, *_ in found}
    assert [f"{where} imports {name}" for module, name, where in found if name not in allowed | more[module]] == []


@pytest.mark.parametrize("folder", [SERVERS, CLIENTS], ids=lambda folder: folder.name)
def test_the_programs_under_test_import_only_the_standard_library_and_each_other(folder):
    paths = sorted(folder.rglob("*.py")) + sorted((folder.parent / "common").rglob("*.py"))
    own = {part for path in paths for part in path.relative_to(folder.parent).with_suffix("").parts}
    found = [pair for path in paths for pair in first_parts(path, ROOT)]
    assert len(found) > 20
    allowed = set(sys.stdlib_module_names) | own
    assert [f"{where} imports {name}" for name, where in found if name not in allowed] == []


def climbs(graph):
    """Return the imports of the harness that do not go down."""
    floor_of = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    found = []
    for module, imports in graph.items():
        for target, line in imports.items():
            above, below = (name.split(".")[1:2] for name in (module, target))
            if not module.startswith("chatproof_conformance.") or not below or above == below:
                continue
            if target.startswith("chatproof_conformance.") and floor_of[below[0]] >= floor_of[above[0]]:
                found.append(f"{module}:{line} imports {target}")
    return found


def circle(graph):
    """Return the modules of a circle of imports, empty if there is none."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_every_room_of_the_harness_is_on_a_floor():
    rooms = {name.split(".")[1] for name, _ in modules_of("chatproof_conformance") if "." in name}
    assert rooms == set().union(*FLOORS)
    assert len(FLOORS) <= 9


def test_no_import_of_the_harness_goes_up():
    graph = import_graph()
    assert len(graph) > 300, "the walk has found the packages"
    assert climbs(graph) == []


def test_no_imports_run_in_a_circle():
    assert circle(import_graph()) == []


def test_what_the_rules_forbid_is_seen(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("if TYPE_CHECKING:\n    from chatproof_reference.wire import x\ndef late():\n    import a.b\n")
    assert list(imported_names(bad)) == [("chatproof_reference.wire.x", 2), ("a.b", 4)]
    core, wire = "chatproof_conformance.core.x", "chatproof_conformance.wire.y"
    assert climbs({wire: {core: 1}}) == []
    assert climbs({core: {wire: 1}}) == [f"{core}:1 imports {wire}"]
    assert climbs({"chatproof_conformance.space.x": {core: 1}}) != []
    assert circle({core: {wire: 1}, wire: {core: 1}}) != []
