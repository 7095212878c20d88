"""The baseline server, dying of what a client does: ``dying_server.py FOLDER_OF_SERVERS PORT WHEN``.

``WHEN`` is ``frame``, ``join``, ``public``, ``private`` or ``leave``: what it dies of. It prints something first.
"""

import os
import sys

sys.path.insert(0, sys.argv[1])
from baseline.chat import ChatServer


def die(*_):
    sys.stdout.write("NameError: name 'nmae' is not defined\n")
    sys.stdout.flush()
    os._exit(3)


METHODS = {
    "frame": "handle_frame", "join": "on_join", "public": "on_public", "private": "on_private", "leave": "leave",
}  # fmt: skip
METHOD = METHODS[sys.argv[3]]
assert hasattr(ChatServer, METHOD)
type("DyingServer", (ChatServer,), {METHOD: die})().serve("127.0.0.1", int(sys.argv[2]))
