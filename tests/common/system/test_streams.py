import os

import pytest

from chatproof_common.system.errors import described_error, is_closed_pipe
from chatproof_common.system.streams import discard


def test_what_is_written_to_a_discarded_stream_goes_nowhere():
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        stream.write("held")
        os.close(reading)
        discard(stream)
        stream.write("later")
        stream.flush()


def test_a_closed_pipe_is_told_from_another_failure():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", 0) as stream, pytest.raises(OSError, match="Broken pipe") as failed:
        stream.write(b"x")
    assert is_closed_pipe(failed.value)
    assert not is_closed_pipe(FileNotFoundError())
    assert described_error(failed.value.errno) == "Broken pipe"
    assert described_error(None) == described_error(0)
