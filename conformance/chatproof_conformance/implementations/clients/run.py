"""Starts one of the clients that prove the harness, driven by JSON lines, or lists them: ``run.py client-baseline``."""

import argparse
import sys


def main() -> int:
    """Serve requests until the end of standard input; 0 then, 2 where there is nothing to start."""
    parser = argparse.ArgumentParser(description="Start one of the clients that prove the harness, or list them.")
    parser.add_argument("name", nargs="?", default="client-baseline", help="which client (default: client-baseline)")
    parser.add_argument("--list", action="store_true", help="print every client, one JSON object a line")
    arguments = parser.parse_args()
    return list_clients() if arguments.list else run_client(arguments.name)


def run_client(name: str) -> int:
    from catalogue import find_built_on_baseline  # noqa: PLC0415  nothing is imported that a start doesn't need

    client = find_built_on_baseline(name)
    if client is None:
        return run_program(name)
    from baseline.event_loop import EventLoop  # noqa: PLC0415  as above

    return EventLoop(client).run()


def run_program(name: str) -> int:
    import os  # noqa: PLC0415  as above

    from programs import find_program  # noqa: PLC0415  as above

    try:
        words = find_program(name)
    except RuntimeError as error:
        return refuse(str(error))
    if words is None:
        return refuse(f"no client is named {name}; run.py --list names them all")
    return os.execvp(words[0], words)  # noqa: S606  our own client takes this process over


def list_clients() -> int:
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
