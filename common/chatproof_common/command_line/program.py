"""How to run the command ``chatproof`` in a separate process."""

import sys

# Not "-m": that would put the folder where it is run before the standard library.
_MAIN = (
    "import sys; sys.path = [p for p in sys.path if p]; "
    "from chatproof_common.command_line.main import main; sys.exit(main())"
)
PROGRAM = (sys.executable, "-c", _MAIN)
"""The words that run ``chatproof`` in this Python, wherever that is; its own words follow."""
