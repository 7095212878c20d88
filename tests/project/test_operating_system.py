"""What differs from one operating system to another stands in one room; what is forbidden here is asked of it."""

import ast

from project.test_layering import FOLDERS, ROOT, imported_names, modules_of

ROOM = "chatproof_common.system"
MODULES = {
    "ctypes",
    "fcntl",
    "msvcrt",
    "pty",
    "resource",
    "select",
    "selectors",
    "shlex",
    "signal",
    "subprocess",
    "termios",
}
MEMBERS = {
    "os": {
        *("dup2", "fork", "kill", "killpg", "name", "pipe", "sched_getaffinity", "sched_setaffinity", "set_blocking"),
        *("setsid", "strerror", "uname", "waitpid"),
    },
    "sys": {"platform"},
    # The loop of Windows watches no sockets, or starts no processes; and none of its signals is heeded in a loop.
    "asyncio": {"create_subprocess_exec", "create_subprocess_shell", "run"},
    "socket": {"SO_EXCLUSIVEADDRUSE", "SO_LINGER", "SO_REUSEADDR", "create_server"},
}
EXCEPTIONS = {
    # The benchmark's programs are measured, or measure, as what they are: no more than the standard library.
    "chatproof_reference.bench.flood": {"socket.create_server"},
    "chatproof_reference.bench.tutorial_server": {"socket.create_server"},
}


def uses_of_the_system(path):
    """Yield what a module uses that only the room may, each with its line."""
    members = {f"{module}.{name}" for module, names in MEMBERS.items() for name in names}
    for name, line in imported_names(path):
        if name.partition(".")[0] in MODULES or name in members:
            yield name, line
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (name := f"{node.value.id}.{node.attr}") in members:
                yield name, node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/proc"):
            yield "/proc", node.lineno


def test_only_one_room_touches_the_operating_system():
    modules = {name: path for package in FOLDERS for name, path in modules_of(package)}
    in_the_room = [name for name in modules if name.startswith(ROOM)]
    assert len(in_the_room) > 5, "the walk has found the room"
    assert sum(bool(list(uses_of_the_system(modules[name]))) for name in in_the_room) > 5, "and what it uses"
    found = [
        f"{path.relative_to(ROOT)}:{line} uses {used}"
        for name, path in modules.items()
        if name not in in_the_room
        for used, line in uses_of_the_system(path)
        if used not in EXCEPTIONS.get(name, ())
    ]
    assert found == []


def test_every_exception_is_one():
    modules = {name: path for package in FOLDERS for name, path in modules_of(package)}
    for name, excepted in EXCEPTIONS.items():
        assert {used for used, _ in uses_of_the_system(modules[name])} == excepted


def test_what_is_forbidden_is_seen(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from os import kill\ndef f():\n    import select\n    os.strerror(sys.platform)\n    return f'/proc/{1}'\n"
    )
    assert {used for used, _ in uses_of_the_system(bad)} == {
        *("os.kill", "select", "os.strerror", "sys.platform", "/proc"),
    }
