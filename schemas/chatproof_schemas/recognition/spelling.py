r"""Spells JSON text simply, a block of many lines at a time, so that one simple expression can look at it.

Escapes of code points (``\u0416``) become the characters. That must not make valid what is not: outside strings an
escape is no JSON, so none may become a mark, a space, or part of a name or a literal. Therefore those of ASCII
characters become a stand-in, and all others a character above ASCII, which has no meaning outside strings. All steps
run in C.
"""

import re

STAND_IN = "~"
r"""What stands for a printable ASCII character, but the space, that was spelt as an escape such as ``\u003c``."""

# No JSON text has it, so no shape: the line is left to a parser.
_DOUBTFUL = b"\0"
_ASCII = re.compile(rb"\\u00[0-7]")
_PRINTABLE = re.compile(rb"\\u00(?:2[1-9a-fA-F]|[3-6][0-9a-fA-F]|7[0-9a-eA-E])")
_OTHER_ASCII = re.compile(rb"\\u00(?:[01][0-9a-fA-F]|20|7[fF])")
_BEFORE_NON_ASCII = re.compile(rb"\\(?=[\x80-\xff])")


def spell_simply(block: bytes) -> str:
    r"""Return the text of a block, line for line, with its ``\u`` escapes as characters; other escapes stay.

    Halves of a surrogate pair that were spelt as escapes stay two characters. An escaped backslash before ``u003c``
    becomes an escape that is none, so the line is in doubt; so is one with ``\U``: that is no JSON, but Python's
    decoder takes it.

    Raises:
        UnicodeDecodeError: where the block is not UTF-8, or a ``\u`` has fewer than 4 hexadecimal digits.
    """
    if b"\\u" not in block and b"\\U" not in block:
        return block.decode()
    if b"\\U" in block:
        block = block.replace(b"\\U", _DOUBTFUL)
    if _ASCII.search(block):
        block = _OTHER_ASCII.sub(_DOUBTFUL, _PRINTABLE.sub(STAND_IN.encode(), block))
    if not block.isascii():
        block = _with_all_escaped(block)
    return block.decode("raw_unicode_escape")


def _with_all_escaped(block: bytes) -> bytes:
    r"""Return a block with characters above U+00FF as escapes and those below as one byte each.

    So one decoder gives every character back, however it was spelt. A backslash before such a character would escape
    the backslash of its escape.
    """
    return _BEFORE_NON_ASCII.sub(_DOUBTFUL, block).decode().encode("raw_unicode_escape")
