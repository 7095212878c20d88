"""Contents and names: any Unicode, with the characters on which programs differ more often than by chance."""

from hypothesis import strategies as st

_TELLING = (
    *("\0", "\t", "\n", "\r", "\r\n", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xad"),
    *("\u200b", "\u200d", "\u202e", "\u2028", "\u2029", "\ufeff", "\ufffd", "\ufffe", "\uffff"),
    *("é", "e\u0301", "ß", "İ", "ſ", "ﬁ", "Å", "中", "한", "שלום", "🙂", "👩\u200d👧", "🇨🇭", "\U0010ffff"),
    *('"', "\\", "\\n", "\\u0041", "/", "</script>", "&amp;", "<b>", "%s", "%%", "{0}", "{{x}}", "${x}", "\\\\"),
    *("$HOME", "'", "`", " ", "  "),
)
"""Line separators but LF, characters that programs normalise, fold, escape or cut, text that looks like code."""

TELLING_CONTENTS = (*_TELLING, *(f"a{text}b" for text in _TELLING), *(f" {text} " for text in _TELLING))
"""Each of the telling texts alone, inside others, and between spaces."""

_NAME_TELLING = (
    *("é", "e\u0301", "ß", "ẞ", "İ", "ı", "Å", "中", "한", "🙂", "a b", "\xa0", "\xad"),
    *('"', "\\", "</b>", "%s"),
)
TELLING_NAME_CORES = (*_NAME_TELLING, "a  b", "<b>&", "'", "/", "null", "true", "0", "__proto__", "constructor", "...")
"""Names that programs fold, trim, escape, normalise, or take for something else."""

_RANGES = ((0x00, 0x1F), (0x7F, 0x9F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x2069), (0xFEFF, 0xFEFF))
_FORBIDDEN = "".join(chr(code) for first, last in _RANGES for code in range(first, last + 1))
"""What no name holds (SPEC.md, section 3)."""

_BEYOND_SURROGATES = st.characters(exclude_categories=["Cs"])


def contents(max_code_points: int = 40) -> st.SearchStrategy[str]:
    """Return contents: 1 or more code points, any of them but surrogates; each fits a frame.

    Args:
        max_code_points: of most of them; now and then one is as long as a frame allows.
    """
    telling = st.lists(
        st.one_of(st.sampled_from(_TELLING), _BEYOND_SURROGATES), min_size=1, max_size=max_code_points // 4
    )
    return st.one_of(
        st.text(_BEYOND_SURROGATES, min_size=1, max_size=max_code_points), telling.map("".join), long_contents()
    )


def long_contents() -> st.SearchStrategy[str]:
    """Return contents that leave room in a frame for the longest target, no two parts of which are alike."""
    return st.integers(60, 800).map(numbered_content)


def numbered_content(length: int) -> str:
    """Return a content of so many characters that is nowhere like itself elsewhere, so that no cut goes unseen."""
    return "".join(f"{place:04}" for place in range(length // 4 + 1))[:length]


def name_cores() -> st.SearchStrategy[str]:
    """Return up to 16 code points that may stand inside any valid name."""
    allowed = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=_FORBIDDEN)
    pieces = st.one_of(st.sampled_from(_NAME_TELLING), allowed)
    return st.lists(pieces, min_size=1, max_size=5).map("".join).filter(lambda core: core == core.strip(" "))
