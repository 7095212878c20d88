"""All nodes are stopped and started again, one after the other, while clients talk and go on at another node."""

import contextlib
import threading
import time

import pytest

from support.one_order import judge_stays
from support.talkers import Talker

NODES, CLIENTS = 3, 12
LATE = 60.0


class Traveller:
    """A client that talks, and joins again at another node whenever it is ended.

    Attributes:
        stays: its connections that asked to join, but for those that were refused the name.
    """

    def __init__(self, number, nodes):
        self.name, self.stays = f"t{number}", []
        self._partner = f"t{(number + 1) % CLIENTS}"
        self._at, self._nodes = number, nodes
        self._step = 1 + number % 2  # half of them go the other way round, so that no node has them all
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._travel, daemon=True)
        self._thread.start()

    @property
    def is_there(self):
        return bool(self.stays) and self.stays[-1].has_joined and not self.stays[-1].is_ended

    def hush(self):
        self._over.set()
        self._thread.join(LATE)

    def _travel(self):
        sent = 0
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                stay = Talker(self.name, self._nodes[self._at % NODES], sent)
                self._stay(stay)
                sent = stay.sent
            self._at += self._step

    def _stay(self, stay):
        while not stay.got and not stay.is_ended:
            time.sleep(0.005)
        if stay.got and stay.got[0].startswith("error"):  # its former node has not left yet: the name is taken
            stay.end()
            return
        self.stays.append(stay)
        with contextlib.suppress(OSError):
            while not self._over.is_set() and not stay.is_ended:
                for _ in range(4):
                    stay.say()
                stay.say_privately(self._partner, f"{self._partner} {self.name} {stay.sent}")
                self._over.wait(0.1)


def wait_until(is_so):
    deadline = time.monotonic() + LATE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.needs("redis-server")
@pytest.mark.long("three nodes stop and start")
def test_in_a_rolling_restart_nothing_that_was_confirmed_is_lost_and_nothing_doubled(engine, programs):
    nodes = programs(engine.url, NODES)
    travellers = []
    for number in range(CLIENTS):
        travellers.append(Traveller(number, nodes))
        wait_until(lambda: travellers[0].is_there)  # the first one sees everybody join
    for node in nodes:
        wait_until(lambda: all(traveller.is_there for traveller in travellers))
        time.sleep(0.5)  # they talk
        assert node.stop() == 0
        node.start()
        node.wait_until_ready()
    wait_until(lambda: all(traveller.is_there for traveller in travellers))
    time.sleep(0.5)
    for traveller in travellers:
        traveller.hush()
    last = {f"{traveller.name}|{traveller.name} {traveller.stays[-1].sent - 1}" for traveller in travellers}
    wait_until(lambda: all(last <= {*traveller.stays[-1].got} for traveller in travellers))
    time.sleep(0.3)  # what is doubled comes late
    stays = [stay for traveller in travellers for stay in traveller.stays]
    assert judge_stays(sorted(stays, key=lambda stay: stay.joined_at)) == []
    for traveller in travellers:
        traveller.stays[-1].end()
    assert all(len(traveller.stays) > 1 for traveller in travellers)
