"""Turns how a test's chat went into how the test went, with the frames that show it."""

import warnings
from collections.abc import Generator, Sequence
from pathlib import Path
from types import TracebackType

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import Broken, NotTested, Outcome
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.judges.server import judge
from chatproof_conformance.pytest_plugin.settings import as_written_here
from chatproof_conformance.pytest_plugin.wording import failure_text, frames_of
from chatproof_schemas import Level, requirements

_HARNESS = Path(__file__).parents[1]


class ChatWarning(pytest.PytestWarning):
    """A SHOULD of the specification is broken."""


class ChatJudge:
    """Registered with pytest as soon as a test of the session needs the server."""

    def __init__(self, context: RunContext, *, strict: bool) -> None:
        """Judge chats with a server; ``strict``: a broken SHOULD fails a test."""
        self._context = context
        self._strict = strict

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Run a test; if it has a chat, report in the protocol's words what went wrong there."""
        chat = pyfuncitem.funcargs.get("chat")
        if not isinstance(chat, ServerSession):
            return (yield)
        result: object = None
        outcome: Outcome | None = None
        try:
            result = yield
        except Outcome as ended:
            outcome = ended
        except BaseException:
            pyfuncitem.add_report_section("call", "chat", "\n".join(frames_of(chat)))
            raise
        self._conclude(pyfuncitem, chat, outcome)
        return result

    def _conclude(self, item: pytest.Function, chat: ServerSession, outcome: Outcome | None) -> None:
        death = self._context.restart_if_dead(has_failed=outcome is not None)
        frames = frames_of(chat) if outcome else None  # up to here; what follows is only how everyone leaves
        chat.close()
        if isinstance(outcome, NotTested):
            pytest.skip(as_written_here(str(outcome)))
        if death is not None:
            outcome = Broken("the server to survive", death)
        recorded = chat.transcript
        judgement = judge(recorded.events, framing=recorded.framing, settled=False, started=recorded.started)
        violations = self._failing(item, judgement.findings)
        if outcome is None and not violations:
            return
        failure = AssertionError(failure_text(outcome, violations, frames or frames_of(chat)))
        traceback = _without_harness(outcome.__traceback__ if outcome else None)
        raise failure.with_traceback(traceback) from None

    def _failing(self, item: pytest.Function, violations: Sequence[Finding]) -> list[Finding]:
        """Return the first violation of each requirement that fails a test; warn of the others."""
        first = {violation.requirement: violation for violation in reversed(violations)}
        broken = [v for id_, v in first.items() if self._strict or requirements()[id_].level is Level.MUST]
        for violation in first.values():
            if violation not in broken:
                file, line, _ = item.reportinfo()
                text = f"{violation.requirement}: expected {violation.expected_there}"
                warnings.warn_explicit(f"{text}; got {violation.actual}", ChatWarning, str(file), (line or 0) + 1)
        return broken


def _without_harness(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of this package: what remains is the test's."""
    if traceback is None:
        return None
    rest = _without_harness(traceback.tb_next)
    if _HARNESS in Path(traceback.tb_frame.f_code.co_filename).parents:
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)
