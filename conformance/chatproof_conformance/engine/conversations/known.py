"""What is known to fail: no later conversation has it, or everything around it would seem to fail, too."""

from collections import Counter
from dataclasses import replace

from chatproof_conformance.space.conversation.acts import Act
from chatproof_conformance.space.conversation.script import PLAINER_STAGES, End, Opening, Script, Stage

_ENOUGH = 2
"""So many failures of one value of a dimension, or of one kind of act: then it is left out."""


class KnownFailures:
    """The acts that failed alone, and the values of dimensions that make others fail."""

    def __init__(self) -> None:
        """Know of none."""
        self._labels: set[str] = set()
        self._kinds: Counter[str] = Counter()
        self._values: Counter[object] = Counter()
        self._dimensions: Counter[str] = Counter()
        self.openings: set[Opening] = set()
        self.ends: set[End] = set()

    def __contains__(self, act: Act) -> bool:
        """Whether an act failed, or enough of its kind did."""
        return act.label in self._labels or self._kinds[act.kind] >= _ENOUGH

    def add_act(self, act: Act) -> None:
        """Take note of an act that failed alone."""
        self._labels.add(act.label)
        self._kinds[act.kind] += 1

    def add_dimension(self, name: str, stage: Stage) -> None:
        """Take note that a stage fails by its value of a dimension."""
        self._values[name, getattr(stage, name)] += 1
        self._dimensions[name] += 1

    def without(self, script: Script) -> Script:
        """Return a script without what is known to fail."""
        opening = Opening.JOINED if script.opening in self.openings else script.opening
        stages = tuple(stage for stage in map(self._plainer, script.stages) if stage.acts)
        end = script.end
        if end in self.ends:
            end = next((other for other in (End.LEAVE, End.FIN, End.RESET) if other not in self.ends), end)
        others = script.others if opening is script.opening else ()
        first = self._plainer(script.first) if script.first is not None else None
        early = tuple(act for act in script.early if act not in self)
        return replace(script, opening=opening, stages=stages, end=end, others=others, first=first, early=early)

    def _plainer(self, stage: Stage) -> Stage:
        acts = tuple(act for act in stage.acts if act not in self)
        if len(acts) < len(stage.acts):
            stage = replace(stage, acts=acts, cuts=None)
        for name, plainer in PLAINER_STAGES.items():
            if self._values[name, getattr(stage, name)] >= 1 or self._dimensions[name] > _ENOUGH:
                stage = plainer(stage)
        return stage
