"""A server that sends for ever costs bounded time and memory, and a line without end is reported at once."""

import asyncio
import shlex
import sys
from collections import Counter
from pathlib import Path

import pytest

from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.endpoints.waves.wave import run_wave
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import Script
from support import endless_server

MOST_BYTES_EACH = 8 * 1024 * 1024
AT_ONCE_BYTES = 512 * 1024
BROKEN = {mode: {"JOIN-1"} for mode in endless_server.MODES} | {"blank": set(), "no-lf": {"FRAME-1"}}
"""Blank lines are allowed, and who reads nothing else of a server can blame it for nothing."""


async def wave(mode):
    """Run a wave on such a server; return the sizes of the recording by connection, and what is broken."""
    words = [sys.executable, str(Path(endless_server.__file__)), mode, "{port}"]
    workshop = Workshop(ServerSource(command=shlex.join(words)), Options(), RunListener())
    try:
        instance = await workshop.instance()
        record = await asyncio.wait_for(run_wave(instance, [Script()] * 2), 60)
        sizes = Counter()
        for event in record.events:
            sizes[event.connection] += len(event.data)
        return sizes, {finding.requirement for finding in (await workshop.judge_again(instance, record)).findings}
    finally:
        workshop.close()


@pytest.mark.parametrize("mode", endless_server.MODES)
def test_a_wave_ends_and_its_recording_is_bounded(mode):
    sizes, broken = asyncio.run(wave(mode))
    assert max(sizes.values()) < MOST_BYTES_EACH
    assert broken >= BROKEN[mode]


def test_a_line_without_end_is_reported_at_once():
    sizes, broken = asyncio.run(wave("no-lf"))
    assert broken == {"FRAME-1"}
    assert max(sizes.values()) < AT_ONCE_BYTES
