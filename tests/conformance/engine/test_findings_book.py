"""A run goes on until all that was asked for is broken for certain, and ends then: nothing can change its verdict."""

import asyncio

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.engine.findings_book import FindingsBook
from chatproof_conformance.engine.limits import run_limited

FIRST, SECOND = Finding("ERROR-1", "one error", "none"), Finding("ERROR-2", "one error", "two")
SOMETIMES = Finding("ERROR-2", "one error", "none", failures=1, attempts=2)
OTHER = Finding("JOIN-1", "a notice", "none")


def ends(selected, *findings):
    """Whether a run of which this is found ends by itself, in which nothing else happens."""

    async def run():
        book = FindingsBook(RunListener(), selected)
        for finding in findings:
            book.keep(finding)
        return await run_limited(asyncio.sleep(60), 1.2, list, enough=book.until_all_broken())

    return asyncio.run(run()) is None


def test_it_ends_when_all_is_broken():
    assert ends(["ERROR-1", "ERROR-2"], FIRST, OTHER, SECOND)


@pytest.mark.parametrize("findings", [[], [FIRST], [FIRST, OTHER], [FIRST, SOMETIMES]])
def test_it_goes_on_while_anything_may_hold(findings):
    assert not ends(["ERROR-1", "ERROR-2"], *findings)


def test_nothing_selected_is_no_reason_to_end():
    assert not ends([])
