import os

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.endpoints.process.server_log import ServerLog
from chatproof_conformance.endpoints.process.source import ServerSource


def test_what_each_server_prints_stands_under_its_name(tmp_path):
    path = tmp_path / "log"
    log = ServerLog(path)
    first, second = log.writer("first"), log.writer("second")
    first(b"one\n")
    first(b"two\n")
    second(b"three\n")
    first(b"four\n")
    assert path.read_text() == "== first ==\none\ntwo\n== second ==\nthree\n== first ==\nfour\n"


def test_the_file_is_bounded_and_says_so(tmp_path):
    path = tmp_path / "log"
    write = ServerLog(path, most=1000).writer("loop")
    for _ in range(1000):
        write(b"x" * 100)
    assert path.stat().st_size < 1200
    assert path.read_text().endswith("\n== the rest is left out: this file is full ==\n")


def test_a_file_that_cannot_be_written_is_a_usage_error(tmp_path):
    with pytest.raises(CommandError, match=r"--server-log .* cannot be written: No such file or directory"):
        ServerSource(log=str(tmp_path / "missing" / "log")).target()


def test_the_source_hands_it_on(tmp_path):
    path = tmp_path / "log"
    target = ServerSource(log=str(path)).target()
    target.start()
    target.stop()
    assert f"port {target.address[1]} ==\n" in path.read_text()


def test_all_servers_of_a_run_write_to_one_log(tmp_path):
    source = ServerSource(None, "./server {port}", log=str(tmp_path / "log"))
    for number in range(2):
        source.target()._log.writer("a server")(b"words %d\n" % number)  # noqa: SLF001  it is written when it prints
    assert (tmp_path / "log").read_text() == "== a server ==\nwords 0\n== a server ==\nwords 1\n"


def test_a_pipe_is_opened_once_and_its_end_harms_nobody(tmp_path):
    """To open one again takes as long as its reader likes: the check would stand still, and Ctrl+C with it."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write = ServerLog(tmp_path / "pipe").writer("one")
    write(b"said\n")
    assert os.read(reader, 100) == b"== one ==\nsaid\n"
    os.close(reader)
    write(b"unread\n")
    write(b"unread\n")
