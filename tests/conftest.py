"""What every test may say of itself: which programs it needs besides Python; and a schema that several compare with."""

import os
import shutil
import signal
from typing import Any

import pytest

EVERYTHING = "CHATPROOF_TEST_EVERYTHING"


def pytest_configure() -> None:
    """Heed Ctrl+C where a shell that runs this in the background had it ignored: what the tests start inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are missing, with the reason; fail it where everything is to be tested."""
    missing = find_missing_programs(item)
    if not missing:
        return
    reason = f"needs {', '.join(missing)}, which this machine lacks"
    if os.environ.get(EVERYTHING) == "1":
        pytest.fail(f"{reason} ({EVERYTHING}=1 allows no skip for that)", pytrace=False)
    pytest.skip(reason)


def find_missing_programs(item: pytest.Item) -> list[str]:
    """Return the programs of the test's ``needs`` markers that are not on the path, each once."""
    needed = [program for marker in item.iter_markers("needs") for program in marker.args]
    return [program for program in dict.fromkeys(needed) if shutil.which(program) is None]


@pytest.fixture(scope="session")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON Schema of SARIF 2.1.0; a test that takes it needs npm."""
    from consumers import load_sarif_schema  # noqa: PLC0415  few tests need it

    return load_sarif_schema(tmp_path_factory.mktemp("sarif"))
