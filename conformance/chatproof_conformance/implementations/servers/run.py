"""Starts one of the servers that prove the harness, or lists them: ``run.py baseline --port 12345``."""

import argparse
import sys

sys.path.append(f"{sys.path[0]}/..")  # for `common`
from common.launching import launch, refuse

OPTIONS = {
    "--port": {"type": int, "default": 0, "help": "0, the default, lets the system choose"},
    "--host": {"default": "127.0.0.1"},
}


def serve(server: type, arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM; 0 then, 2 if it cannot listen."""
    try:
        server().serve(arguments.host, arguments.port)
    except OSError as error:
        return refuse(f"cannot listen on {arguments.host}:{arguments.port}: {error.strerror}")
    return 0


if __name__ == "__main__":
    sys.exit(launch("server", "baseline", OPTIONS, serve))
