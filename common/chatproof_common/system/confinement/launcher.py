"""Runs a program confined: ``python -I -S launcher.py SETTINGS WORD…``; SETTINGS are JSON, those of :class:`Settings`.

Three processes. The front is what its starter knows: a signal that asks it to end goes to the program, and it ends as
the program does. The keeper is the ancestor of all that the program starts, prints what that prints, and ends it all
when a limit is reached, or when the front has gone. The program is the third. If the system lets us, keeper and program
have namespaces of their own: when the keeper ends, the kernel ends whatever else is in there.
"""

import contextlib
import errno
import json
import os
import select
import signal
import sys
import time
from typing import Any, NamedTuple, NoReturn

if __name__ == "__main__":  # started with -I -S, so that nothing of the program's folder is imported
    sys.path.insert(0, os.path.abspath(f"{__file__}/../../../.."))  # noqa: PTH100  quicker to start than pathlib

from chatproof_common.system.confinement import kernel, landlock, namespaces, watching
from chatproof_common.system.confinement.limits import MEBIBYTE, Limits, apply, count_of_user

ALONE = kernel.NEW_PROCESSES | kernel.NEW_MOUNTS | kernel.NEW_QUEUES
"""The namespaces of the keeper and the program."""
_LOOK_SECONDS = 0.2
_ROUNDS, _ROUND_SECONDS = 200, 0.005
_CHUNK = 65536
_CANNOT_RUN = 127
_SHARED_MEMORY = "/dev/shm"  # noqa: S108  the system's own, of which the program gets an empty one


class Settings(NamedTuple):
    """How a program is confined.

    Attributes:
        folder: the working copy, all that it may write to; its ``site`` is the working directory, its ``home`` and
            ``tmp`` are those of the environment.
        notes: a file that the program cannot reach; a line is added to it for each limit that was reached.
        limits: the members of :class:`Limits`.
        environment: all that is in its environment besides the tags by which it is known.
        alone: whether it gets namespaces.
        own_network: whether it is started in a network of its own.
        measured: whether the size of the folder has to be looked at, since no file system bounds it.
        user: the number of the user that it runs as; None: ours.
        port: where it is to listen; None if it is no server.
        hidden: folders and files that it finds empty, if it has namespaces.
    """

    folder: str
    notes: str
    limits: dict[str, int]
    environment: dict[str, str]
    alone: bool = False
    own_network: bool = False
    measured: bool = True
    user: int | None = None
    port: int | None = None
    hidden: tuple[str, ...] = ()


def words_for(settings: Settings) -> list[str]:
    """Return the words that confine the program whose words follow them.

    ``{port}`` in a command line that is made of them stands for the port, if ``port`` is 0.
    """
    text = json.dumps(settings._asdict()).replace('"port": 0', '"port": {port}')
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), text]  # noqa: PTH100  as above


assert sys.platform == "linux"  # noqa: S101  for the type checker: all that is above can be imported elsewhere

