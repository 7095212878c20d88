"""The table of docs/original-application.md names tests and pictures that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "docs" / "original-application.md"


def test_every_picture_and_test_that_the_table_names_is_there():
    text = TABLE.read_text("utf-8")
    pictures = set(re.findall(r"[\w-]+\.png", text))
    assert pictures
    assert {name for name in pictures if not (ROOT / "docs" / "screenshots" / name).exists()} == set()
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "reference").rglob("test_*.py"))
    named = {name.removesuffix("…") for name in re.findall(r"::(\w+…?)", text)}
    assert len(named) > 15
    assert {name for name in named if f"def test_{name}" not in sources} == set()
