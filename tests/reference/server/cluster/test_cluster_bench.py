"""``chatproof bench`` with the addresses of several nodes."""

import argparse

import pytest

from chatproof_reference.commands.bench import COMMAND

pytestmark = pytest.mark.needs("redis-server")


def test_a_load_on_two_nodes_is_one_load(nodes, capsys):
    servers = nodes()
    parser = argparse.ArgumentParser()
    COMMAND.configure(parser)
    places = [server.place for server in servers]
    assert COMMAND.run(parser.parse_args([*places, "--scenario", "clients=6,senders=4,window=2,seconds=0.3"])) == 0
    assert "all once and in order" in capsys.readouterr().out
    assert all(server.totals().connections == server.totals().joins for server in servers)
    assert all(server.totals().joins % 3 == 0 for server in servers)  # half of the clients, in each run
    assert sum(server.totals().public_messages for server in servers) > 0
