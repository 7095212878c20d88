"""What the windows remember from one start to the next."""

import contextlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs


@dataclass
class Settings:
    """The last connection and the look."""

    host: str = "localhost"
    port: str = "12345"
    username: str = ""
    dark: bool = False
    zoom: int = 100


def settings_path() -> Path:
    """Return the file that holds them, in the place where this system keeps a user's settings."""
    return Path(platformdirs.user_config_dir("chatproof", appauthor=False)) / "client.json"


def load_settings(path: Path | None = None) -> Settings:
    """Return what was remembered; what is missing, unreadable or of the wrong type is the default."""
    try:
        found: Any = json.loads((path or settings_path()).read_text("utf-8"))
    except (OSError, ValueError):
        found = {}
    if not isinstance(found, dict):
        found = {}
    known = {field.name: type(field.default) for field in fields(Settings)}
    return Settings(**{name: found[name] for name, kind in known.items() if type(found.get(name)) is kind})


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Remember; if the disk refuses, nothing is remembered and nothing else happens."""
    path = path or settings_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        scratch.write_text(json.dumps(asdict(settings), indent=2) + "\n", "utf-8")
        scratch.replace(path)


def remember(**changes: Any) -> None:
    """Change some of what is remembered."""
    save_settings(replace(load_settings(), **changes))
