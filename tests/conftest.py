"""What every test may say of itself: which programs it needs besides Python; and a schema that several compare with."""

import os
import shutil
import signal
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from chatproof_conformance.reporting.readers import VARIABLES

# How fast the machine is, and what else runs on it, is no property of what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

EVERYTHING = "CHATPROOF_TEST_EVERYTHING"
PART = "CHATPROOF_TEST_PART"
"""``K/N``, K from 0 on: only that part of the tests is run, the same ones each time."""
PACKAGES = dict(
    line.split()
    for line in Path(__file__).with_name("programs.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
)
"""The Debian package of each program that a test may need."""


def pytest_configure() -> None:
    """Heed Ctrl+C where a shell that runs this in the background had it ignored: what the tests start inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _cache_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what runs remember of failures out of the user's cache."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True, scope="session")
def _read_by_a_person() -> None:
    """Have commands print what they print for people, even if a CI job or a coding agent runs the tests."""
    for name in VARIABLES:
        os.environ.pop(name, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other parts of the tests, if one part is asked for."""
    if os.environ.get(PART):
        part, parts = map(int, os.environ[PART].split("/"))
        chosen = {item.nodeid for item in items if zlib.crc32(item.nodeid.encode()) % parts == part}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
        items[:] = [item for item in items if item.nodeid in chosen]


def pytest_xdist_auto_num_workers() -> int | None:
    """Start a worker more than there are cores: while some wait for a socket, others compute."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say that there is more than what runs by default."""
    return "long tests are left out: run them with -m long" if config.option.markexpr == "not long" else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are missing, with what installs them; fail it if everything is to be tested."""
    missing = find_missing_programs(item)
    if not missing:
        return
    reason = f"{', '.join(missing)} not installed: apt install {' '.join(dict.fromkeys(missing.values()))}"
    if os.environ.get(EVERYTHING) == "1":
        pytest.fail(f"{reason} ({EVERYTHING}=1 allows no skip for that)", pytrace=False)
    pytest.skip(reason)


def find_missing_programs(item: pytest.Item) -> dict[str, str]:
    """Return the programs of the test's ``needs`` markers that are missing, each with its Debian package."""
    needed = {program: PACKAGES[program] for marker in item.iter_markers("needs") for program in marker.args}
    return {program: needed[program] for program in sorted(needed) if not is_there(program)}


def is_there(program: str) -> bool:
    """Return whether a program is on the path; or, of a pattern of files, whether there is one."""
    if "/" in program:
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program) is not None


def pytest_terminal_summary(terminalreporter) -> None:
    """List what was skipped by what would let it run, however many places it was skipped in."""
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    if reasons:
        terminalreporter.section("skipped, and why")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count:4} {'test' if count == 1 else 'tests'}: {reason}")


@pytest.fixture(scope="session")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON Schema of SARIF 2.1.0; a test that takes it needs npm."""
    from support.report_consumers import load_sarif_schema  # noqa: PLC0415  few tests need it

    return load_sarif_schema(tmp_path_factory.mktemp("sarif"))
