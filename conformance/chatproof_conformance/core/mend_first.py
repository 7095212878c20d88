"""The order in which findings are to be mended: what the next level needs, and of that what explains most."""

from collections import Counter
from collections.abc import Iterable, Mapping

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role
from chatproof_schemas import Level, requirements, work_levels

_BEFORE_ALL = ("FRAME-1", "JOIN-1")
"""While these are broken, hardly anything else can be seen."""


def mend_first(findings: Iterable[Finding], blocked: Mapping[str, tuple[str, str]]) -> tuple[Finding, ...]:
    """Return findings in the order in which mending them helps most.

    Args:
        findings: in any order.
        blocked: by the id of what could not be tested, the id of what stands in its way, and why.
    """
    held_up = Counter(by for by, _ in blocked.values())
    places = {id_: place for place, id_ in enumerate(requirements())}

    needed = _levels()
    for id_, (by, _) in blocked.items():
        needed[by] = min(needed[by], needed[id_])

    def rank(finding: Finding) -> tuple[bool, bool, int, int, int]:
        id_ = finding.requirement
        level = min(needed[one] for one in (id_, *finding.hidden))
        explains = finding.hides + held_up[id_]
        return id_ not in _BEFORE_ALL, requirements()[id_].level is not Level.MUST, level, -explains, places[id_]

    return tuple(sorted(findings, key=rank))


def _levels() -> dict[str, int]:
    """Return the number of each requirement's level in which a server, or a client, is built; a cluster comes last."""
    numbers = {id_: level.number for role in Role for level in work_levels(role.value) for id_ in level.ids}
    return dict.fromkeys(requirements(), len(numbers)) | numbers
