"""A process that ends with all that it has started, whose input and output never block us, with its last words."""

import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chatproof_common.excerpts import excerpt
from chatproof_common.printable import printable, shortened
from chatproof_common.system.descendants import (
    ask,
    ask_tagged,
    find_tagged,
    freeze,
    guard,
    kill_group,
    kill_tagged,
    listening_addresses,
    new_tag,
    process_name,
    thaw,
)
from chatproof_common.system.errors import is_of_peer
from chatproof_common.system.output import BoundedOutput, Drain
from chatproof_common.system.pipes import InputPipe, OutputPipe, input_pipe, output_pipe
from chatproof_common.system.processes import PIPE, Process
from chatproof_common.system.sockets import unless_gone
from chatproof_common.system.waiting import WRITE, Readiness, write_all

_LINES_AT_EACH_END = 3
_LONGEST_LINE = 300
_DRAIN_SECONDS = 0.5


class TaggedProcess(Process):
    """A process that is known with all that it starts, wherever that goes."""

    def __init__(
        self, words: Sequence[str], *, more_environment: Mapping[str, str] | None = None, **streams: Any
    ) -> None:
        """Start it; ``streams`` are those of :class:`Process`, and ``apart``.

        Raises:
            OSError: if it cannot be started.
        """
        name, value = new_tag()
        self._tag = f"{name}={value}"
        super().__init__(words, more_environment={**(more_environment or {}), name: value}, tag=self._tag, **streams)
        guard(self.pid)

    def descendants(self) -> set[int]:
        """Return the ids of those that run of it and of all that it has started."""
        return find_tagged(self._tag, [self.pid] if self.status is None else [])

    def ask_all_to_stop(self) -> None:
        """Send SIGTERM to it and to all that it has started; Windows has no such thing, there they are ended."""
        if not self.ask_to_stop():
            self.kill_all()
        ask_tagged(self._tag, self.pid)

    def pause(self) -> bool:
        """Stop it and all that it has started, wherever each is; return whether the system can (Windows cannot)."""
        return freeze(self.descendants())

    def resume(self) -> None:
        """Let them go on."""
        thaw(self.descendants())

    def kill_all(self) -> None:
        """Make sure that it and all that it has started have ended."""
        self.kill()
        self.kill_job()
        kill_tagged(self._tag)


class ProcessTree(TaggedProcess):
    """A process in its own session, with whatever it starts, in sessions of their own too."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        reads_output: bool = False,
        more_environment: Mapping[str, str] | None = None,
        log: Callable[[bytes], object] | None = None,
    ) -> None:
        """Start it.

        Args:
            words: the program and its arguments.
            reads_output: its output is for :meth:`read`, and only its errors are kept as what it prints.
            more_environment: what it has in its environment beside ours.
            log: called with all that it prints, in another thread.

        Raises:
            OSError: if it cannot be started.
        """
        self._is_over = False
        super().__init__(
            words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE if reads_output else subprocess.STDOUT,
            more_environment=more_environment,
            apart=True,
        )
        drained = self._popen.stderr or self.stdout
        self._drain = Drain(drained, log)
        self._in: InputPipe = input_pipe(self.stdin)
        self._out: OutputPipe | None = output_pipe(self.stdout) if reads_output else None
        self._writable = Readiness(self._in, WRITE)

    @property
    def printed(self) -> BoundedOutput:
        """What it has printed until now."""
        if self.status is not None and not self.descendants():
            self._drain.wait(_DRAIN_SECONDS)
        return self._drain.output

    def fileno(self) -> int:
        """Return the descriptor on which its output arrives."""
        return -1 if self._out is None else self._out.fileno()

    def write(self, data: bytes, seconds: float) -> bool:
        """Write to its input; return False if it has gone, or has not taken all after ``seconds``."""
        if self._in.closed:
            return False
        return write_all(self._in.write, data, self._writable, seconds)

    def input_fileno(self) -> int | None:
        """Return the descriptor of its input; None if that is closed."""
        return None if self._in.closed else self._in.fileno()

    def write_some(self, data: bytes) -> int:
        """Write what its input takes just now; return how much that is: all of it if nobody reads it any more."""
        if self._in.closed:
            return len(data)
        try:
            return self._in.write(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            if not is_of_peer(error):
                raise
            return len(data)

    def read(self) -> bytes | None:
        """Return what has come of its output, empty at its end; None if nothing has."""
        if self._out is None:
            return b""
        try:
            return self._out.read()
        except BlockingIOError:
            return None

    def last_words(self) -> str:
        """Return its first and last lines, ready to be appended to a sentence; empty if there are none."""
        lines = [printable(line.strip(" \r")) for line in self.printed.text().split("\n") if line.strip()]
        lines = excerpt(lines, _LINES_AT_EACH_END, _LINES_AT_EACH_END)
        return "; it printed: " + " / ".join(shortened(line, _LONGEST_LINE) for line in lines) if lines else ""

    def listening(self) -> set[tuple[str, int]]:
        """Return the addresses on which any of them listens."""
        return listening_addresses(self.descendants())

    @property
    def listens_itself(self) -> bool:
        """Whether it listens, and not only what it has started."""
        return bool(listening_addresses({self.pid}))

    def listeners(self) -> list[str]:
        """Return who of those that run listens."""
        return [_described(pid) or f"pid {pid}" for pid in sorted(self.descendants()) if listening_addresses({pid})]

    def ask_the_rest_to_stop(self) -> list[str]:
        """Send SIGTERM to each of those that it has started; return who they are."""
        return _ask(self.descendants() - {self.pid})

    def ask_listeners_to_stop(self) -> list[str]:
        """Send SIGTERM to those that it has started and that listen; return who they are. Itself is asked already."""
        return _ask({pid for pid in self.descendants() - {self.pid} if listening_addresses({pid})})

    @property
    def described(self) -> str:
        """Who it is: its name and its number."""
        return _described(self.pid) or f"{self.words[0]} (pid {self.pid})"

    def end_input(self) -> None:
        """End its input; again is harmless."""
        with unless_gone():
            self._in.close()

    def close_pipes(self) -> None:
        """End its input, and read no more of its output; again is harmless."""
        for pipe in (self._in, self._out):
            if pipe is not None:
                with unless_gone():
                    pipe.close()

    def end(self, seconds: float) -> None:
        """Wait for its end, then kill what is left of it and of what it has started; again is harmless."""
        if self._is_over:  # its number may be another process's by now
            return
        self.wait(seconds)
        if self.status is None:
            self._popen.kill()
        kill_group(self.pid)
        self.kill_job()
        kill_tagged(self._tag)
        self._popen.wait()
        self._is_over = True
        self.close_pipes()
        self._drain.wait(_DRAIN_SECONDS)


def _ask(pids: Iterable[int]) -> list[str]:
    asked = []
    for pid in sorted(pids):
        described = _described(pid)
        if ask(pid):
            asked.append(described or f"pid {pid}")
    return asked


def _described(pid: int) -> str:
    name = process_name(pid)
    return name and f"{printable(name)} (pid {pid})"
