"""Starts one of the clients that prove the harness, driven by JSON lines, or lists them: ``run.py client-baseline``."""

import sys

sys.path.append(f"{sys.path[0]}/..")  # for `common`
from common.launching import launch


def run(client: type, _: object) -> int:
    """Serve requests until the end of standard input; 0 then."""
    from baseline.event_loop import EventLoop  # noqa: PLC0415  nothing is imported that a start doesn't need

    return EventLoop(client).run()


if __name__ == "__main__":
    sys.exit(launch("client", "client-baseline", {}, run))
