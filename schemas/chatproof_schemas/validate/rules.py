"""What a finding's code means, in a sentence: for forms that list their rules."""

from chatproof_schemas.validate.judging import UNKNOWN_MEMBER, UNKNOWN_TYPE

RULES = {
    "frame_too_long": "A frame has at most 1024 bytes from a client, and 8192 from a server, without its LF.",
    "malformed_json": "A frame is JSON in UTF-8, without duplicate member names and lone surrogates.",
    "invalid_message": "A frame is an object with a type and the members that the type asks for, within their limits.",
    UNKNOWN_TYPE: "A type is one that its sender may send.",
    "username_invalid": "A name has 1 to 32 code points, no invisible characters, and no space at either end.",
    UNKNOWN_MEMBER: "A member that a type does not have is ignored by whoever receives it.",
}
"""Each code that a finding can have, in the specification's order of precedence."""
