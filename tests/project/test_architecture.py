"""What ARCHITECTURE.md says of the tree is true."""

import re
from pathlib import Path

from project.test_layering import FLOORS

ROOT = Path(__file__).parents[2]
HARNESS = ROOT / "conformance" / "chatproof_conformance"
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def named_paths(text):
    """Return what a page names as a path of the repository: in backticks, from one of its top folders."""
    tops = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and path.name != ".git")
    return re.findall(rf"`((?:{tops})/[^`\s]*)`", text)


def test_every_path_that_it_names_exists():
    found = named_paths(PAGE)
    assert len(found) > 30
    assert [path for path in found if not (ROOT / path).exists()] == []


def test_the_floors_are_those_that_the_layering_test_enforces():
    rows = re.findall(r"^\| (\d) \| `(\w+)/` \|", PAGE, re.MULTILINE)
    assert {(int(floor), room) for floor, room in rows} == {
        (number, room) for number, rooms in enumerate(FLOORS, 1) for room in rooms
    }


def test_every_pass_of_the_judge_is_in_the_table_in_its_order():
    judge = HARNESS / "judges" / "server"
    passes = re.search(r"## The passes of the server's judge\n(.*?)\n## ", PAGE, re.DOTALL)[1]
    named = re.findall(r"`((?:rules/)?\w+\.py)`", passes)
    assert [name for name in named if not (judge / name).exists()] == []
    imported = re.findall(
        r"judges\.server\.([\w.]+) import (?!\w*(?:Collector|Kind))", (judge / "passes.py").read_text("utf-8")
    )
    assert {f"{name.replace('.', '/')}.py" for name in imported} <= set(named)


def test_a_path_that_is_gone_is_seen():
    assert named_paths("see `conformance/no/such.py` and `not a path/x`") == ["conformance/no/such.py"]
