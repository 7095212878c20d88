"""Starts one of the servers that prove the harness, or lists them: ``run.py baseline --port 12345``."""

import argparse
import sys


def main() -> int:
    """Serve until SIGTERM; 0 then, 2 where there is nothing to start."""
    arguments = read_arguments()
    if arguments.list:
        return list_servers()
    from catalogue import find_built_on_baseline  # noqa: PLC0415  nothing is imported that a start doesn't need

    server = find_built_on_baseline(arguments.name)
    if server is None:
        return run_program(arguments)
    try:
        server().serve(arguments.host, arguments.port)
    except OSError as error:
        return refuse(f"cannot listen on {arguments.host}:{arguments.port}: {error.strerror}")
    return 0


def run_program(arguments: argparse.Namespace) -> int:
    import os  # noqa: PLC0415  as above

    from programs import find_program  # noqa: PLC0415  as above

    try:
        words = find_program(arguments.name)
    except RuntimeError as error:
        return refuse(str(error))
    if words is None:
        return refuse(f"no server is named {arguments.name}; run.py --list names them all")
    words += ["--host", arguments.host, "--port", str(arguments.port)]
    return os.execvp(words[0], words)  # noqa: S606  our own server takes this process over


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Start one of the servers that prove the harness, or list them.")
    parser.add_argument("name", nargs="?", default="baseline", help="which server (default: baseline)")
    parser.add_argument("--port", type=int, default=0, help="0, the default, lets the system choose")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--list", action="store_true", help="print every server, one JSON object a line")
    return parser.parse_args()


def list_servers() -> int:
    import dataclasses  # noqa: PLC0415  as above
    import json  # noqa: PLC0415  as above

    from catalogue import entries  # noqa: PLC0415  as above

    for entry in entries():
        print(json.dumps({**dataclasses.asdict(entry), "command": entry.command}))  # noqa: T201  what was asked for
    return 0


def refuse(text: str) -> int:
    print(f"run.py: {text}", file=sys.stderr)  # noqa: T201  for whoever started it
    return 2


if __name__ == "__main__":
    sys.exit(main())
