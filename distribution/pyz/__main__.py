"""Where ``python chatproof.pyz`` starts. Any Python can read it: an old one shall say what it lacks."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036  this is where it is said
    found = ".".join(map(str, sys.version_info[:3]))
    sys.stderr.write("chatproof needs Python 3.10 or newer; this is Python " + found + "\n")
    sys.exit(2)

import unpacking

sys.path[:] = [unpacking.unpack_or_exit(sys.argv[0])] + [place for place in sys.path if place != sys.argv[0]]

from chatproof_common.command_line.start import start  # noqa: E402  now it can be found

sys.exit(start())
