"""A node of a cluster that is a process of its own, and so can be paused, killed and started again."""

import subprocess
import sys

COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "server", "--headless", "--port", "0"]


class NodeProgram:
    """Running from its making until :meth:`end`; if it is started again it has the same address.

    Attributes:
        address: the host and the port, as soon as it has once been ready.
    """

    def __init__(self, url, *options):
        self._options = ["--cluster", url, *options]
        self.address = ("127.0.0.1", 0)
        self.start()

    def start(self):
        command = [*COMMAND, "--port", str(self.address[1]), *self._options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def wait_until_ready(self):
        """Wait until it takes part; of several that are started at once each is waited for afterwards."""
        self.address = ("127.0.0.1", int(self.process.stdout.readline().rpartition(b":")[2]))

    def send_signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Have it stop in order; return its exit code."""
        self.process.terminate()
        return self.process.wait(15)

    def end(self):
        self.kill()
        self.process.stdout.close()
