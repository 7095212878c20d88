"""What every test may say of itself: which programs it needs besides Python."""

import os
import shutil

import pytest

EVERYTHING = "CHATPROOF_TEST_EVERYTHING"


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
