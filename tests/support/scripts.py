"""Scripts of acts that a test writes down itself."""

from chatproof_conformance.space.patterns import act
from chatproof_conformance.space.script import Script


def says(text, label=""):
    """A public message whose content has a new word and this text."""
    return act("message", "content", label or text, b'{"type":"message","content":"<word> %s"}' % text.encode())


def bad(number):
    """A frame that gets an error, whatever the state."""
    return act("message", "content", f"a number, {number}", b'{"type":"message","content":%d}' % number)


def saying(*texts, **dimensions):
    return Script(acts=tuple(map(says, texts)), **dimensions)


WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
