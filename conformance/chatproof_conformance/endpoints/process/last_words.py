"""What a server printed around a failure, as a report shows it."""

from chatproof_common.printable import printable, shortened
from chatproof_common.system.output import BoundedOutput

_SECONDS_AROUND = 1.0
_LINES = 20
_LONGEST_LINE = 300


def words_around(output: BoundedOutput, at: float | None = None) -> str:
    """Return the lines that came within a second of a time (None: the last ones), at most 20 of them.

    If there are more, the first and the last ten: some languages print an error first, some last.
    """
    text = output.text() if at is None else output.text(at - _SECONDS_AROUND, at + _SECONDS_AROUND)
    lines = [line.rstrip(" \r") for line in text.split("\n") if line.strip()]
    if at is None:
        lines = lines[-_LINES:]
    elif (more := len(lines) - _LINES) > 0:
        lines[_LINES // 2 : -_LINES // 2] = [f"… {more} more lines …"]
    return "\n".join(shortened(printable(line.expandtabs()), _LONGEST_LINE) for line in lines)
