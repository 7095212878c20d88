"""Starts a server that has several faults of the catalogue: ``several_faults.py NAME… --port 12345``."""

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]
from support.paths import SERVERS  # noqa: E402

sys.path[:0] = [str(SERVERS), str(SERVERS.parent)]


def main() -> None:
    """Serve until SIGTERM."""
    from catalogue import CATALOGUE  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    faults = tuple(CATALOGUE.find(name) for name in arguments.names)
    type("Several", faults, {})().serve("127.0.0.1", arguments.port)


if __name__ == "__main__":
    main()
