"""Where a profiled run's time went, by part of the program."""

import cProfile
import pstats
from collections import defaultdict

_PARTS = (
    ("poll", "waiting for the server"),
    ("/hypothesis/", "Hypothesis"),
    ("/jsonschema", "JSON Schema"),
    ("/referencing/", "JSON Schema"),
    ("/attr", "JSON Schema"),
    ("/chatproof_conformance/judges/", "the judge of what was recorded"),
    ("/chatproof_conformance/endpoints/", "the driver and its connections"),
    ("/chatproof_common/system/", "the driver and its connections"),
    ("/chatproof_conformance/generation/", "making frames"),
    ("/chatproof_schemas/", "reading frames and recordings"),
    ("/json/", "reading frames and recordings"),
)
_OTHER = "the rest"
Function = tuple[str, int, str]


def shares(profile: cProfile.Profile) -> list[tuple[str, float]]:
    """Return each part's share of the time, the largest first; what is built in counts for who calls it."""
    seconds: defaultdict[str, float] = defaultdict(float)
    statistics: dict[Function, tuple[int, int, float, float, dict[Function, tuple[int, int, float, float]]]]
    statistics = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # what print_stats prints
    for function, (_, _, own, _, callers) in statistics.items():
        if _part(function) != _OTHER or not callers:
            seconds[_part(function)] += own
        else:
            for caller, (_, _, here, _) in callers.items():
                seconds[_part(caller)] += here
    total = sum(seconds.values())
    return [(part, seconds[part] / total) for part in sorted(seconds, key=seconds.__getitem__, reverse=True)]


def _part(function: Function) -> str:
    file, _, name = function
    place = name if file == "~" else file
    if "select.poll" in place:
        return _PARTS[0][1]
    return next((part for text, part in _PARTS[1:] if text in place), _OTHER)
