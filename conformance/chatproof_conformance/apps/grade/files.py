"""What a grading writes, and where: pages, tables, and what autograders read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatproof_common.command_line.files import STANDARD, NamedFile, writing
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.streams import print_document
from chatproof_conformance.apps.grade import author_page, class_page, formats, tables
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.submissions import Submission

_NAME = "{name}"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the results of one kind go.

    Attributes:
        kind: one of :data:`chatproof_conformance.apps.grade.formats.KINDS`.
        file: its name; ``{name}`` in it stands for the submission's; ``-`` is standard output.
    """

    kind: str
    file: str

    @property
    def place(self) -> str:
        """How the command line names it."""
        return f"--report {self.kind}={self.file}"

    def named(self, slug: str) -> str:
        """Return the file of a submission."""
        return self.file.replace(_NAME, slug)


def read_destinations(options: Sequence[str], scheme: Scheme, submissions: Sequence[Submission]) -> list[Destination]:
    """Read ``KIND=FILE[,KIND=FILE…]``.

    Raises:
        CommandError: if a kind is unknown or cannot be made here, or two submissions would have one file.
    """
    found = []
    for word in (word for option in options for word in option.split(",")):
        kind, equals, name = word.partition("=")
        if kind not in formats.KINDS:
            raise CommandError(f"--report {word}: there is no kind {kind!r}; the kinds are {', '.join(formats.KINDS)}")
        if not equals or not name:
            raise CommandError(f"--report {word}: names no file; write {kind}=FILE")
        if len(submissions) > 1 and _NAME not in name:
            example = f"{kind}=results/{_NAME}.{'xml' if kind == 'junit' else 'json'}"
            raise CommandError(f"--report {word}: each submission needs a file; write {example}")
        formats.require(kind, scheme)
        found.append(Destination(kind, name))
    if sum(one.file == STANDARD for one in found) > 1:
        raise CommandError("--report: only one result can go to standard output")
    return found


def write_formats(grade: Grade, scheme: Scheme, destinations: Sequence[Destination]) -> list[str]:
    """Write a submission's results; return where nothing was written, because no result is better than a wrong one.

    Raises:
        CommandError: if a file cannot be written.
    """
    left_out = []
    for one in destinations:
        text, name = formats.render(one.kind, grade, scheme), one.named(grade.graded.slug)
        if text is None:
            left_out.append(name)
            if name != STANDARD:
                Path(name).unlink(missing_ok=True)
            continue
        if name == STANDARD:
            print_document(text)
            continue
        with writing(NamedFile(one.place, name).place):
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(text.encode("utf-8", "backslashreplace"))
    return left_out


def write_pages(folder: Path, grades: Sequence[Grade], scheme: Scheme) -> None:
    """Write the page of the class, one for each submission, and the tables.

    Raises:
        CommandError: if a file cannot be written.
    """
    with writing(f"--output {folder}"):
        pages = folder / "submissions"
        pages.mkdir(parents=True, exist_ok=True)
        for grade in grades:
            _write(pages / f"{grade.graded.slug}.html", author_page.render(grade, scheme))
        _write(folder / "index.html", class_page.render(grades, scheme))
        _write(folder / "grades.csv", tables.render_csv(grades, scheme))
        _write(folder / "grades.json", tables.render_json(grades, scheme))


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "backslashreplace"))
