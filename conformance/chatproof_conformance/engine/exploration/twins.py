"""The plain twin of a frame: if it fails, too, characters or length are what is wrong, not what the frame says."""

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.room import Room
from chatproof_schemas import CLIENT_FRAME_BYTES

_LONG = 900
_LAST_PLAIN = "~"
_FRAME = '{{"type":"message",{}"content":"{}"}}'
_CARRIAGE_RETURN = "\r"
_ABOUT_CONTENTS = ("PUBLIC-1", "PUBLIC-2", "PRIVATE", "CONFIRM")


def may_have_twin(requirement: str) -> bool:
    """Whether a finding may have its cause in characters or a length: all but what is about contents itself."""
    return not requirement.startswith(_ABOUT_CONTENTS)


def plain_twin(frame: bytes) -> Act | None:
    """Return a public message with a frame's unusual characters and white space and, if it is long, of its length.

    Return None if the frame is short and plain, or too long.
    """
    space = _CARRIAGE_RETURN if b"\r" in frame.strip() else ""
    unusual = "".join(dict.fromkeys(char for char in frame.decode("utf-8", "ignore") if char > _LAST_PLAIN))
    size = len(frame) if _LONG <= len(frame) <= CLIENT_FRAME_BYTES else 0
    if not (unusual or size or space) or len(frame) > CLIENT_FRAME_BYTES:
        return None

    def write(room: Room) -> bytes:
        content = room.word() + unusual
        missing = size - len(_FRAME.format(space, content).encode())
        return _FRAME.format(space, content + "x" * missing).encode()

    points = ", ".join(f"U+{ord(char):04X}" for char in unusual[:3])
    parts = (points, "CR between its members" if space else "", f"{size} bytes in all" if size else "")
    what = " and ".join(part for part in parts if part)
    return Act("message", "content", f"with {what}", write)
