"""A report as if its server had been started by its author: no word of what confined it, nor of where."""

from collections.abc import Mapping
from typing import Any

from chatproof_common.system.shell_words import quote_word

_PREFIX = "chatproof check: "
_HINT = "; --wait SECONDS gives it longer"
"""The scheme says that."""


def plain(value: Any, texts: Mapping[str, str]) -> Any:
    """Return JSON with each of these texts, also where it is quoted for a command line, replaced by another one."""
    if isinstance(value, str):
        for old, new in texts.items():
            value = value.replace(quote_word(old), quote_word(new) if new else "").replace(old, new)
        return value
    if isinstance(value, list):
        return [plain(one, texts) for one in value]
    if isinstance(value, dict):
        return {name: plain(one, texts) for name, one in value.items()}
    return value


def without_prefix(errors: str) -> str:
    """Return what ``chatproof check`` says of why there is no report."""
    return errors.strip().removeprefix(_PREFIX).replace(_HINT, "")
