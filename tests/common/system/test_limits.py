import math
import sys
from types import SimpleNamespace

import pytest

from chatproof_common.system import limits
from chatproof_common.system.limits import allow_files

UNLIMITED = -1


class System(SimpleNamespace):
    """Stands in for the module ``resource``: a limit, and whether it may be raised."""

    RLIMIT_NOFILE, RLIM_INFINITY = 7, UNLIMITED

    def getrlimit(self, _):
        return self.soft, self.hard

    def setrlimit(self, _, wanted):
        if self.refuses:
            raise self.refuses
        if (math.inf if wanted[0] == UNLIMITED else wanted[0]) > self.most:
            raise ValueError("current limit exceeds maximum limit")
        self.soft, self.hard = wanted


@pytest.fixture
def system(monkeypatch):
    def system(soft, hard, refuses=None, most=math.inf):
        made = System(soft=soft, hard=hard, refuses=refuses, most=most)
        monkeypatch.setitem(sys.modules, "resource", made)
        return made

    return system


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "allowed"),
    [
        (1024, 4096, 2000, 2000),
        (1024, 4096, 9000, 4096),
        (1024, 4096, math.inf, 4096),
        (1024, 4096, 10, 1024),
        (1024, UNLIMITED, 9000, 9000),
        (1024, UNLIMITED, math.inf, math.inf),
        (UNLIMITED, UNLIMITED, 10, math.inf),
    ],
)
def test_the_limit_is_raised_as_far_as_it_may_and_never_lowered(system, soft, hard, wanted, allowed):
    made = system(soft, hard)
    assert allow_files(wanted) == allowed
    assert made.soft == (UNLIMITED if allowed == math.inf else allowed)
    assert made.hard == hard


@pytest.mark.parametrize("error", [ValueError("exceeds the maximum"), OSError(1, "not permitted")])
def test_a_limit_that_cannot_be_raised_stays_and_nothing_is_raised(system, error):
    system(1024, 4096, error)
    assert allow_files(2000) == 1024


def test_a_system_that_allows_less_than_it_reports_gives_what_it_has(system):
    """The kernel of macOS has its own maximum for a process, below a hard limit of "unlimited"."""
    made = system(256, UNLIMITED, most=10_240)
    assert 256 < allow_files(12_050) <= 10_240
    assert made.soft == allow_files(12_050)
    made.soft = 256
    assert 5_000 < allow_files() <= 10_240


def test_a_system_without_limits_allows_all(monkeypatch):
    monkeypatch.setattr(limits, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setitem(sys.modules, "resource", None)
    assert allow_files(2000) == math.inf


def test_this_system_s_limit_is_known():
    assert allow_files(1) >= 3
