"""A confined program: what it may, what it must not, and that nothing of it is left; with and without namespaces."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from chatproof_common.system.confinement import cell, kernel, landlock, launcher, namespaces
from chatproof_common.system.confinement.limits import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there programs of others are confined")
ALLOWED = {True: namespaces.is_allowed(launcher.ALONE), False: True}
LIMITS = Limits(memory=256, processes=64, files=64, disk=16, output=1, cpu=20)
NOBODY = 40_123 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Another in each worker: the system counts what a user runs, and limits that."""


@pytest.fixture(params=[True, False], ids=["alone", "without namespaces"])
def confined(request, tmp_path_factory):
    """Return a function that runs a program confined; it returns the finished process and the notes."""
    if not ALLOWED[request.param]:
        pytest.skip("the system lets this process have no namespaces of its own")
    with_folder = tmp_path_factory.mktemp("cell")
    for name in ("site", "home", "tmp"):
        (with_folder / name).mkdir()
    user = NOBODY if os.geteuid() == 0 else None
    if user is not None:
        scraps = Path(tempfile.gettempdir())
        for one in (with_folder, *with_folder.parents):
            if one.is_relative_to(scraps) and one != scraps:
                one.chmod(0o755)
        for one in with_folder.iterdir():
            os.chown(one, user, user)
    notes = tmp_path_factory.mktemp("ours") / "notes"

    def run(*words, **more):
        settings = launcher.Settings(
            folder=str(with_folder),
            notes=str(notes),
            limits={**LIMITS._asdict(), **more.pop("limits", {})},
            environment={"PATH": os.environ["PATH"], "GREETING": "hello"},
            alone=request.param,
            user=user,
            **more,
        )
        command = [*launcher.words_for(settings), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done, notes.read_text()

    run.folder = with_folder
    return run


def sh(run, script, **more):
    return run("sh", "-c", script, **more)


def test_it_ends_as_the_program_does(confined):
    assert sh(confined, "echo out; echo err >&2; exit 3")[0].returncode == 3
    assert sh(confined, "kill -TERM $$")[0].returncode == -15
    done, notes = sh(confined, "echo out; echo err >&2")
    assert (done.returncode, done.stdout.split(), notes) == (0, ["out", "err"], "")


def test_a_program_that_is_nowhere_is_named(confined):
    done, notes = confined("no-such-program")
    assert done.returncode == 127
    assert "cannot run no-such-program: No such file or directory" in notes


def test_it_has_an_empty_home_and_nothing_of_ours_in_its_environment(confined):
    done, _ = sh(confined, "env; cd; pwd; ls -A")
    assert "GREETING=hello" in done.stdout
    names = {line.partition("=")[0] for line in done.stdout.splitlines() if "=" in line}
    assert names - {"TZ", "_"} == {"GREETING", "PATH", "HOME", "TMPDIR", "PWD", "OLDPWD"} & names
    assert done.stdout.splitlines()[-1] == f"{confined.folder}/home"


def test_it_writes_to_its_copy_alone(confined, tmp_path):
    if not landlock.version() and os.geteuid():
        pytest.skip("neither Landlock nor a user of its own")
    tmp_path.chmod(0o777)
    done, _ = sh(confined, f"touch mine $HOME/mine $TMPDIR/mine && touch {tmp_path}/theirs")
    assert done.returncode != 0 or not landlock.version()
    assert not (tmp_path / "theirs").exists() or not landlock.version()
    assert (confined.folder / "site" / "mine").exists()


def test_it_signals_nobody_outside(confined):
    if not (landlock.version() >= 6 or os.geteuid() == 0 or ALLOWED[True]):
        pytest.skip("nothing keeps it from that here")
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            sh(confined, f"kill -9 {other.pid} {os.getpid()} $PPID; true")
            code = "import os\ntry:\n    os.kill(-1, 9)\nexcept OSError as error:\n    print(error)"
            confined("python3", "-c", code)
            assert other.poll() is None
        finally:
            other.kill()


@pytest.mark.parametrize("script", ["(sleep 300 &) ; true", "setsid sh -c 'sleep 300 & exec env -i sleep 300' &"])
def test_what_it_leaves_is_ended_when_its_starter_wants_that(confined, script):
    """A daemon keeps the keeper; whoever started the front kills that by the tag that all of them have."""
    started = time.monotonic()
    words = [sys.executable, "-c", DAEMONS, json.dumps(["sh", "-c", script]), str(confined.folder)]
    settings = json.dumps({"alone": ALLOWED[True], "user": NOBODY if os.geteuid() == 0 else None})
    done = subprocess.run([*words, settings], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["0", "True", "0"], done.stderr
    assert time.monotonic() - started < 30


DAEMONS = """
import json, os, sys, time
from chatproof_common.system.confinement import launcher
from chatproof_common.system.confinement.limits import Limits
from chatproof_common.system.process_tree import ProcessTree
words, folder, more = json.loads(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
settings = launcher.Settings(folder, folder + "/notes", Limits()._asdict(), {"PATH": os.environ["PATH"]}, **more)
tree = ProcessTree([*launcher.words_for(settings), *words])
status = tree.wait(20)
time.sleep(0.5)
left = bool(tree.descendants())
tree.end(0)
print(status, left, len(tree.descendants()))
"""


def test_it_cannot_print_without_end(confined):
    done, notes = confined("yes")
    assert notes == "it printed more than 1 MiB\n"
    assert len(done.stdout) < 2 * 1024 * 1024
    assert done.returncode == -9


def test_it_cannot_fork_for_ever(confined):
    code = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    done, notes = confined("python3", "-S", "-c", code)
    assert done.returncode == -9
    assert "64 processes" in notes or "256 MiB of memory" in notes


def test_it_cannot_take_all_memory(confined):
    done, _ = confined("python3", "-S", "-c", "x = b'a' * (400 << 20)")
    assert done.returncode == 1
    assert "MemoryError" in done.stdout


def test_many_processes_cannot_take_all_memory(confined):
    code = "import os, time\nfor _ in range(4): os.fork()\nx = b'a' * (60 << 20)\ntime.sleep(30)"
    done, notes = confined("python3", "-S", "-c", code)
    assert done.returncode == -9
    assert notes == "it used more than 256 MiB of memory\n"


def test_it_cannot_fill_the_disk(confined):
    script = "i=0; while [ $i -lt 60 ]; do i=$((i+1)); head -c 1000000 /dev/zero > $i; sleep 0.05; done; sleep 5"
    done, notes = sh(confined, script)
    assert done.returncode == -9
    assert notes == "its files took more than 16 MiB\n"


def test_one_file_cannot_grow_for_ever(confined):
    done, _ = sh(confined, "head -c 100000000 /dev/zero > big; true")
    assert (confined.folder / "site" / "big").stat().st_size <= 16 * 1024 * 1024
    assert done.returncode == 0


def test_a_signal_goes_to_the_program(confined):
    settings = launcher.Settings(
        str(confined.folder), f"{confined.folder}/notes", LIMITS._asdict(), {"PATH": os.environ["PATH"]}
    )
    script = "trap 'echo asked; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    words = [*launcher.words_for(settings), "sh", "-c", script]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.stdout.read() == "asked\n"
        assert process.wait() == 5


def test_if_the_front_is_killed_the_program_ends(confined):
    settings = launcher.Settings(
        str(confined.folder), f"{confined.folder}/notes", LIMITS._asdict(), {"PATH": os.environ["PATH"]}
    )
    words = [*launcher.words_for(settings), "sh", "-c", "echo $$; exec sleep 60"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline())
        process.kill()
        give_up = time.monotonic() + 10
        while Path(f"/proc/{pid}").exists() and time.monotonic() < give_up:
            time.sleep(0.01)
        assert not Path(f"/proc/{pid}").exists()


def test_hidden_folders_look_empty(confined, tmp_path):
    (tmp_path / "secret").write_text("the answers")
    tmp_path.chmod(0o755)
    (tmp_path / "folder").mkdir(mode=0o755)
    (tmp_path / "folder" / "secret").write_text("the answers")
    for hidden in (tmp_path / "secret", tmp_path / "folder", tmp_path / "nowhere"):
        done, _ = sh(confined, f"cat {tmp_path}/secret {tmp_path}/folder/secret; true", hidden=(str(hidden),))
        shown = done.stdout.count("the answers")
        assert shown == (1 if '"alone": true' in done.args[4] and hidden.exists() else 2)


def test_a_cell_reaches_no_neighbour():
    """In a child: a process that has entered a cell does not come back."""
    if not namespaces.is_allowed(kernel.NEW_NETWORK):
        pytest.skip("the system lets this process have no network of its own")
    with socket.create_server(("127.0.0.1", 0)) as neighbour:
        port = neighbour.getsockname()[1]
        done = subprocess.run([sys.executable, "-c", REACH, str(port)], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["111", "True"], done.stderr


REACH = """
import os, socket, sys, tempfile
from chatproof_common.system.confinement import cell
folder = tempfile.mkdtemp()
here = cell.cut_off(cell.enter(folder, mebibytes=8))
client = socket.socket()
print(client.connect_ex(("127.0.0.1", int(sys.argv[1]))))
with socket.create_server(("127.0.0.1", 0)) as own:
    print(socket.socket().connect_ex(own.getsockname()) == 0)
try:
    with open(folder + "/site/big", "wb") as file:
        file.write(bytes(9 << 20))
except OSError:
    pass
else:
    print("not bounded") if not here.measured else None
"""


def test_a_cell_says_what_it_has():
    code = (
        "import json, tempfile\nfrom chatproof_common.system.confinement import cell\n"
        "print(json.dumps(cell.enter(tempfile.mkdtemp(), mebibytes=8).means))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    means = json.loads(done.stdout)
    assert means[:2] == ["a session", "limits"]
    assert any(one.startswith("its own user") for one in means) is (os.geteuid() == 0)
    assert ("its own processes and mounts" in means) is ALLOWED[True]
    assert cell.Cell("x", ()).measured
