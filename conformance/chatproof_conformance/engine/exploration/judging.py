"""The judge in a process of its own: while it judges a wave, the next one is played."""

import asyncio
import io
import pickle
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import cast

from chatproof_common.command_line.program import python_words
from chatproof_common.system.cores import has_idle_core
from chatproof_common.system.processes import PIPE, Process, described_status
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.judges.server import Judgement, judge
from chatproof_conformance.judges.server.chatter import is_chatter
from chatproof_conformance.judges.server.process import Request, rows_of
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame
from chatproof_schemas.transcript import Event, Framing

_PROGRAM = "from chatproof_conformance.judges.server.process import main; main()"


_UNASKED = ("JOIN-4", "ERROR-")


def may_be_chatter(finding: Finding) -> bool:
    """Return whether all that a finding shows is a system message too many, which the server may send unasked."""
    kinds = [read_server_frame(frame).kind for frame in finding.frames[:1]]
    return finding.requirement.startswith(_UNASKED) and kinds == [MessageKind.SYSTEM]


class Judging:
    """Judges recordings: here, until another process is there and has imported all that it needs.

    Attributes:
        process: that process; None as long as there is none.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._thread = ThreadPoolExecutor(1, "judge")
        self.process: Process | None = None
        self._is_ready = False
        self._is_closed = False
        self._chatter: set[str] = set()

    def start(self) -> "Future[None]":
        """Start the process, if a core is idle; what is returned ends when it judges."""
        return self._thread.submit(self._start if has_idle_core() else _nothing)

    async def judge(self, events: Sequence[Event], framing: Framing, started: datetime) -> Judgement:
        """Judge what has been recorded until now; what the server says of its own accord proves nothing.

        Raises:
            RuntimeError: if the process has ended.
        """
        judgement = await self._judge(events, framing, started)
        self._chatter |= judgement.chatter
        told = tuple(finding for finding in judgement.findings if not self.is_chatter(finding))
        return replace(judgement, findings=told)

    def is_chatter(self, finding: Finding) -> bool:
        """Whether a finding is about nothing but what the server is known to say of its own accord."""
        return may_be_chatter(finding) and self.is_said_unasked(finding.frames[0])

    def is_said_unasked(self, frame: bytes) -> bool:
        """Whether a frame is a system message such as the server is known to send of its own accord."""
        return bool(self._chatter) and is_chatter(frame, self._chatter)

    async def _judge(self, events: Sequence[Event], framing: Framing, started: datetime) -> Judgement:
        if not self._is_ready:
            return judge(events, framing=framing, settled=True, started=started)
        request = rows_of(list(events)), framing, started
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, request)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._is_closed = True
        if self.process is not None:
            self.process.kill()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        self.process = Process(python_words(_PROGRAM), stdin=PIPE, stdout=PIPE, apart=True)
        self._requests = io.BufferedWriter(cast("io.RawIOBase", self.process.stdin))
        self._answers = io.BufferedReader(cast("io.RawIOBase", self.process.stdout))
        if self._is_closed:
            self.process.kill()
        self._receive()
        self._is_ready = True

    def _ask(self, request: Request) -> Judgement:
        try:
            pickle.dump(request, self._requests)
            self._requests.flush()
        except OSError:
            raise self._gone() from None
        answer = self._receive()
        if isinstance(answer, Exception):
            raise answer
        return cast("Judgement", answer)

    def _receive(self) -> object:
        try:
            return pickle.load(self._answers)  # noqa: S301  a process that we have started writes it
        except (EOFError, pickle.UnpicklingError):
            raise self._gone() from None

    def _gone(self) -> RuntimeError:
        assert self.process is not None  # noqa: S101  it has been asked
        status = self.process.wait(1.0)
        how = "does not answer" if status is None else f"ended with {described_status(status)}"
        return RuntimeError(f"the process of the judge {how}")


def _nothing() -> None:
    """Judge here."""
