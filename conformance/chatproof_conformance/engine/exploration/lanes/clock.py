"""Whether a server's clock shows all 24 hours (TIME-1): instances in several time zones are compared.

The judge allows every time zone, so it cannot tell three in the morning from three in the afternoon. A server that has
shown the hours of the zones in which it was started keeps its time zone; then each hour must be right.
"""

from dataclasses import dataclass
from datetime import datetime, timezone

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.judges.server.server_frames import read_server_frame
from chatproof_schemas.transcript import Kind

_DAY = 24
_HOUR_SECONDS = 3600
_EASTERNMOST = 14
_MORNINGS = 2
"""Zones that were shown right, at least: one alone may be the server's own by chance."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone of whole hours.

    Attributes:
        hours: how far its time is ahead of UTC.
    """

    hours: int

    @classmethod
    def at(cls, hour: int) -> "Zone":
        """Return a zone in which it is that hour now."""
        ahead = (hour - datetime.now(timezone.utc).hour) % _DAY
        return cls(ahead if ahead <= _EASTERNMOST else ahead - _DAY)

    @property
    def environment(self) -> dict[str, str]:
        """What a process has in its environment that lives there."""
        return {"TZ": f"Etc/GMT{-self.hours:+d}" if self.hours else "Etc/GMT"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What an instance showed.

    Attributes:
        zone: the time zone in which it was started.
        ahead: how many hours its clock seems to be ahead of UTC, from 0 to 23.
        finding: what to report if that is wrong.
    """

    zone: Zone
    ahead: int
    finding: Finding


async def read_clock(instance: Instance, zone: Zone) -> Shown | None:
    """Return what the clock of an instance shows; None if nobody can join."""
    scene = await Scene.open(instance, listeners=False)
    one = await scene.joined("clock")
    now = datetime.now(timezone.utc)
    texts = [event.data for event in scene.events if event.kind is Kind.SERVER_DATA]
    shown = read_server_frame(b"".join(texts).strip().split(b"\n")[0]).timestamp
    expected = f"a time on the 24-hour clock, in the zone {zone.environment['TZ']} in which the server was started"
    finding = scene.finding("TIME-1", expected, f"another, {texts}", one)
    scene.close()
    if shown is None:
        return None
    seconds = shown - (now.hour * 60 + now.minute) * 60 - now.second
    return Shown(zone, round(seconds / _HOUR_SECONDS) % _DAY, finding)


def compare_clocks(clocks: list[Shown]) -> Finding | None:
    """Return what is wrong with the clock of a server that keeps the time zone in which it was started.

    One that shows any other time keeps none of these zones, and may be right.
    """
    right = [one for one in clocks if one.ahead == one.zone.hours % _DAY]
    halved = [one for one in clocks if one.ahead == (one.zone.hours - _DAY // 2) % _DAY]
    keeps_zone = len(right) >= _MORNINGS and len(right) + len(halved) == len(clocks)
    return halved[0].finding if keeps_zone and halved else None
