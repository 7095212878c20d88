"""Judges blocks on several cores: what was found comes back in the order in which the blocks were handed over.

Each core has a process, and a thread here that writes to it and reads from it.
"""

import io
import pickle
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.processes import PIPE, Process, described_status
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.inputs import InputError
from chatproof_schemas.validate.judging import Judge
from chatproof_schemas.validate.lines import BLOCK_BYTES, Block, Line
from chatproof_schemas.validate.worker import Found, judge_blocks

ALONE_BYTES = 4 << 20
"""So much is judged here first: to start a process takes as long as to judge a few MiB."""
_BLOCKS = 8
"""Handed over as one, and answered together."""
_AHEAD = 2
"""How many of those each process may have, in work or done: memory does not grow with the input."""
_PROGRAM = "import sys; sys.path[:] = {path}; from chatproof_schemas.validate.worker import main; main()"


class Workers:
    """Processes that judge; none is started before there is enough to do."""

    def __init__(self, count: int, directions: Sequence[Direction], *, strict: bool) -> None:
        """Judge in these directions, by at most ``count`` processes; if it is 1, by this one."""
        self._count = count
        self._request = (tuple(directions), strict)
        self._judge = Judge(directions, strict=strict)
        self._bytes = 0
        self._threads: ThreadPoolExecutor | None = None
        self._own = threading.local()
        self._processes: list[Process] = []

    @property
    def longest(self) -> int:
        """The most bytes that a message may have."""
        return self._judge.longest

    def judged(self, parts: Iterable[Block | Line]) -> Iterator[tuple[Sequence[Block | Line], Found]]:
        """Yield the parts in their order, some blocks as one or a line alone, and what was found in the blocks.

        A line is for the caller to judge.

        Raises:
            InputError: if the parts do, after all that they have yielded before.
            CommandError: if a process ends before its time.
        """
        pending: deque[tuple[Sequence[Block | Line], Future[Found]]] = deque()
        try:
            for group, is_much in self._groups(parts):
                if is_much:
                    # As one: so many small pieces that live long would be holes in the memory later.
                    block = Block(group[0].number, b"".join(part.data for part in _blocks(group)))
                    pending.append(([block], self._hand_over(block)))
                    yield from _taken(pending, self._count * _AHEAD)
                else:
                    yield from _taken(pending, 0)
                    yield group, judge_blocks(self._judge, _blocks(group))
        except InputError:
            yield from _taken(pending, 0)
            raise
        yield from _taken(pending, 0)

    def close(self) -> None:
        """End the processes, whatever they do."""
        for process in self._processes:
            process.kill()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _groups(self, parts: Iterable[Block | Line]) -> Iterator[tuple[Sequence[Block | Line], bool]]:
        """Yield the parts in their order, some together, and whether they are enough blocks for a process."""
        gathered: list[Block | Line] = []
        try:
            for part in parts:
                gathered.append(part)
                is_one_of_many = self._is_one_of_many(part)
                if len(gathered) == _BLOCKS or not is_one_of_many:
                    yield gathered, is_one_of_many
                    gathered = []
        except InputError:
            yield gathered, False
            raise
        if gathered:
            yield gathered, False

    def _is_one_of_many(self, part: Block | Line) -> bool:
        """Whether more has come already: what comes slowly is judged at once."""
        if isinstance(part, Line):
            return False
        self._bytes += len(part.data)
        return self._count > 1 and self._bytes > ALONE_BYTES and len(part.data) > BLOCK_BYTES // 2

    def _hand_over(self, block: Block) -> "Future[Found]":
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, "worker")
        return self._threads.submit(self._ask, block)

    def _start(self) -> Process:
        words = [sys.executable, "-c", _PROGRAM.format(path=sys.path)]
        process = Process(words, stdin=PIPE, stdout=PIPE, apart=True)  # a Ctrl+C is for us
        self._processes.append(process)
        self._own.process = process
        self._own.answers = io.BufferedReader(cast("io.RawIOBase", process.stdout))
        return process

    def _ask(self, block: Block) -> Found:
        process: Process | None = getattr(self._own, "process", None)
        try:
            if process is None:
                process = self._start()
                self._send(self._request)
            self._send(block)
            return cast("Found", pickle.load(self._own.answers))  # noqa: S301  a process that we have started writes it
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            if process is None:
                raise CommandError(f"no process to judge can be started: {error}; --jobs 1 needs none") from None
            status = process.wait(1.0)
            how = "does not answer" if status is None else f"has ended with {described_status(status)}"
            raise CommandError(f"a process that judges {how}; --jobs 1 needs none") from None

    def _send(self, value: object) -> None:
        """Write to this thread's process, unbuffered: what is left in a buffer is an error once that has ended."""
        left = memoryview(pickle.dumps(value))
        while left:
            left = left[self._own.process.stdin.write(left) :]


def _blocks(group: Sequence[Block | Line]) -> list[Block]:
    return [part for part in group if isinstance(part, Block)]


def _taken(
    pending: "deque[tuple[Sequence[Block | Line], Future[Found]]]", most: int
) -> Iterator[tuple[Sequence[Block | Line], Found]]:
    """Take what is done from the front, and wait for it while more than ``most`` is pending."""
    while pending and (len(pending) > most or pending[0][1].done()):
        parts, found = pending.popleft()
        yield parts, found.result()
