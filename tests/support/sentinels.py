"""A primary, its replicas, and Sentinels that promote one of them when it is lost."""

import time

from support.redis_server import RedisServer

SERVICE = "chat"
_SETTINGS = ("--repl-diskless-sync-delay", "0", "--appendonly", "yes")
_CONFIGURATION = """sentinel monitor {service} 127.0.0.1 {port} 2
sentinel down-after-milliseconds {service} 500
sentinel failover-timeout {service} 5000
"""


class WatchedEngine:
    """Running, with everybody knowing everybody, from its making until :meth:`stop`.

    Attributes:
        url: for nodes.
        primary: the first one; :meth:`address` is where Sentinel says it is now.
    """

    def __init__(self, folder, replicas):
        self.primary = RedisServer(_made(folder / "primary"), *_SETTINGS)
        follow = ("--replicaof", f"127.0.0.1 {self.primary.port}")
        self.replicas = [
            RedisServer(_made(folder / f"replica{number}"), *_SETTINGS, *follow) for number in range(replicas)
        ]
        _wait_until(lambda: self.primary.client.info("replication")["connected_slaves"] == replicas)
        self.sentinels = [self._start_sentinel(folder / f"sentinel{number}") for number in range(3)]
        self.url = f"redis+sentinel://{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/{SERVICE}"
        for one in self.sentinels:
            _wait_until(lambda one=one: one.client.sentinel_master(SERVICE)["num-other-sentinels"] == 2)
            _wait_until(lambda one=one: one.client.sentinel_master(SERVICE)["num-slaves"] == replicas)

    def _start_sentinel(self, folder):
        configuration = _made(folder) / "sentinel.conf"
        configuration.write_text(_CONFIGURATION.format(service=SERVICE, port=self.primary.port), "utf-8")
        return RedisServer(folder, "--sentinel", configuration=configuration)

    def address(self):
        return self.sentinels[-1].client.sentinel_get_master_addr_by_name(SERVICE)

    def wait_for_failover(self):
        _wait_until(lambda: self.address()[1] != self.primary.port)

    def stop(self):
        for one in (*self.sentinels, *self.replicas, self.primary):
            one.stop()


def _made(folder):
    folder.mkdir()
    return folder


def _wait_until(is_so):
    deadline = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
