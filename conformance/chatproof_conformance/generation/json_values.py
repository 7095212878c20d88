"""JSON values of any type, and messages as frames."""

import json
from typing import Any

from hypothesis import strategies as st


def json_values() -> st.SearchStrategy[Any]:
    """Return small JSON values of any type."""
    scalars = (
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    )
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    return st.recursive(
        scalars | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    )


def encoded(message: dict[str, Any]) -> bytes:
    """Return a message as the bytes of a frame."""
    return json.dumps(message, ensure_ascii=False).encode("utf-8")
