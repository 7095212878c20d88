"""Nodes of one chat, in this process or as programs, and the engine that they share."""

import uuid

import pytest

from chatproof_reference.server import ChatServer, ServerOptions
from support.node_program import NodeProgram
from support.redis_server import RedisServer


@pytest.fixture(scope="session")
def shared_engine(tmp_path_factory):
    engine = RedisServer(tmp_path_factory.mktemp("redis"))
    yield engine
    engine.stop()


@pytest.fixture
def engine(tmp_path):
    """An engine for one test, which may do to it what it likes."""
    engine = RedisServer(tmp_path)
    yield engine
    engine.resume()
    engine.stop()


@pytest.fixture
def nodes(shared_engine):
    """Start nodes of one chat that is new for each test."""
    chat = uuid.uuid4().hex
    servers = []

    def start(count=2, url=shared_engine.url, **options):
        for _ in range(count):
            servers.append(ChatServer("127.0.0.1", 0, ServerOptions(cluster=url, cluster_chat=chat, **options)))
            servers[-1].start_server()
        return servers[-count:]

    yield start
    for server in servers:
        server.stop_server()


@pytest.fixture
def programs():
    """Start nodes that are processes of their own, and so can be stopped and killed."""
    started = []

    def start(url, count=2, *, lease=0.6, bound=3.0):
        bounds = ("--cluster-lease", str(lease), "--cluster-bound", str(bound))
        started.extend(NodeProgram(url, *bounds) for _ in range(count))
        for node in started[-count:]:
            node.wait_until_ready()
        return started[-count:]

    yield start
    for node in started:
        node.end()
