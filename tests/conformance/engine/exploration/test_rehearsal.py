"""What failed is sent again, alone and at once: it fails on the same server, and passes on one that is mended."""

import asyncio

import pytest

from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.explorer import Explorer
from chatproof_conformance.engine.exploration.memory import FailureMemory
from chatproof_conformance.engine.exploration.rehearsal import Rehearsal
from support.commands import command


class Heard(RunListener):
    def __init__(self):
        self.broken = []
        self.passing = []

    def finding(self, finding):
        self.broken.append(finding.requirement)

    def mended(self, requirement):
        self.passing.append(requirement)


def source(name):
    return ServerSource(None, command(name), "stdin")


def first_failure(name, id_):
    """Check a server until it fails; return what the memory holds then."""
    memory = FailureMemory()
    options = Options((id_,), focus=True, budget=0.1)
    asyncio.run(Explorer(source(name), options, RunListener(), memory).explore())
    assert memory.holds(id_)
    return memory


def rehearse(name, memory, *ids):
    heard = Heard()
    asyncio.run(Rehearsal(source(name), Options(), heard, memory, ids).explore())
    return heard


@pytest.mark.parametrize(
    ("name", "id_", "kind"),
    [
        ("private-to-everyone", "PRIVATE-2", "scripts"),
        ("stops-without-a-word", "STOP-2", "lanes"),
    ],
)
def test_it_fails_again_and_passes_when_it_is_mended(name, id_, kind):
    memory = first_failure(name, id_)
    assert id_ in getattr(memory, kind)
    again = rehearse(name, memory, id_)
    assert id_ in again.broken
    assert again.passing == []
    mended = rehearse("baseline", memory, id_)
    assert (mended.broken, mended.passing) == ([], [id_])


def test_a_server_that_lets_nobody_in_mends_nothing():
    memory = first_failure("private-to-everyone", "PRIVATE-2")
    heard = rehearse("newcomer-not-told", memory, "PRIVATE-2")
    assert heard.passing == []
