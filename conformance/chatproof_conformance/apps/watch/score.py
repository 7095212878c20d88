"""What was known of each requirement before, so that each new verdict can be called better or worse."""

import enum

from chatproof_conformance.core.verdicts import Verdict

_BROKEN = (Verdict.FAIL, Verdict.WARNING)


class Change(str, enum.Enum):
    """What a verdict is beside the one before it."""

    BETTER = "better"
    WORSE = "worse"
    STILL = "still broken"
    NEW = "broken"
    """Broken, and nothing was known before."""
    NONE = ""


class Score:
    """The last verdict on each requirement.

    Attributes:
        verdicts: by id; what was blocked or inconclusive since leaves the verdict before it.
        order: the ids that are broken, in the order in which to mend them.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self.verdicts: dict[str, Verdict] = {}
        self.order: list[str] = []

    def learn(self, id_: str, verdict: Verdict) -> Change:
        """Take a new verdict; return what it is beside the last one."""
        before = self.verdicts.get(id_)
        if verdict not in (*_BROKEN, Verdict.PASS):
            return Change.NONE
        self.verdicts[id_] = verdict
        if verdict is Verdict.PASS:
            self.order = [one for one in self.order if one != id_]
            return Change.BETTER if before in _BROKEN else Change.NONE
        if id_ not in self.order:
            self.order.append(id_)
        if before is None:
            return Change.NEW
        return Change.STILL if before in _BROKEN else Change.WORSE

    def put_in_order(self, ids: list[str]) -> None:
        """Take the order in which to mend; what is broken and not in it comes last."""
        self.order = [one for one in dict.fromkeys(ids) if one in self.order] + [
            one for one in self.order if one not in ids
        ]
