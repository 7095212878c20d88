"""The pages say what the server does: each bound with its default, each counter by its name."""

import argparse
import re
from dataclasses import fields
from pathlib import Path

from chatproof_reference.server import Counters, ServerOptions
from chatproof_reference.server.options import add_arguments

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "server.md").read_text("utf-8")
BOTH = PAGE + (DOCS / "cluster.md").read_text("utf-8")
COUNTERS = PAGE.partition("## Counters")[2]


def test_every_bound_is_documented_with_its_default():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    documented = dict(re.findall(r"^\| `(--[a-z-]+)` \| ([0-9.]+) \|", BOTH, re.MULTILINE))
    options = {action.option_strings[0]: action.default for action in parser._actions if action.dest != "help"}  # noqa: SLF001  argparse has no other list
    assert len(options) == len(fields(ServerOptions))
    bounds = {option: str(default) for option, default in options.items() if type(default) in (int, float)}
    assert documented == bounds
    assert all(f"`{option}`" in PAGE for option in options if "cluster" not in option)
    assert all(f"`{option}" in BOTH for option in options)


def test_every_counter_is_documented():
    assert set(Counters.__slots__) <= set(re.findall(r"`([a-z_]+)`", COUNTERS))
