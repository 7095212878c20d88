"""Programs that somebody wrote from SPEC.md alone, for a blind trial; they are kept as they came."""

import json
from pathlib import Path
from typing import Any

from common.entry import Entry
from common.programs import PYTHON, Program


def blind_trial(folder: Path, prefix: str) -> list[Program]:
    """Return the programs of one author: those of ``catalogue.json`` in a folder, started by its ``run.py``.

    Args:
        folder: where they are.
        prefix: what their names begin with in our catalogue.
    """
    rows = json.loads((folder / "catalogue.json").read_text("utf-8"))
    return [_program(folder, prefix, row) for row in rows]


def _program(folder: Path, prefix: str, row: dict[str, Any]) -> Program:
    faulty, ids = row["kind"] == "faulty", tuple(row["ids"])
    entry = Entry(
        f"{prefix}{row['name']}".replace("_", "-"),
        row["kind"],
        row["says"],
        breaks=ids if faulty else (),
        subtle=row["subtle"],
        warnings=() if faulty else ids,
        needs=tuple(row.get("needs", ())),
        language=row.get("language", "python"),
    )
    return Program(entry, lambda: [*PYTHON, str(folder / "run.py"), row["name"]])
