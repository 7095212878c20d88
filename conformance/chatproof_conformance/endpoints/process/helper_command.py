"""Runs a command of the user's that does something at the server: announces, or stops it."""

from chatproof_common.system.processes import run
from chatproof_common.system.shell_words import fill_words, shell_hint, split_words
from chatproof_conformance.core.outcomes import NotTested

_SECONDS = 10.0


def run_helper(does: str, command: str, **values: object) -> None:
    """Run a command in which the names of ``values`` stand, in braces, for their values.

    Args:
        does: what it is for, in an error: "announces".
        command: the command line, which no shell reads.
        values: what stands in place of each name.

    Raises:
        NotTested: if it cannot be run, fails, or takes too long.
    """
    try:
        status = run(fill_words(split_words(command), **values), _SECONDS)
    except OSError as error:
        if error.filename is None and not isinstance(error, TimeoutError):
            raise  # not the command: the system lets us start nothing more
        hint = shell_hint(split_words(command))
        raise NotTested(f"the command that {does} did not work: {error}{hint}") from None
    if status:
        raise NotTested(f"the command that {does} failed with exit status {status}")
