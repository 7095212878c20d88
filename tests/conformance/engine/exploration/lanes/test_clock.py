"""Hours are compared over zones: only a server that keeps its zone can be wrong by twelve of them."""

from datetime import datetime, timedelta, timezone

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.engine.exploration.lanes.clock import Shown, Zone, compare_clocks
from support.workshop import broken_by, run_lane

HOURS = (3, 9, 15, 21)


def clocks(shown_hour):
    """What a server shows in each zone, by a function of the hour there and the hour in UTC."""
    now = datetime.now(timezone.utc)
    zones = [Zone.at(hour) for hour in HOURS]
    return [
        Shown(zone, (shown_hour(hour, now.hour) - now.hour) % 24, Finding("TIME-1", str(hour), ""))
        for zone, hour in zip(zones, HOURS, strict=True)
    ]


@pytest.mark.parametrize("hour", range(24))
def test_it_is_that_hour_in_the_zone(hour):
    zone = Zone.at(hour)
    assert (datetime.now(timezone.utc) + timedelta(hours=zone.hours)).hour == hour
    assert -12 < zone.hours <= 14
    assert zone.environment["TZ"].startswith("Etc/GMT")


def test_a_clock_of_twelve_hours_is_wrong_in_the_afternoon():
    assert compare_clocks(clocks(lambda there, _: (there - 1) % 12 + 1)).expected == "15"


@pytest.mark.parametrize("shown", [lambda there, _: there, lambda _, utc: utc, lambda _, utc: (utc + 5) % 24])
def test_the_zone_is_free(shown):
    assert compare_clocks(clocks(shown)) is None


def test_one_zone_that_fits_by_chance_proves_nothing():
    assert compare_clocks([one for one in clocks(lambda *_: 3) if one.zone != Zone.at(9)]) is None


def test_who_shows_each_its_own_zone_keeps_none():
    there_or_not = {3: 3, 9: 9, 15: 3, 21: 17}
    assert compare_clocks(clocks(lambda there, _: there_or_not[there])) is None


def test_a_twelve_hour_clock_is_found(own_server):
    from chatproof_conformance.engine.exploration.lanes import run_lanes  # noqa: PLC0415  the long way round

    server = own_server("""
        def timestamp(self):
            return time.strftime("%I:%M:%S")
    """)
    workshop = run_lane(lambda workshop, _: run_lanes(workshop), server)
    assert broken_by(workshop) == {"TIME-1"}
