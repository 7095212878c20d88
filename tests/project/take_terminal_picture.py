"""Takes the picture of a verdict: ``python tests/project/take_terminal_picture.py docs/screenshots/check.svg``.

It runs ``chatproof check`` on a faulty server in a terminal (POSIX) and writes what is printed as SVG. test_readme.py
compares the picture with what is printed today.
"""

import os
import pty
import re
import shlex
import struct
import sys
import termios
from fcntl import ioctl
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

SERVERS = Path(__file__).parents[2] / "conformance" / "chatproof_conformance" / "implementations" / "servers"
COLUMNS, ROWS = 130, 60
SERVER = "python3 run.py private-to-everyone --port {port}"
SELECTED = ("PRIVATE-2", "JOIN-3", "FRAME-7")
WORDS = ["check", "--command", SERVER, *SELECTED, "--seed", "1"]


def main():
    console = Console(record=True, width=COLUMNS, force_terminal=True, file=StringIO())
    console.print(Text.from_ansi(f"$ {shlex.join(['chatproof', *WORDS])}\n{printed()}"))
    svg = console.export_svg(title="chatproof check", theme=DIMMED_MONOKAI, unique_id="check")
    # Code hosts load no font from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "ui-monospace, monospace")
    Path(sys.argv[1]).write_text(re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE), "utf-8")


def printed():
    """Return what the command prints in a terminal of that size, with its colours."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(SERVERS)
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TTY_INTERACTIVE": "0"}
        ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execv(Path(sys.executable).with_name("chatproof"), ["chatproof", *WORDS])  # noqa: S606  no shell is wanted
    output = b""
    while chunk := read(terminal):
        output += chunk
    os.waitpid(process, 0)
    return output.decode().replace("\r\n", "\n")


def read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux reports the end of a terminal as an error
        return b""


if __name__ == "__main__":
    main()
