"""What a failed wave is to be asked again: which script, and which of its lines, a finding is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatproof_conformance.core.findings import END, Finding
from chatproof_conformance.endpoints.waves.wave import Cast, Record
from chatproof_conformance.judges.server.server_frames import read_server_frame
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.script import Line, Part, Script

Kind = tuple[str, ...]
"""What findings that look alike have in common: the requirement, the part of the script, and the place in the space."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A finding of a wave, with what it seems to be about.

    Attributes:
        finding: what the judge saw.
        cast: the script; None if it is not known.
        place: the number of the line; -1 for the end of the connection, None if it is not known.
    """

    finding: Finding
    cast: Cast | None = None
    place: int | None = None

    @property
    def part(self) -> Part | None:
        """What the line is in its script; None if it is not known, or is the end."""
        line = self._line
        return line.part if line is not None else None

    @property
    def act(self) -> Act | None:
        """The act that it is about; of a marker, the act before it."""
        if self.cast is None or self.place is None or self.place < 0:
            return None
        for line in self.cast.lines[self.place :: -1]:
            if line.part is Part.MARKER:
                continue
            return line.act if line.part is Part.ACT else None
        return None

    @property
    def kind(self) -> Kind:
        """What findings that look alike have in common."""
        act, script = self.act, self.cast.script if self.cast else None
        place = (act.type, act.member) if act else (script.end.value,) if script and self.place == END else ()
        part = self.part.value if self.part else "end" if self.place == END else "wave"
        return (self.finding.requirement, part, "missing" if self.is_missing else "wrong", *place)

    @property
    def verb(self) -> str:
        """The requirement that is broken if a valid frame like its line is not taken, whatever else is true of it."""
        if self.part is Part.JOIN:
            return "JOIN-1"
        return "PRIVATE-1" if self.act and self.act.type == "private_message" and self.part is Part.ACT else "PUBLIC-1"

    @property
    def is_missing(self) -> bool:
        """Whether something did not come: waits for such can overlap."""
        return not self.finding.frames

    @property
    def is_in_window(self) -> bool:
        """Whether it is about one of several acts with no marker between them."""
        return self.cast is not None and not self.cast.script.joins and len(self.cast.script.acts) > 1

    def alone(self) -> Script | None:
        """Return the shortest script that could show it; None if it is about no single script."""
        if self.cast is None:
            return None
        script = self.cast.script
        if script.careful and len(script.acts) == 1:
            return script
        if self.place is None:
            return None
        if self.place == END:
            return Script(script.state, end=script.end, join=script.join, careful=True)
        return script.alone(self.act)

    @property
    def _line(self) -> Line | None:
        if self.cast is None or self.place is None or not 0 <= self.place < len(self.cast.lines):
            return None
        return self.cast.lines[self.place]


def find_suspects(record: Record, findings: Sequence[Finding]) -> list[Suspect]:
    """Return what the findings of a wave are about, in their order.

    An error that came to the wrong connection may be one too many for a frame of its own.
    """
    suspects = []
    for finding in findings:
        receiver = record.casts.get(finding.connection or "")
        if finding.requirement == "ERROR-11" and receiver is not None:
            suspects.append(Suspect(finding, receiver))
        suspects.append(_suspect(record, finding))
    return suspects


def _suspect(record: Record, finding: Finding) -> Suspect:
    cast = record.casts.get(finding.cause.connection) if finding.cause else None
    if cast is not None and finding.cause is not None:
        return Suspect(finding, cast, finding.cause.line)
    return Suspect(finding, record.casts.get(finding.connection or "") or _speaker(record, finding))


def _speaker(record: Record, finding: Finding) -> Cast | None:
    """Return the script of whom a frame names that nothing explains."""
    names = {read_server_frame(frame).name for frame in finding.frames}
    return next((cast for cast in record.casts.values() if cast.connection.name in names), None)


def situation_of(script: Script) -> str:
    """Return a script's place in the space of input, as people read it."""
    acts = [act.label for act in script.acts] or ([script.join.label] if script.join else ["a join"])
    parts = [*acts[:3], *(["…"] if len(acts) > 3 else []), script.state.value]  # noqa: PLR2004  enough to know it by
    if script.times > 1:
        parts.insert(-1, f"{script.times} times in a row")
    if not script.careful:
        parts.append(script.segmentation.value)
    return "; ".join(parts)
