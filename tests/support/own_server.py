"""Servers with a fault that a test writes down itself."""

import textwrap

from support.paths import SERVERS

PROGRAM = """
import os, sys, time
sys.path[:0] = [{folder!r}, {folder!r} + "/.."]
from baseline.chat import ChatServer
from baseline.refused import Refused

class Server(ChatServer):
{body}

try:
    Server().serve("127.0.0.1", int(sys.argv[1]))
except OSError as error:
    sys.exit(str(error))
"""


def write_server(path, body):
    """Write a server that differs from the baseline by the body of a class; return its path."""
    body = textwrap.indent(textwrap.dedent(body), "    ")
    path.write_text(PROGRAM.format(folder=str(SERVERS), body=body), "utf-8")
    return path
