"""Fuzzes one target with atheris until its time is over or an input fails: run.py starts it, and says how.

The branches that an input takes in the four packages decide whether it is worth changing further.
"""

import importlib
import random
import sys

import atheris

from fuzz.json_mutator import changed

PACKAGES = ["chatproof_common", "chatproof_schemas", "chatproof_reference", "chatproof_conformance"]


def mutate(data, longest, seed):
    """Change bytes, as libFuzzer does, or what they mean as JSON."""
    chance = random.Random(seed)
    return changed(data, chance)[:longest] if chance.random() < 0.3 else atheris.Mutate(data, longest)


if __name__ == "__main__":
    with atheris.instrument_imports(include=PACKAGES):
        target = importlib.import_module(f"fuzz.targets.{sys.argv[1]}")
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.check, custom_mutator=mutate)
    atheris.Fuzz()
