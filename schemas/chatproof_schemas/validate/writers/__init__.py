"""The formats in which findings are written: one module each, each with a subclass of :class:`Writer`."""

from typing import TextIO

from chatproof_schemas.validate.findings import Finding, Tally, Unreadable


class Writer:
    """Writes findings as they come; ``out`` must take UTF-8, unless the format is text."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def begin_file(self, name: str) -> None:
        """Begin a file; not overridden if each finding names its file."""

    def write(self, finding: Finding) -> None:
        """Write a finding."""
        raise NotImplementedError

    def write_unreadable(self, unreadable: Unreadable) -> None:
        """Write that a file, or its rest, could not be read; not overridden if :meth:`close` does."""

    def close(self, tally: Tally, code: int) -> None:  # noqa: ARG002  what the formats of documents end with
        """Write the counts and the exit code, if the format has them, and hand over what is still held."""
        self._out.flush()


def make_writer(form: str, out: TextIO, *, names_direction: bool) -> Writer:
    """Return the writer of a format: ``text``, ``json``, ``github``, ``sarif`` or ``junit``."""
    # Only the one that is used is imported: imports cost start-up time.
    if form == "json":
        from chatproof_schemas.validate.writers.document import DocumentWriter  # noqa: PLC0415

        return DocumentWriter(out)
    if form == "github":
        from chatproof_schemas.validate.writers.annotations import AnnotationWriter  # noqa: PLC0415

        return AnnotationWriter(out)
    if form == "sarif":
        from chatproof_schemas.validate.writers.static_analysis import StaticAnalysisWriter  # noqa: PLC0415

        return StaticAnalysisWriter(out)
    if form == "junit":
        from chatproof_schemas.validate.writers.test_results import ResultWriter  # noqa: PLC0415

        return ResultWriter(out)
    from chatproof_schemas.validate.writers.text import TextWriter  # noqa: PLC0415

    return TextWriter(out, names_direction=names_direction)
