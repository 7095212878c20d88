"""A grading scheme: how submissions are built and started, what is checked, and how many points there are for what."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatproof_common.system.confinement.limits import Limits

DEFAULT_DEADLINE = 120.0
DEFAULT_START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Part:
    """A row of a grade.

    Attributes:
        name: how it is called.
        points: the most that it gives.
        ids: the requirements that it is about, in the order of SPEC.md.
        should: what a SHOULD weighs, a MUST being 1; 0 leaves SHOULDs out.
        partial: whether a share of the requirements gives that share of the points; if not, all of them are needed.
    """

    name: str
    points: float
    ids: tuple[str, ...]
    should: float = 0.5
    partial: bool = True


@dataclass(frozen=True, slots=True)
class Running:
    """What decides how a submission is checked: if it changes, all are graded again.

    Attributes:
        start: the command line that starts the server; ``{port}`` stands for its port.
        build: the command line that builds it first; None: nothing is built.
        announce: how to speak for its operator; None: not at all.
        environment: what it finds in its environment, besides a search path, an empty home and a folder for scraps.
        seed: what the seed of each submission is made of.
        same_seed: whether all get the same generated input.
        budget: about how many seconds generated traffic may take.
        deadline: how many seconds a submission may take, with its build.
        start_seconds: for how many seconds its server may start.
        network: whether the build may use the network.
        ids: what is checked, in the order of SPEC.md.
        limits: what its programs may use.
    """

    start: str
    build: str | None
    announce: str | None
    environment: Mapping[str, str]
    seed: int
    same_seed: bool
    budget: float
    deadline: float
    start_seconds: float
    network: bool
    ids: tuple[str, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme.

    Attributes:
        title: how a page calls the work.
        running: how submissions are checked.
        parts: the rows of a grade.
        hidden: the requirements that authors see under a neutral name.
    """

    title: str
    running: Running
    parts: tuple[Part, ...]
    hidden: frozenset[str] = frozenset()

    @property
    def points(self) -> float:
        """The most that a submission can get."""
        return round(sum(part.points for part in self.parts), 4)

    def neutral_names(self) -> dict[str, str]:
        """Return the names that authors see of hidden requirements, by id: ``HIDDEN-1``, in the order of SPEC.md."""
        hidden = [id_ for id_ in self.running.ids if id_ in self.hidden]
        return {id_: f"HIDDEN-{number}" for number, id_ in enumerate(hidden, 1)}
