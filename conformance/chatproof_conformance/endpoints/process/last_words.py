"""What a server printed around a failure, as a report shows it."""

from chatproof_common.excerpts import excerpt
from chatproof_common.printable import printable, shortened
from chatproof_common.system.output import BoundedOutput

_SECONDS_AROUND = 1.0
_LINES = 20
_LONGEST_LINE = 300


def words_around(output: BoundedOutput, at: float | None = None) -> str:
    """Return the lines that came within a second of a time (None: the last ones), at most 20 of them.

    If there are more, the first and the last ten, and what names an error: some languages print that first, some last.
    """
    text = output.text() if at is None else output.text(at - _SECONDS_AROUND, at + _SECONDS_AROUND)
    lines = [line.rstrip(" \r") for line in text.split("\n") if line.strip()]
    lines = lines[-_LINES:] if at is None else excerpt(lines, _LINES // 2, _LINES // 2, "… {} more lines …")
    return "\n".join(shortened(printable(line.expandtabs()), _LONGEST_LINE) for line in lines)
