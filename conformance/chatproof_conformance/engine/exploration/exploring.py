"""Runs the exploration of a server to its end, or until the user ends it."""

import tempfile

from hypothesis.configuration import set_hypothesis_home_dir

from chatproof_common.system.signals import run_until_interrupted
from chatproof_conformance.core.exploration import Exploration
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.explorer import Explorer


def explore(source: ServerSource, options: Options, listener: RunListener) -> Exploration:
    """Check a server; return what is known when all is tried, the time is over, or the user has ended it by Ctrl+C.

    Raises:
        TargetGone: if it cannot be started, or accepts no connection.
    """
    explorer = Explorer(source, options, listener)
    with tempfile.TemporaryDirectory(prefix="chatproof-") as folder:
        set_hypothesis_home_dir(folder)  # or it would write into the user's
        try:
            run_until_interrupted(explorer.explore())
        except KeyboardInterrupt:
            explorer.interrupted_by_user()
    return explorer.result()
