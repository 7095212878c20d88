"""Reads the kit's own JSON files (reports, baselines) and says what is wrong with one that is none, and where."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatproof_common.command_line.values import CommandError
from chatproof_common.encodings import other_encoding, said_of
from chatproof_common.printable import printable, shortened

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_LONGEST = 200
_MOST_BYTES = 64 * 1024 * 1024
"""Many times what a report has; a device has no end."""


class DocumentError(CommandError):
    """A file that cannot be read; the text names the file and the place in it, and says what would be right."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file.

    Attributes:
        kind: what its member ``chatproof`` says.
        version: the one that this release reads.
        folder: where in this package its schema lies, named after the kind.
        origin: how one comes by such a file, as a clause.
    """

    kind: str
    version: int
    folder: str
    origin: str

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        schema: dict[str, Any] = json.loads(self._file.read_text("utf-8"))
        return schema

    @property
    def place(self) -> str:
        """Where the schema stands, as a URI."""
        return self._file.absolute().as_uri()

    @property
    def _file(self) -> Path:
        return Path(str(files("chatproof_conformance").joinpath(self.folder, f"{self.kind}.schema.json")))


def read_document(name: str, form: Form, left_out: Collection[str] = ()) -> Any:
    """Return the JSON value of a file that is valid against its form's schema.

    Args:
        name: of the file.
        form: what it must be.
        left_out: members that are neither judged nor returned: those that need not be there and take long.

    Raises:
        DocumentError: if it cannot be read or is not valid.
    """
    value = _load(name)
    if not isinstance(value, dict) or value.get("chatproof") != form.kind:
        raise DocumentError(f'{name}: is no {form.kind}: it lacks "chatproof": "{form.kind}"; {form.origin}')
    version = value.get("version")
    if version != form.version or isinstance(version, bool):
        raise DocumentError(
            f"{name}: /version: is {_short(json.dumps(version))}; this chatproof reads version {form.version}"
        )
    value = {member: content for member, content in value.items() if member not in left_out}
    _require_valid(value, name, form)
    return value


def _load(name: str) -> Any:
    try:
        with Path(name).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise DocumentError(
                f"{name}: is longer than {_MOST_BYTES} bytes; expected a file that this tool has written"
            )
        if encoding := other_encoding(data):
            raise DocumentError(f"{name}: {said_of(encoding)}; expected JSON in UTF-8")
        return json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise DocumentError(f"{name}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: is not UTF-8 at byte {error.start + 1}; expected JSON in UTF-8") from None
    except json.JSONDecodeError as error:
        raise DocumentError(f"{name}:{error.lineno}:{error.colno}: is not JSON: {error.msg}") from None
    except RecursionError:
        raise DocumentError(f"{name}: is nested too deeply to be read") from None


def _require_valid(value: Any, name: str, form: Form) -> None:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  a tenth of a second that a bad file need not cost
    from jsonschema.exceptions import best_match  # noqa: PLC0415  the same

    found = best_match(Draft202012Validator(form.schema()).iter_errors(value))
    if found is None:
        return
    place = "".join(f"/{part}" for part in found.absolute_path) or "/"
    raise DocumentError(f"{name}: {_short(place)}: {_short(_said(found))}")


def _said(found: "ValidationError") -> str:
    meaning = found.schema.get("description") if isinstance(found.schema, dict) else None
    if meaning is None or found.validator in ("required", "additionalProperties"):
        return found.message
    return f"is {shortened(json.dumps(found.instance))}; expected {meaning}"


def _short(text: str) -> str:
    return printable(shortened(text, _LONGEST))
