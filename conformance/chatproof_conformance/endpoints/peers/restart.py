"""What to do when the server under test has died: report it, and start it again if the harness started it."""

from chatproof_common.system.sockets import accepts
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.process.command import CommandTarget
from chatproof_conformance.endpoints.process.crash import Crash
from chatproof_conformance.endpoints.process.target import DYING_SECONDS


def restart_if_crashed(context: RunContext, outcome: BaseException | None) -> Crash | None:
    """Return how the target died during a case, having started it again; None if it lives."""
    target = context.target
    text = target.exit_reason() if outcome is None else target.exit_reason(DYING_SECONDS)
    if text is None and (outcome is None or accepts(context.target.address, 5.0)):
        return None
    text = text or str(outcome)
    if not isinstance(target, CommandTarget):
        return Crash(text, f"the server accepts no connection any more: {text}")
    target.end()
    context.target = target.again()
    try:
        context.target.start()
    except TargetGone as gone:
        return Crash(text, str(gone))
    return Crash(text, None)
