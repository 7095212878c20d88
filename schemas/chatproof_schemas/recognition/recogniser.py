"""Finds the lines of a block that are valid by their shape.

It learns: it begins with no shape, and learns each that a parser has found valid. So it knows the shapes that a log
has, whatever the order of their members, and a small log costs no compilation at all.
"""

import re
from dataclasses import replace
from operator import attrgetter

from chatproof_schemas.recognition.shapes import ANY_GAPS, Shape, line_form

UNRECOGNISED = 0
"""The kind of a line about which nothing is known."""

MOST_SHAPES = 64
"""How many shapes are learned: a log has a dozen, and one made to have thousands must cost no more than parsing."""

_kind_of = attrgetter("lastindex")


class Recogniser:
    """Knows some shapes.

    Attributes:
        shapes: those that it has learned; a line of the first one is of kind 1.
    """

    def __init__(self, patience: int = 100) -> None:
        """Begin without any shape; ``patience``: after how many lessons it is worth the time to compile them."""
        self.shapes: list[Shape] = []
        self._patience = patience
        self._lessons = 0
        self._compiled = 0
        self._lines: re.Pattern[str] | None = None

    def learn(self, shape: Shape) -> None:
        """Take note of a valid line: recognise its shape in time, unless only a parser can, or too many are known."""
        if shape in self.shapes[: self._compiled]:
            # It looks like one that is known, and was not recognised: perhaps its writer mixes gaps.
            shape = replace(shape, gaps=ANY_GAPS)
        if shape not in self.shapes:
            if len(self.shapes) == MOST_SHAPES or line_form(shape) is None:
                return
            self.shapes.append(shape)
        self._lessons += 1

    def kinds(self, block: bytes) -> bytes:
        """Return the kind of each line of a block that ends with LF: 1 for the first shape, 0 for what is in doubt.

        A line of a shape's kind is valid, if it is not too long for its direction.
        """
        if self._lessons >= self._patience and len(self.shapes) > self._compiled:
            self._compile()
        if self._lines is None:
            return bytes(block.count(b"\n"))
        try:
            text = block.decode()
        except UnicodeDecodeError:
            return self._kinds_around_a_fault(block)
        kinds = bytes(map(_kind_of, self._lines.finditer(text)))
        return kinds.replace(bytes([self._compiled + 1]), bytes([UNRECOGNISED]))

    def _compile(self) -> None:
        """Make what matches line after line: the group that took part is its kind, the last one is not a shape's."""
        self._lessons, self._compiled = 0, len(self.shapes)
        known = "|".join(rf"{line_form(shape)}\n()" for shape in self.shapes)
        # The group lets the compiler take out what all shapes begin with.
        self._lines = re.compile(rf"(?:{known})|[^\n]*\n()")

    def _kinds_around_a_fault(self, block: bytes) -> bytes:
        """Judge the halves of a block by themselves: one bad line need not keep the others from being recognised."""
        middle = block.find(b"\n", len(block) // 2, -1) + 1 or block.rfind(b"\n", 0, -1) + 1
        if not middle:
            return bytes(1)
        return self.kinds(block[:middle]) + self.kinds(block[middle:])
