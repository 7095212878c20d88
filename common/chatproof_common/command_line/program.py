"""How to run ``chatproof``, or a module of ours, in a separate process; and what users type to run it."""

import sys
from pathlib import Path

from chatproof_common.system.shell_words import join_words

SINGLE_FILE = ".pyz"
"""How the name of the single file ends, which has all our packages in it."""


def python_words(statement: str) -> tuple[str, ...]:
    """Return the words that run a statement in another process of this Python; words for its ``sys.argv`` may follow.

    It finds modules where this process does, so they need not be installed; but not in the folder in which it is run.
    """
    path = [folder for folder in sys.path if folder]
    return sys.executable, "-c", f"import sys; sys.path[:] = {path}; sys.argv[0] = {sys.argv[0]!r}; {statement}"


def module_words(module: str) -> tuple[str, ...]:
    """Return the words that run a module, as ``python -m`` would."""
    return python_words(f"import runpy; runpy.run_module({module!r}, run_name='__main__')")


def typed_program() -> str:
    """Return what users type to run ``chatproof`` as they have run it: that, or Python with the single file."""
    if sys.argv[0].endswith(SINGLE_FILE):
        return join_words([Path(sys.executable).name, sys.argv[0]])
    return "chatproof"


PROGRAM = python_words("from chatproof_common.command_line.start import start; sys.exit(start())")
"""The words that run ``chatproof`` in this Python, wherever that is; its own words follow."""
