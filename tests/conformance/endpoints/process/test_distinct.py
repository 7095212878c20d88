import re
import socket

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.endpoints.process import distinct
from chatproof_conformance.endpoints.process.distinct import require_distinct


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        (("127.0.0.1", 7), ("localhost", 7), "127.0.0.1:7"),
        (("127.0.0.1", 7), ("::ffff:127.0.0.1", 7), "127.0.0.1:7"),
        (("127.0.0.1", 7), ("0.0.0.0", 7), "127.0.0.1:7"),
        (("127.0.0.1", 7), ("127.1", 7), "127.0.0.1:7"),
        (("::1", 7), ("0:0:0:0:0:0:0:1", 7), "[::1]:7"),
    ],
)
def test_one_address_in_two_spellings_is_refused(one, other, where):
    with pytest.raises(CommandError, match="are the same address") as refused:
        require_distinct([("127.0.0.9", 7), one, other])
    assert f"the same address, {where}; each address of a server is another node" in str(refused.value)


def test_a_name_is_the_same_as_another_that_stands_for_one_of_its_addresses(monkeypatch):
    places = {"both": ["::1", "127.0.0.1"], "also": ["127.0.0.1", "::1"], "six": ["::1"], "four": ["127.0.0.1"]}
    monkeypatch.setattr(distinct, "resolve", lambda host, port: [(0, (place, port)) for place in places[host]])
    for one, other, where in (
        ("both", "also", "127.0.0.1:7"),
        ("both", "six", "[::1]:7"),
        ("four", "also", "127.0.0.1:7"),
    ):
        with pytest.raises(CommandError, match=re.escape(f"{one}:7 and {other}:7 are the same address, {where};")):
            require_distinct([(one, 7), (other, 7)])
    require_distinct([("four", 7), ("six", 7)])


def test_addresses_that_differ_are_accepted():
    require_distinct([("127.0.0.1", 7), ("127.0.0.1", 8), ("127.0.0.2", 7), ("::1", 7)])


def test_unknown_names_are_left_to_whoever_connects(monkeypatch):
    def unknown(*_):
        raise socket.gaierror

    monkeypatch.setattr(distinct, "resolve", unknown)
    require_distinct([("nobody", 7), ("nowhere", 7)])
