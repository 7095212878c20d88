"""Starts a node of one of the clusters that prove the harness, or lists them.

``run.py cluster --port PORT --engine HOST:PORT --shared FOLDER`` starts one; ``cluster/hub.py --port PORT`` starts what
orders their chat.
"""

import argparse
import sys

sys.path += [f"{sys.path[0]}/..", f"{sys.path[0]}/../servers"]  # for `common` and `baseline`
from common.launching import launch, refuse

OPTIONS = {
    "--port": {"type": int, "default": 0, "help": "0, the default, lets the system choose"},
    "--host": {"default": "127.0.0.1"},
    "--engine": {"required": False, "default": "", "help": "HOST:PORT of the hub that the nodes of one cluster share"},
    "--shared": {"required": False, "default": "", "help": "the folder that the nodes of one cluster share"},
}


def serve(node: type, arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM; 0 then, 2 if it cannot listen, or has no hub or no folder."""
    host, _, port = arguments.engine.rpartition(":")
    if not host or not port.isdecimal():
        return refuse("--engine HOST:PORT is missing: where the hub of the cluster is (cluster/hub.py)")
    if not arguments.shared:
        return refuse("--shared FOLDER is missing: what the nodes of one cluster share")
    try:
        node(arguments.shared, (host, int(port))).serve(arguments.host, arguments.port)
    except OSError as error:
        return refuse(f"cannot serve on {arguments.host}:{arguments.port}: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(launch("cluster", "cluster", OPTIONS, serve))
