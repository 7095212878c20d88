"""What the operator announces: lines of standard input. Added when the set joined the catalogue."""
import os, threading
from collections import deque

_lines = deque()


def _read():
    rest = b''
    while got := os.read(0, 65536):
        *whole, rest = (rest + got).split(b'\n')
        _lines.extend(line.decode('utf-8', 'replace') for line in whole if line.strip())


def start():
    threading.Thread(target=_read, daemon=True).start()


def waiting():
    while _lines:
        yield _lines.popleft()
