"""What is measured: loads, and how each is shared out among the processes that put it on."""

import random
import string
from dataclasses import dataclass, fields, replace
from typing import Any

from chatproof_reference.bench.spellings import COMPACT, SPELLINGS


@dataclass(frozen=True, slots=True)
class Scenario:
    """A load.

    Attributes:
        clients: that get every message. The last of each process only listens, and is read most closely.
        senders: how many of the others send.
        window: messages that each sender has under way at most.
        rate: messages a second of all senders together; 0: as fast as the window allows.
        stalled: further clients that join and never read.
        flooders: how many of the clients, besides the senders, send all that the server takes.
        seconds: how long messages are sent.
        spelling: how the frames are written, one of :data:`SPELLINGS`.
    """

    clients: int
    senders: int
    window: int = 32
    rate: float = 0.0
    stalled: int = 0
    flooders: int = 0
    seconds: float = 3.0
    spelling: str = COMPACT

    @property
    def name(self) -> str:
        """A short name."""
        parts = [f"{self.clients} clients", f"{self.senders} sending"]
        parts += [f"{self.rate:g}/s"] if self.rate else [f"window {self.window}"]
        more = {"stalled": self.stalled, "flooding": self.flooders}
        parts += [f"{count} {word}" for word, count in more.items() if count]
        return ", ".join(parts + [self.spelling] * (self.spelling != COMPACT))

    @property
    def is_about_latency(self) -> bool:
        """Whether the load is fixed, so that the time which a message takes is what distinguishes servers."""
        return bool(self.rate) or self.window * self.senders == 1

    def check(self) -> None:
        """Find out whether it can be put on.

        Raises:
            ValueError: if it cannot; the text says which member is wrong and what would be right.
        """
        if self.spelling not in SPELLINGS:
            raise ValueError(f"spelling is {self.spelling!r}; expected one of {', '.join(SPELLINGS)}")
        for member in fields(self)[:-1]:
            least = 0 if member.name in ("rate", "stalled", "flooders") else 1
            value = getattr(self, member.name)
            if not (value > 0 if member.name == "seconds" else value >= least):
                raise ValueError(f"{member.name} is {value}; expected at least {least}")
        if self.senders + self.flooders >= self.clients:
            most = self.clients - 1
            raise ValueError(f"{self.senders + self.flooders} of {self.clients} clients send; expected at most {most}")


def read_scenario(text: str) -> Scenario:
    """Return the scenario that a text such as ``clients=100,senders=99,stalled=10`` describes.

    Raises:
        ValueError: if it describes none; the text of the error is the reason.
    """
    kinds: dict[str, Any] = {member.name: member.type for member in fields(Scenario)}
    members: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name not in kinds:
            raise ValueError(f"{name!r} is no part of a scenario; expected some of {', '.join(kinds)}")
        try:
            members[name] = kinds[name](value)
        except ValueError:
            raise ValueError(f"{name} is {value!r}; expected a number") from None
    if not {"clients", "senders"} <= members.keys():
        raise ValueError("a scenario has at least clients and senders, as in clients=100,senders=99")
    scenario = Scenario(**members)
    scenario.check()
    return scenario


@dataclass(frozen=True, slots=True)
class Share:
    """What one process does of a scenario.

    Attributes:
        tag: what the names of all clients begin with, so that they meet nobody else's.
        first: the number of its first client.
        scenario: the load, with this process's own numbers of clients, senders and so on.
    """

    tag: str
    first: int
    scenario: Scenario


def share_out(scenario: Scenario, processes: int) -> list[Share]:
    """Share a load out among at most ``processes``; each gets ten clients or more, if there is more than one."""
    processes = max(1, min(processes, scenario.clients // 10))
    tag = "".join(random.choices(string.ascii_lowercase, k=3))  # noqa: S311  only to be another than before
    shares: list[Share] = []
    first = 0
    for place in range(processes):
        clients = _part(scenario.clients, processes, place)
        flooders = _part(scenario.flooders, processes, place)
        own = replace(
            scenario,
            clients=clients,
            senders=min(_part(scenario.senders, processes, place), clients - 1 - flooders),
            rate=scenario.rate / processes,
            stalled=_part(scenario.stalled, processes, place),
            flooders=flooders,
        )
        shares.append(Share(tag, first, own))
        first += own.clients + own.stalled
    return shares


def _part(whole: int, parts: int, place: int) -> int:
    return whole // parts + (place < whole % parts)
