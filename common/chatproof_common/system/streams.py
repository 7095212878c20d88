"""The standard streams of this process."""

import os
from typing import IO


def discard(stream: IO[str]) -> None:
    """Let what a stream still holds, and all that is written to it later, go nowhere: its reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
