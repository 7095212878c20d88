"""What is fuzzed holds for the seeds, and is such that a fault breaks it."""

import importlib
import re

import pytest

from chatproof_conformance.endpoints.process import driver
from chatproof_conformance.wire import framing
from chatproof_schemas import decoding, members, transcript
from fuzz.run import LONGEST_INPUT, TARGETS, failure_of, shrunk

FAULTS = {
    "splitter": (framing, "_STRING", re.compile(rb'[^"]*')),  # an escaped quote ends a string
    "decoder": (decoding, "_PAIRED", re.compile("(?s).*")),  # half a character is taken
    "validator": (members, "_CHECKS", {**members._CHECKS, "maxLength": lambda *_: True}),
    "recordings": (transcript, "_data_members", lambda data: {"text": data.decode("latin-1")}),
    "driver_lines": (driver, "_LONGEST_LINE", 9),  # what is longer is cut where a piece ends
}


def target_of(name):
    return importlib.import_module(f"fuzz.targets.{name}")


@pytest.mark.parametrize("name", TARGETS)
def test_the_properties_hold_for_the_seeds(name):
    target = target_of(name)
    assert failure_of(target.check, b"") is None
    seeds = list(target.seeds())
    assert [seed for seed in seeds if failure_of(target.check, seed)] == []
    assert [seed for seed in seeds if len(seed) > LONGEST_INPUT] == []


@pytest.mark.parametrize("name", TARGETS)
def test_a_fault_breaks_a_property(name, monkeypatch):
    monkeypatch.setattr(*FAULTS[name])
    target = target_of(name)
    assert any(failure_of(target.check, seed) for seed in target.seeds())


def test_an_input_is_made_smaller_while_it_fails_at_the_same_place():
    def check(data):
        assert data
        assert b"x" not in data or b"y" not in data

    assert shrunk(check, b"abcxdefyghi") == b"xy"
