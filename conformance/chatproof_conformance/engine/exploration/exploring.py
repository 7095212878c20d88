"""Runs the exploration of a server to its end, or until the user ends it."""

from chatproof_conformance.core.exploration import Exploration
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.explorer import Explorer
from chatproof_conformance.engine.limits import run_to_end


def explore(source: ServerSource, options: Options, listener: RunListener) -> Exploration:
    """Check a server; return what is known when all is tried, the time is over, or the user has ended it by Ctrl+C.

    Raises:
        TargetGone: if it cannot be started, or accepts no connection.
    """
    return run_to_end(Explorer(source, options, listener))
