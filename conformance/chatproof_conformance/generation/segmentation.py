"""Where a stream of bytes is cut into pieces."""

from collections.abc import Sequence

from hypothesis import strategies as st


def cuts(most: int = 4) -> st.SearchStrategy[list[float]]:
    """Return places at which to cut, as fractions of the length."""
    return st.lists(st.floats(0, 1), min_size=1, max_size=most)


def pieces(data: bytes, places: Sequence[float]) -> list[bytes]:
    """Cut bytes at these fractions of their length; no piece is empty."""
    at = sorted({min(len(data) - 1, max(1, round(place * len(data)))) for place in places})
    return [data[start:end] for start, end in zip([0, *at], [*at, len(data)], strict=True)]
