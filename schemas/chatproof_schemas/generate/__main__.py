"""The one task that writes every generated file: ``python -m chatproof_schemas.generate`` in a clone."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from chatproof_common.command_line.main import find_commands
from chatproof_common.command_line.manual import manual_page
from chatproof_schemas.generate import bundle, dissector
from chatproof_schemas.generate.asyncapi import asyncapi_document
from chatproof_schemas.generate.checks import checks_module
from chatproof_schemas.generate.json_text import json_text
from chatproof_schemas.generate.yaml_text import yaml_text

_ROOT = Path(__file__).parents[3]
_PACKAGE = "schemas/chatproof_schemas"
GENERATED: dict[str, Callable[[], str]] = {
    f"{_PACKAGE}/{bundle.NAME}.schema.json": lambda: json_text(bundle.bundled_schema()) + "\n",
    f"{_PACKAGE}/{dissector.NAME}": dissector.dissector,
    f"{_PACKAGE}/asyncapi.yaml": lambda: yaml_text(asyncapi_document()),
    f"{_PACKAGE}/checks.py": checks_module,
    "docs/chatproof.1": lambda: manual_page(find_commands()),
}
"""Each generated file of the source tree, and what makes its text."""


def main(words: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` only print which are stale; return 0 if none is, or all were written."""
    parser = argparse.ArgumentParser(prog="python -m chatproof_schemas.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a file is stale")
    only_check = parser.parse_args(words).check
    if not (_ROOT / "pyproject.toml").is_file():
        parser.error("this is a task of a clone with `pip install -e .`; an installed package has no source tree")
    stale = [name for name, text in GENERATED.items() if _read(_ROOT / name) != text()]
    for name in stale:
        if not only_check:
            (_ROOT / name).write_text(GENERATED[name](), encoding="utf-8", newline="\n")
        print(f"{'stale' if only_check else 'written'}: {name}")  # noqa: T201  a task speaks on its terminal
    return 1 if only_check and stale else 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
