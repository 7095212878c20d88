"""The forms in which findings are told: one module each, each with a class of the form :class:`Writer`."""

from typing import Protocol, TextIO

from chatproof_schemas.validate.findings import Finding, Tally, Unreadable


class Writer(Protocol):
    """Tells findings as they come."""

    def begin_file(self, name: str, /) -> None:
        """Hear that what follows is of this file."""

    def tell(self, finding: Finding, /) -> None:
        """Tell a finding."""

    def tell_unreadable(self, unreadable: Unreadable, /) -> None:
        """Tell that a file, or its rest, could not be read."""

    def close(self, tally: Tally, code: int, /) -> None:
        """Tell how it stands in all, and the exit code."""


def make_writer(form: str, out: TextIO, *, names_direction: bool) -> Writer:
    """Return the writer of a form: ``text``, ``json``, ``github``, ``sarif`` or ``junit``."""
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
