"""Validates the messages of files and of standard input."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from chatproof_schemas.schemas import Direction
from chatproof_schemas.transcript import TranscriptError
from chatproof_schemas.validate.inputs import Input, InputError, opened, reading, shown
from chatproof_schemas.validate.judging import Judge
from chatproof_schemas.validate.lines import Block, Line, read_parts
from chatproof_schemas.validate.recordings import Frame, read_frames, read_head
from chatproof_schemas.validate.report import Report
from chatproof_schemas.validate.workers import Workers

_Part = TypeVar("_Part")


class Validation:
    """Judges files one after the other; what one has taught helps with the next."""

    def __init__(self, directions: Sequence[Direction], report: Report, *, strict: bool, jobs: int = 1) -> None:
        """Judge messages in these directions, for a report; a recording knows the direction of each by itself.

        ``jobs``: how many processes may judge what is long; a recording is judged by this one.
        """
        self._report = report
        self._directions = directions
        self._judge = Judge(directions, strict=strict)
        self._workers = Workers(jobs, directions, strict=strict)
        self._judges = {direction: Judge((direction,), strict=strict) for direction in directions}
        self._line: int | None = None

    def validate(self, names: Sequence[str]) -> int:
        """Judge every message, in order, and return the exit code.

        What cannot be read is reported, and the rest is judged all the same.
        """
        try:
            for name in names:
                self._validate_file(name)
            return self._report.sum_up()
        finally:
            self._workers.close()
            self._report.progress.hide()

    def _validate_file(self, name: str) -> None:
        self._report.begin_file(shown(name))
        self._line, before = None, self._report.tally.messages
        try:
            with opened(name) as source:
                self._validate_source(shown(name), source)
        except InputError as error:
            self._report.add_unreadable(error.line or self._line, str(error))
        else:
            if self._report.tally.messages == before:
                self._report.add_unreadable(None, self._nothing())

    def _nothing(self) -> str:
        """Return why a file without a verdict is no good news."""
        whose = f" from a {self._directions[0].value}" if len(self._directions) == 1 else ""
        return f"holds no message{whose}: nothing was validated"

    def _validate_source(self, name: str, source: Input) -> None:
        self._line = 1
        with reading():
            head, is_recording = read_head(source.stream)
        if is_recording:
            self._validate_recording(name, source, head)
        else:
            self._validate_messages(name, source, head)

    def _validate_messages(self, name: str, source: Input, head: bytes) -> None:
        done = 0
        for parts, (valid, found) in self._workers.judged(
            _guarded(read_parts(source.stream, self._judge.longest, head))
        ):
            self._report.tally.valid.update(valid)
            for line, judgement in found:
                self._report.add(line, judgement)
            for part in parts:
                if isinstance(part, Block):
                    done += len(part.data)
                    self._line = part.number + part.data.count(b"\n")
                else:
                    self._validate_line(part)
                    done += part.length
            self._report.progress.advance(name, done if source.size is None else source.raw.tell(), source.size)

    def _validate_line(self, line: Line) -> None:
        self._line = line.number + 1
        if not line.is_blank:
            self._report.add(line, self._judge.judge_line(line))
            if not line.ended:
                self._report.add_cut(line.number, "the last line")

    def _validate_recording(self, name: str, source: Input, head: bytes) -> None:
        done = 0
        try:
            for frame in _guarded(read_frames(source.stream, name, head)):
                self._validate_frame(frame)
                done += frame.line.length
                self._line = frame.line.number
                self._report.progress.advance(name, done if source.size is None else source.raw.tell(), source.size)
        except TranscriptError as error:
            raise InputError(error.why, error.line) from None

    def _validate_frame(self, frame: Frame) -> None:
        judge = self._judges.get(frame.direction)
        if judge is None:
            return
        if not frame.line.ended:
            what = f"the last frame of connection {frame.connection} from the {frame.direction.value}"
            self._report.add_cut(frame.line.number, what)
            return
        block = Block(frame.line.number, frame.line.frame + b"\n")
        if frame.line.length > judge.longest:
            self._report.add(frame.line, judge.judge_line(frame.line), frame.connection)
            return
        for line, judgement in judge.judge_block(block, self._report.tally.valid):
            self._report.add(line, judgement, frame.connection)


def _guarded(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Yield what a reader yields, and turn what goes wrong in reading, not in using it, into an InputError."""
    with reading():
        yield from parts
