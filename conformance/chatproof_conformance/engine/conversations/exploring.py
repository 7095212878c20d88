"""Runs the exploration of a client to its end, or until the user ends it."""

from chatproof_conformance.core.exploration import Exploration
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.engine.conversations.explorer import ClientExplorer
from chatproof_conformance.engine.limits import run_to_end


def explore_client(command: str, options: Options, listener: RunListener) -> Exploration:
    """Check a client; return what is known when all is tried, the time is over, or the user has ended it by Ctrl+C.

    Raises:
        TargetGone: if it cannot be started, or does not connect.
    """
    return run_to_end(ClientExplorer(command, options, listener))
