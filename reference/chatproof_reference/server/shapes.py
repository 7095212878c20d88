"""What the frames of clients look like: one regular expression of whole frames, made from the schemas.

How a frame is written makes no difference to it: the order of the members, white space, escapes in strings, and some
members that no type has. The rest is for a parser: names of members with escapes, objects and arrays.
"""

import re

from chatproof_schemas import Direction, message_types
from chatproof_schemas.recognition.strings import ANY_SCALAR, ANY_TEXT, NOT_PLAIN

_SPACE = r"[ \t\r]*"
_COLON = f"{_SPACE}:{_SPACE}"
_MOST_UNKNOWN = 5


def frame_form(members: tuple[str, ...]) -> re.Pattern[bytes]:
    """Return what a frame of a client looks like, whatever its type.

    Its first groups are ``type``, without its quotes, and so many JSON strings, quotes included, that are not empty:
    the values of ``members``, which are all that types have. Each is None if the member is missing. The last group
    takes part if the frame is an object with these members, some of them, and others, no name twice. Else the form
    matches only what it can, and the caller must parse. Whether the frame is UTF-8 is not part of it.
    """
    known = {"type": _one_of(message_types(Direction.CLIENT)), **dict.fromkeys(members, f"({ANY_TEXT})")}
    forms = [f'{name}"{_once(group)}{_COLON}{value}' for group, (name, value) in enumerate(known.items(), 1)]
    others = f'(?!(?:{"|".join(known)})")'
    for count in range(_MOST_UNKNOWN):
        group = len(known) + 1 + count
        is_next = f"(?({group - 1})|(?!))" if count else ""
        before = "".join(rf'(?!\{earlier}")' for earlier in range(len(known) + 1, group))
        forms.append(f'{_once(group)}{is_next}{others}{before}([^{NOT_PLAIN}]*)"{_COLON}{ANY_SCALAR}')
    # A comma is taken only before a quote, so none is trailing. What is no member ends the repetition, and is
    # not an error: to look for another way to read it would take time, and there is none.
    member = rf'"(?:{"|".join(forms)}){_SPACE}(?:,{_SPACE}(?=")|}}{_SPACE}\Z())'
    return re.compile(rf"{_SPACE}{{{_SPACE}(?:{member})*".encode())


def _once(group: int) -> str:
    """Return what fails if a group has taken part: a name must not be there twice."""
    return f"(?({group})(?!))"


def _one_of(names: tuple[str, ...]) -> str:
    return f'"({"|".join(map(re.escape, names))})"'
