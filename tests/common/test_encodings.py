"""JSON in other encodings is told from UTF-8 by its first bytes, and no UTF-8 is taken for one of them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproof_common.encodings import other_encoding

TEXT = '{"type":"message","content":"hi"}\n'


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_json_in_other_encodings_is_recognised(name, mark):
    found = other_encoding((mark + TEXT).encode(name))
    assert found is not None
    assert (mark + TEXT).encode(name).decode(found.lower()) == TEXT


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
@example("\ufeff{}")
def test_no_utf8_is_taken_for_another(text):
    assert other_encoding(text.encode()) is None


@pytest.mark.parametrize("data", [b"", b"{", b"\0\0\0\0", b"\0\0", b"\x1f\x8b\0\0"])
def test_other_bytes_are_no_text_in_another_encoding(data):
    assert other_encoding(data) is None
