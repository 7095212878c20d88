"""What goes on beside something else ends with it, and does not fail unnoticed."""

import asyncio

import pytest

from chatproof_conformance.endpoints.waves.beside import beside


async def fail(error):
    raise error


async def play(work):
    async with beside(work):
        await asyncio.sleep(0.01)


def test_what_goes_on_beside_a_block_ends_with_it():
    ended = []

    async def wait():
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(True)

    asyncio.run(play(wait()))
    assert ended


@pytest.mark.parametrize("error", [RuntimeError("oh"), asyncio.CancelledError("oh")])
def test_what_fails_beside_a_block_is_raised_behind_it(error):
    with pytest.raises(type(error)):  # what a cancellation says is lost on Python 3.10
        asyncio.run(play(fail(error)))
