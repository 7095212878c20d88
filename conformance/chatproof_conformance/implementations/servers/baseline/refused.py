"""Why a frame is refused."""


class Refused(Exception):  # noqa: N818  an answer, not a failure
    """A frame that is answered by an error: a code of the protocol, and words for a person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
