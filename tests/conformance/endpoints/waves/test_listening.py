"""How long is waited for what may never come."""

import asyncio

import pytest

from chatproof_conformance.endpoints.waves.listening import Listening


def waited(listening, done, *, patience, most=30.0, arrivals=()):
    """Wait; let something arrive at each of these moments; return the answer and the seconds that it took."""

    async def run():
        loop = asyncio.get_running_loop()
        for moment in arrivals:
            loop.call_later(moment, listening.arrived)
        began = loop.time()
        answer = await listening.until(done, patience, most)
        return answer, loop.time() - began

    return asyncio.run(run())


def test_what_is_so_is_not_waited_for():
    assert waited(Listening(), lambda: True, patience=5) == (True, pytest.approx(0, abs=0.2))


def test_silence_ends_a_wait():
    answer, seconds = waited(Listening(), lambda: False, patience=0.2)
    assert not answer
    assert 0.2 <= seconds < 2


def test_what_arrives_prolongs_it():
    answer, seconds = waited(Listening(), lambda: False, patience=0.3, arrivals=[0.2, 0.4, 0.6])
    assert not answer
    assert seconds >= 0.85


def test_but_not_for_ever():
    arrivals = [number / 20 for number in range(100)]
    answer, seconds = waited(Listening(), lambda: False, patience=0.3, most=0.5, arrivals=arrivals)
    assert not answer
    assert 0.5 <= seconds < 2


def test_it_ends_when_what_arrives_makes_it_so():
    listening = Listening()
    answer, seconds = waited(listening, lambda: listening.arrivals == 2, patience=3, arrivals=[0.1, 0.2])
    assert answer
    assert seconds < 1.5


def test_patience_grows_with_the_slowest_tenth_of_the_answers_within_bounds():
    listening = Listening()
    assert listening.patience() == 0.35
    for seconds in (0.1,) * 8 + (0.2,) * 2:
        listening.learn(seconds)
    assert listening.patience() == pytest.approx(1.6)
    assert listening.patience(2) == pytest.approx(3.2)
    assert listening.patience(9) == 4.0


def test_few_answers_say_nothing_of_a_servers_speed():
    listening = Listening()
    for _ in range(4):
        listening.learn(3.0)
    assert listening.patience() == 0.35