_ASKED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(text: str, *words: str) -> NoReturn:
    """Run a program to its end, and end as it does."""
    settings = Settings(**json.loads(text))
    notes = os.open(settings.notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    # The system counts what a user runs, however many programs of it are confined: those beside must not be in the way.
    own_tasks = count_of_user(settings.user) + 2 if settings.user is not None else count_of_user(os.geteuid())
    if settings.alone and settings.user is None:
        own_tasks = 2
    # If the system has no more of them now, what is ours must not be changed instead.
    settings = settings._replace(alone=settings.alone and namespaces.become_alone(ALONE))
    alive, front = os.pipe()
    status, report = os.pipe()
    # The program may be asked to end before its front or its keeper is ready to pass that on.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED)
    keeper = os.fork()
    if keeper == 0:
        os.close(front)
        os.close(status)
        _keep(Keeper(settings, notes, alive, report, own_tasks), list(words))
    os.close(alive)
    os.close(report)
    kernel.take_name(words[0].rpartition("/")[2])  # a report names whom it has asked to stop
    _wait(keeper, status)


def _wait(keeper: int, status: int) -> NoReturn:
    """Wait for the program's end in the front, and end likewise."""
    for number in _ASKED:
        signal.signal(number, lambda number, _: _signal(keeper, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKED)
    ended = os.read(status, 16)
    code = int(ended) if ended else -signal.SIGKILL
    if code >= 0:
        os._exit(code)
    signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
    os.kill(os.getpid(), -code)
    os._exit(128 - code)


def _keep(keeper: "Keeper", words: list[str]) -> NoReturn:
    try:
        keeper.start(words)
        keeper.stay()
    except BaseException as error:  # noqa: BLE001  whatever it is, nothing may be left behind
        keeper.note(f"the confinement failed: {error!r}")
    finally:
        keeper.end_all()
        os._exit(0)


class Keeper:
    """The ancestor of all that the program starts."""

    def __init__(self, settings: Settings, notes: int, alive: int, report: int, own_tasks: int) -> None:
        """Prepare the place in which the program will run."""
        os.setsid()
        kernel.adopt_orphans()
        self._settings = settings
        self._limits = Limits(**settings.limits)
        self._notes, self._alive, self._report, self._own_tasks = notes, alive, report, own_tasks
        self._folders = [settings.folder]
        self._program = 0
        self._printed = 0
        self._noted = False
        if settings.alone:
            self._change_view()

    def _change_view(self) -> None:
        with contextlib.suppress(OSError):  # many containers do not let us: then it sees processes, and reaches none
            kernel.mount_processes()
        with contextlib.suppress(OSError):
            kernel.mount_memory(_SHARED_MEMORY, mebibytes=self._limits.disk, mode="1777")
            self._folders.append(_SHARED_MEMORY)
        namespaces.hide(list(self._settings.hidden))

    def start(self, words: list[str]) -> None:
        """Start the program."""
        waking, woken = os.pipe()
        for descriptor in (waking, woken):
            os.set_blocking(descriptor, False)
        self._woken = waking
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for number in _ASKED:
            signal.signal(number, self._pass_on)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKED)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._output, printing = os.pipe()
        self._program = os.fork()
        if self._program == 0:
            self._become(words, printing)
        os.close(printing)
        os.set_blocking(self._output, False)

    def stay(self) -> None:
        """Return when nothing that the program started runs any more, or all has to end."""
        look_at = time.monotonic() + _LOOK_SECONDS
        watched = [self._output, self._woken, self._alive]
        while self._reap():
            ready, _, _ = select.select(watched, [], [], max(0.0, look_at - time.monotonic()))
            if self._output in ready and not self._pump():
                watched.remove(self._output)
            if self._woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._woken, _CHUNK)
            if self._alive in ready:
                if self._program:
                    return
                watched.remove(self._alive)  # it has ended as the program did, which has left a daemon
            if time.monotonic() >= look_at:
                self._look()
                look_at = time.monotonic() + _LOOK_SECONDS

    def note(self, reason: str) -> None:
        """Write down why the program was ended, once, and print it too."""
        if not self._noted:
            self._noted = True
            with contextlib.suppress(OSError):
                os.write(self._notes, f"{reason}\n".encode())
                os.write(1, f"\nchatproof: the program was ended: {reason}\n".encode())

    def end_all(self) -> None:
        """Kill whatever still runs of the program, and what that starts meanwhile."""
        for _ in range(_ROUNDS):
            found = watching.descendants(os.getpid())
            for pid in found:
                _signal(pid, signal.SIGKILL)
            if os.getpid() == 1:
                _signal(-1, signal.SIGKILL)
            if not self._reap(wait=False) and not found:
                return
            time.sleep(_ROUND_SECONDS)

    def _become(self, words: list[str], printing: int) -> NoReturn:
        """Turn this process into the program."""
        settings = self._settings
        try:
            signal.set_wakeup_fd(-1)
            for number in (*_ASKED, signal.SIGCHLD, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            os.setsid()
            os.dup2(printing, 1)
            os.dup2(printing, 2)
            os.chdir(f"{settings.folder}/site")
            apply(self._limits, others=self._own_tasks)
            if settings.user is not None:
                os.setgroups([])
                os.setgid(settings.user)
                os.setuid(settings.user)
            if landlock.version():
                landlock.restrict(self._folders, port=settings.port, alone=settings.own_network)
            kernel.gain_no_privileges()
            _execute(words, _environment(settings))
        except BaseException as error:  # noqa: BLE001  whatever it is, it must not go on as a second keeper
            said = error.strerror if isinstance(error, OSError) else repr(error)
            reason = f"cannot run {words[0]}: {said}{self._reach(error)}"
            os.write(self._notes, f"{reason}\n".encode())
            os.write(2, f"chatproof: {reason}\n".encode())
        finally:
            os._exit(_CANNOT_RUN)

    def _reach(self, error: BaseException) -> str:
        if self._settings.user is None or not isinstance(error, PermissionError):
            return ""
        return f"; it runs as user {self._settings.user}: whatever lies under /root is out of its reach"

    def _pass_on(self, number: int, _: Any) -> None:
        if self._program:
            _signal(self._program, number)

    def _reap(self, *, wait: bool = True) -> bool:
        """Take note of who has ended; return whether anybody is left."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return True
                if pid == self._program:
                    self._program = 0
                    if wait:
                        self._pump()
                    with contextlib.suppress(OSError):
                        os.write(self._report, str(os.waitstatus_to_exitcode(status)).encode())
                    os.close(self._report)
        except ChildProcessError:
            return False

    def _pump(self) -> bool:
        """Print what has been printed; return False at its end."""
        while True:
            try:
                data = os.read(self._output, _CHUNK)
            except BlockingIOError:
                return True
            self._printed += len(data)
            if not data:
                return False
            if self._printed > self._limits.output * MEBIBYTE:
                self._stop(f"it printed more than {self._limits.output} MiB")
                return False
            with contextlib.suppress(OSError):  # nobody reads it any more
                os.write(1, data)

    def _look(self) -> None:
        pids = watching.descendants(os.getpid())
        reason = watching.exceeded(watching.usage(pids), self._limits)
        most = self._limits.disk * MEBIBYTE
        if not reason and self._settings.measured and watching.size_of(self._settings.folder, most) > most:
            reason = f"its files took more than {self._limits.disk} MiB"
        if reason:
            self._stop(reason)

    def _stop(self, reason: str) -> None:
        self.note(reason)
        self.end_all()


def _execute(words: list[str], environment: dict[str, str]) -> NoReturn:
    """Turn this process into a program; ``os.execvpe`` imports modules, which its user may not be able to read.

    Raises:
        OSError: if it cannot be run.
    """
    error: OSError = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    folders = [""] if "/" in words[0] else [f"{one or '.'}/" for one in environment["PATH"].split(os.pathsep)]
    for folder in folders:
        try:
            os.execve(folder + words[0], words, environment)  # noqa: S606  to run it is the purpose
        except OSError as found:  # noqa: PERF203  there are a few
            if found.errno not in (errno.ENOENT, errno.ENOTDIR):
                error = found
    raise error


def _environment(settings: Settings) -> dict[str, str]:
    tags = {name: value for name, value in os.environ.items() if name.startswith("CHATPROOF_STARTED_")}
    more = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    path = os.environ.get("PATH", os.defpath) if "PATH" not in settings.environment else settings.environment["PATH"]
    # What it cannot search would make a program that is nowhere look like one that it may not run.
    more["PATH"] = os.pathsep.join(one for one in path.split(os.pathsep) if os.access(one or ".", os.X_OK))
    names = {"HOME": "home", "TMPDIR": "tmp", "PWD": "site"}
    places = {name: f"{settings.folder}/{folder}" for name, folder in names.items()}
    return {**settings.environment, **more, **places, **tags}


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    main(*sys.argv[1:])
