"""What an operator is told if a node cannot begin."""

import subprocess
import sys

import pytest

from chatproof_reference.server import ChatServer, ServerOptions
from chatproof_reference.server.cluster.engine import Engine, EngineTrouble
from chatproof_reference.server.ordering import CannotJoinCluster
from support.node_program import COMMAND
from support.redis_server import RedisServer

WITHOUT_REDIS = "import sys; sys.modules['redis'] = None; from chatproof_common.command_line.main import main; "


def refuse(command, *words):
    """Return what a command that must not start says."""
    done = subprocess.run(
        [*command, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cluster", "http://h"], "The URL of the cluster is wrong: Redis URL must specify one of the following"),
        (["--cluster", "redis://127.0.0.1:x"], "expected redis://HOST:PORT"),
        (["--cluster", "redis://user:secret@127.0.0.1:1"], "Cannot join the cluster at redis://127.0.0.1:1: Error 111"),
        (
            ["--cluster", "redis://127.0.0.1:1?password=secret&colour=red"],
            "it has a parameter that redis-py does not know",
        ),
        (["--cluster", "redis+sentinel://127.0.0.1:1/chat?colour=red"], "redis-py does not know"),
        (["--cluster", "redis+sentinel://127.0.0.1:1"], "it names no service for Sentinel; expected redis://HOST:PORT"),
        (["--cluster", "redis+sentinel://127.0.0.1:1,/chat"], "'' is no address of a Sentinel"),
        (
            ["--cluster", "redis+sentinel://:secret@127.0.0.1:1,[::1]:1/chat?sentinel_password=secret"],
            "at redis+sentinel://127.0.0.1:1,[::1]:1/chat: No master found for 'chat' by any Sentinel that answers\n",
        ),
        (["--cluster", "redis://127.0.0.1:1", "--cluster-lease", "6"], "expected at most half of that"),
        (["--cluster", "redis://127.0.0.1:1", "--cluster-chat", "{x}"], "invalid name (letters, digits"),
    ],
)
def test_options_that_are_wrong_are_refused_with_what_would_be_right(words, said):
    error = refuse(COMMAND, *words)
    assert said in error
    assert "secret" not in error


def test_without_the_extra_the_error_names_it():
    code = (
        WITHOUT_REDIS + "sys.argv[1:] = ['server', '--headless', '--cluster', 'redis://127.0.0.1:1']; sys.exit(main())"
    )
    assert "pip install 'chatproof[cluster]'" in refuse([sys.executable, "-c", code])


def test_without_the_option_the_extra_is_not_loaded():
    code = (
        WITHOUT_REDIS
        + "from chatproof_reference.server import ChatServer as S; s = S('127.0.0.1', 0); s.start_server()"
    )
    subprocess.run([sys.executable, "-c", code + "; s.stop_server()"], check=True, timeout=30)


@pytest.mark.needs("redis-server")
def test_a_password_that_is_missing_or_wrong_is_named(engine):
    engine.client.config_set("requirepass", "secret")
    for url in (engine.url, engine.url.replace("//", "//:wrong@")):
        error = refuse(COMMAND, "--cluster", url)
        assert "the password belongs into the URL: redis://:PASSWORD@HOST:PORT" in error
        assert "wrong@" not in error
    server = ChatServer("127.0.0.1", 0, ServerOptions(cluster=engine.url.replace("//", "//:secret@")))
    server.start_server()
    server.stop_server()


@pytest.mark.needs("redis-server")
def test_sentinel_and_the_engine_may_each_want_a_password(engine, tmp_path):
    configuration = tmp_path / "sentinel.conf"
    configuration.write_text(f"sentinel monitor chat 127.0.0.1 {engine.port} 1\nsentinel auth-pass chat secret\n")
    sentinel = RedisServer(tmp_path, "--sentinel", configuration=configuration)
    engine.client.config_set("requirepass", "secret")
    sentinel.client.execute_command("ACL SETUSER", "default", "resetpass", ">other")
    url = f"redis+sentinel://:secret@127.0.0.1:{sentinel.port}/chat?sentinel_password="
    server = ChatServer("127.0.0.1", 0, ServerOptions(cluster=url + "other"))
    server.start_server()
    server.stop_server()
    assert "No master found for 'chat' by any Sentinel that answers" in refuse(COMMAND, "--cluster", url + "wrong")
    assert "password" in refuse(COMMAND, "--cluster", url.replace(":secret@", "") + "other")
    sentinel.stop()


@pytest.mark.needs("redis-server")
def test_an_engine_that_may_throw_data_away_is_refused(engine):
    engine.client.config_set("maxmemory-policy", "allkeys-lru")
    assert "its maxmemory-policy is allkeys-lru" in refuse(COMMAND, "--cluster", engine.url)


def test_an_engine_that_is_too_old_is_refused(monkeypatch):
    monkeypatch.setattr(Engine, "_call", lambda *_: b"# Server\r\nredis_version:6.0.16\r\n")
    with pytest.raises(EngineTrouble, match=r"it is version 6\.0\.16; expected Redis 6\.2 or later"):
        Engine("redis://127.0.0.1:1", "chat", 1.0, 1.0).check()


@pytest.mark.needs("redis-server")
def test_a_node_that_could_not_begin_has_given_its_port_back(engine):
    engine.pause()
    server = ChatServer("127.0.0.1", 0, ServerOptions(cluster=engine.url, cluster_bound=1.0, cluster_lease=0.5))
    with pytest.raises(CannotJoinCluster, match="Timeout"):
        server.start_server()
    engine.resume()
    server.start_server()
    server.stop_server()
