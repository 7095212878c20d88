"""The baseline server, dying of its first private message: ``dying_server.py FOLDER_OF_SERVERS PORT``."""

import os
import sys

sys.path.insert(0, sys.argv[1])
from baseline.chat import ChatServer


class DyingServer(ChatServer):
    def on_private(self, connection, message):  # noqa: ARG002  takes what the real one takes
        os._exit(3)


DyingServer().serve("127.0.0.1", int(sys.argv[2]))
