"""A whole grading, as the command runs it: what is known, what is to do, what is told, what is written."""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatproof_common.command_line.files import STANDARD, NamedFile, require_separate, writing
from chatproof_common.command_line.values import CommandError
from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.grade.files import Destination, read_destinations, write_formats, write_pages
from chatproof_conformance.apps.grade.grading import Grading
from chatproof_conformance.apps.grade.outcome import Graded
from chatproof_conformance.apps.grade.reading import read_scheme
from chatproof_conformance.apps.grade.scoring import Grade, score
from chatproof_conformance.apps.grade.submissions import Submission, find_submissions
from chatproof_conformance.apps.grade.wording import TONES, points
from chatproof_conformance.reporting.wording import plural

_STYLES = {"good": "green", "warn": "yellow", "bad": "red", "unknown": "magenta"}
ALL_GRADED, SOME_NOT = 0, 1


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Attributes:
        folders: with the submissions.
        scheme: the file.
        output: the folder for what is written.
        single: whether each folder is a submission itself.
        jobs: how many are graded at once.
        again: whether what is known is graded again too.
        reports: ``KIND=FILE`` words.
    """

    folders: Sequence[str]
    scheme: str
    output: Path
    single: bool
    jobs: int
    again: bool
    reports: Sequence[str]


def run(request: Request) -> int:
    """Grade; return the exit code.

    Raises:
        CommandError: if the scheme or an option is wrong, or a file cannot be read or written.
    """
    scheme = read_scheme(request.scheme)
    submissions = find_submissions(request.folders, single=request.single, besides=request.output)
    destinations = read_destinations(request.reports, scheme, submissions)
    _require_places(request, submissions, destinations)
    results = request.output / "results"
    with writing(f"--output {request.output}"):
        results.mkdir(parents=True, exist_ok=True)
    out = Terminal(stderr=any(one.file == STANDARD for one in destinations))
    hidden = [*_hidden([*map(Path, request.folders), request.output], submissions), Path(request.scheme).resolve()]
    grading = Grading(scheme=scheme, results=results, hidden=hidden, jobs=request.jobs)
    known = {} if request.again else grading.known(submissions)
    graded = _grade(grading, submissions, known, out)
    grades = [score(one, scheme) for one in graded]
    write_pages(request.output, grades, scheme)
    for grade in grades:
        for name in write_formats(grade, scheme, destinations):
            out.print(f"  {markup(name)} is left out: {markup(grade.graded.name)} could not be graded")
    return _conclude(grades, request.output, out)


def _require_places(request: Request, submissions: Sequence[Submission], destinations: Sequence[Destination]) -> None:
    """Make sure that nothing that is read would be overwritten, or would change by what is written.

    Raises:
        CommandError: if it would.
    """
    written = [
        NamedFile(one.place, one.named(each.slug), makes_folder=True) for one in destinations for each in submissions
    ]
    require_separate([NamedFile(f"--scheme {request.scheme}", request.scheme)], written)
    for one in submissions:
        if request.output.resolve().is_relative_to(one.folder.resolve()):
            raise CommandError(f"--output {request.output}: lies in the submission {one.name}; give it another place")


def _grade(
    grading: Grading, submissions: Sequence[Submission], known: dict[str, Graded], out: Terminal
) -> list[Graded]:
    new = [one for one in submissions if one.slug not in known]
    before = f", {len(known)} of them graded before" if known else ""
    out.print(f"{plural(len(submissions), 'submission')}{before}; {len(new)} to grade, {grading.jobs} at a time")
    done = len(known)

    def ended(one: Graded) -> None:
        nonlocal done
        done += 1
        out.print(_line(score(one, grading.scheme), f"{done}/{len(submissions)}"))

    try:
        with writing(f"--output {grading.results}"):
            fresh = {one.slug: one for one in grading.grade(new, ended)}
    except KeyboardInterrupt:
        out.print(f"Interrupted: {done} of {len(submissions)} are graded; the same command goes on with the others.")
        raise
    return [known.get(one.slug) or fresh[one.slug] for one in submissions]


def _line(grade: Grade, place: str) -> str:
    graded = grade.graded
    earned = "?" if grade.needs_a_look else f"{points(grade.points)} of {points(grade.most)}"
    style = _STYLES[TONES[graded.outcome]]
    reason = f": {markup(graded.reason.splitlines()[0])}" if graded.reason else ""
    return (
        f"  {place:>7}  [bold]{markup(graded.name)}[/]  {earned}  [{style}]{graded.outcome.value}[/]{reason}"
        f"  [dim]{graded.seconds:.1f} s[/]"
    )


def _conclude(grades: Sequence[Grade], output: Path, out: Terminal) -> int:
    lost = [grade.graded.name for grade in grades if grade.needs_a_look]
    out.print(
        f"\n{plural(len(grades) - len(lost), 'submission')} graded. All on a page: {markup(str(output / 'index.html'))}"
    )
    weak = [grade for grade in grades if not any("own" in one or "Landlock" in one for one in grade.graded.means)]
    if any(grade.graded.means for grade in weak):
        out.print(
            "This system lets us confine little: no user, no namespaces, no Landlock. A submission could have reached"
            " others and their results. docs/grade.md says what to allow."
        )
    if not lost:
        return ALL_GRADED
    out.print(f"[magenta]{len(lost)} could not be graded:[/] {markup(', '.join(lost))}")
    return SOME_NOT


def _hidden(folders: Sequence[Path], submissions: Sequence[Submission]) -> list[Path]:
    """Return what no program must see: other submissions and all results; but nothing that holds what it needs."""
    needed = [Path(one).resolve() for one in (tempfile.gettempdir(), sys.prefix, sys.base_prefix, __file__)]
    found: list[Path] = []
    for folder in (one.resolve() for one in folders):
        if not any(one.is_relative_to(folder) for one in needed):
            found.append(folder)
        else:
            found += [one for one in (each.folder.resolve() for each in submissions) if one.is_relative_to(folder)]
    return [one for one in dict.fromkeys(found) if not any(other.is_relative_to(one) for other in needed)]
