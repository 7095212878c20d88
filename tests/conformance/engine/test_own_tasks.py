"""What a run leaves behind when it is called off does not trouble the next run in the same event loop."""

import asyncio
import gc

import pytest

from chatproof_conformance.engine.limits import run_limited


async def fails_late():
    await asyncio.sleep(0.5)  # longer than a run that ends waits for anybody
    raise OSError("of the run before")


async def leaves_somebody_behind():
    beside = asyncio.create_task(fails_late())
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.wait((beside,))


async def ends_later():
    await asyncio.sleep(1.0)
    gc.collect()
    await asyncio.sleep(0.1)


@pytest.mark.parametrize("how", ["called off", "over"])
def test_an_error_of_a_run_that_has_ended_is_not_the_next_ones(how):
    async def run():
        first = asyncio.create_task(run_limited(leaves_somebody_behind(), 0.1 if how == "over" else 60, list))
        await asyncio.sleep(0.05)
        if how == "called off":
            first.cancel()
        await asyncio.wait((first,))
        del first  # or it would keep the frames, and with them the task that has failed
        return await run_limited(ends_later(), 60, list)

    assert asyncio.run(run()) is None


def test_an_error_that_nobody_waits_for_ends_the_run_that_it_is_of():
    async def fails():
        raise OSError("ours")

    async def work():
        asyncio.create_task(fails())  # noqa: RUF006  nobody waits for it: that is what is tested
        await asyncio.sleep(0.1)
        gc.collect()
        await asyncio.sleep(60)

    with pytest.raises(OSError, match="ours"):
        asyncio.run(run_limited(work(), 60, list))


def test_tasks_of_others_in_the_loop_go_on():
    async def run():
        other = asyncio.create_task(asyncio.sleep(0.5, "done"))
        await run_limited(asyncio.sleep(0), 60, list)
        later = asyncio.create_task(asyncio.sleep(0.1, "too"))
        return await other, await later

    assert asyncio.run(run()) == ("done", "too")
