"""Concurrent traffic: connections act at the same time, come and go; afterwards the recording is judged."""

from collections.abc import Sequence

from chatproof_conformance.endpoints.traffic.traffic_driver import NAMES, SLOTS, TrafficDriver, join, private, public
from chatproof_conformance.generation.conversations import Utterance

_NOBODY = "nobody"


def talk_at_once(driver: TrafficDriver, talk: Sequence[Utterance], comings: Sequence[int]) -> None:
    """Let all the slots say their part at the same time, while others join, race for a name, and end.

    Args:
        driver: with nobody connected yet.
        talk: what is said; each speaker's part in its order, the parts side by side.
        comings: how others come and go meanwhile: each a number that says who and how.
    """
    driver.send_together({slot: [join(driver.name(slot))] for slot in SLOTS})
    parts: dict[str, list[bytes]] = {slot: [] for slot in SLOTS}
    for utterance in talk:
        parts[SLOTS[utterance.speaker]].append(_frame(driver, utterance))
    half = {slot: (part[: len(part) // 2], part[len(part) // 2 :]) for slot, part in parts.items()}
    _come(driver, comings)
    driver.send_together({slot: first for slot, (first, _) in half.items()}, wait=False)
    _go(driver, comings)
    driver.send_together({slot: second for slot, (_, second) in half.items()})


def _come(driver: TrafficDriver, comings: Sequence[int]) -> None:
    for number, coming in enumerate(comings):
        name = driver.name(NAMES[coming % len(NAMES)])
        driver.send(f"guest{number}", [join(name), public(f"I am guest {number}")], wait=False)


def _go(driver: TrafficDriver, comings: Sequence[int]) -> None:
    for number, coming in enumerate(comings):
        if coming % 2:
            driver.send(f"guest{number}", [public(f"guest {number} goes")], wait=False)
            driver.end(f"guest{number}", "resets" if coming % 4 == 1 else "half_closes")


def _frame(driver: TrafficDriver, utterance: Utterance) -> bytes:
    if utterance.junk:
        return utterance.junk
    if utterance.target is None:
        return public(utterance.text)
    target = _NOBODY if utterance.target < 0 else SLOTS[utterance.target]
    return private(driver.name(target), utterance.text)
