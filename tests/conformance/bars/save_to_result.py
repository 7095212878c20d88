"""Times an author's loop: from the save of a source to the first result, under `check --watch` in a real terminal.

    python tests/conformance/bars/save_to_result.py [--rounds 5] [LANGUAGE…]

`chatproof new server` writes a server in each language; its join notices are broken, mended, and saved as they are.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path[:0] = [str(Path(__file__).parents[2])]
from support.commands import run_command  # noqa: E402
from support.terminal import CommandTerminal  # noqa: E402

CHATPROOF = str(Path(sys.executable).with_name("chatproof"))
LANGUAGES = {
    "python": ("server.py", f"{sys.executable} server.py {{port}}", ()),
    "javascript": ("server.js", "node server.js {port}", ()),
    "go": ("main.go", "./chat {port}", ("--build", "go build -o chat .")),
}
RIGHT, WRONG = "system", "notice"
WAITING = "Waiting for a change."


def measure(language: str, rounds: int) -> None:
    """Print how long the first result took after saves that mend, that break, and that change nothing."""
    name, command, more = LANGUAGES[language]
    seconds: dict[str, list[float]] = {"mends": [], "changes nothing": []}
    with TemporaryDirectory() as folder:
        assert run_command("new", "server", "--language", language, "chat", folder=folder).returncode == 0
        source = Path(folder, "chat", name)
        right = source.read_text("utf-8")
        wrong = right.replace(RIGHT, WRONG)
        assert right != wrong
        source.write_text(wrong, "utf-8")
        words = [CHATPROOF, "check", "--command", command, "--watch", "--level", "1", *more]
        environment = os.environ | {"XDG_CACHE_HOME": str(Path(folder, "cache")), "TERM": "xterm"}
        terminal = CommandTerminal(words, source.parent, environment)
        try:
            terminal.until(WAITING)
            for _ in range(rounds):
                seconds["changes nothing"].append(_saved(terminal, source, wrong, "  broken "))
                seconds["mends"].append(_saved(terminal, source, right, "  better "))
                _saved(terminal, source, wrong, "  worse ")
        finally:
            terminal.close()
    for what, found in seconds.items():
        median, least, most = statistics.median(found), min(found), max(found)
        print(f"{language:10}  a save that {what:15}  {median:.2f} s ({least:.2f} to {most:.2f})", flush=True)


def _saved(terminal: CommandTerminal, source: Path, text: str, result: str) -> float:
    began = time.monotonic()
    source.write_text(text, "utf-8")
    terminal.until(result)
    seconds = time.monotonic() - began
    terminal.until(WAITING)
    return seconds


def main() -> int:
    """Measure the languages that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=[*LANGUAGES])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    for language in arguments.languages:
        measure(language, arguments.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
