"""What a client refuses."""


class Refused(ValueError):  # noqa: N818  an answer, not a failure
    """A frame or a request that is not as it has to be; the text says why."""
