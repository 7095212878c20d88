"""A Redis of a test's own, on a free port of 127.0.0.1, that can be paused, killed and started again."""

import contextlib
import signal
import socket
import subprocess
import time

import redis


def pause(process):
    """Stop a process in the middle of whatever it does."""
    process.send_signal(signal.SIGSTOP)


def resume(process):
    """Let a paused process go on."""
    process.send_signal(signal.SIGCONT)


class RedisServer:
    """Running from its making until :meth:`stop`; ``configuration`` is a file of settings."""

    def __init__(self, folder, *settings, configuration=""):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self.client = redis.Redis(port=self.port, socket_timeout=10)
        self.folder = folder
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        self.command = ["redis-server", *filter(None, [str(configuration)]), *place, "--save", "", *settings]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.answers():
            assert self.process.poll() is None, "redis-server has ended"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.02)

    def answers(self):
        with contextlib.suppress(redis.ConnectionError, redis.BusyLoadingError):
            return self.client.ping()
        return False

    def pause(self):
        pause(self.process)

    def resume(self):
        resume(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def cut(self):
        """End all connections of others to it."""
        self.client.client_kill_filter(_type="normal", skipme=True)

    def stop(self):
        self.client.close()
        self.kill()
