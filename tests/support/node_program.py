"""A node of a cluster that is a process of its own, and so can be paused, killed and started again."""

import subprocess
import sys

COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "server", "--headless", "--port", "0"]


class NodeProgram:
    """Running from its making until :meth:`end`; whoever has it started again finds it at the same address.

    Attributes:
        address: the host and the port; waits until the node takes part.
    """

    def __init__(self, url, *options):
        self._options = ["--cluster", url, *options]
        self._address = ("127.0.0.1", 0)
        self.start()

    def start(self):
        command = [*COMMAND, "--port", str(self._address[1]), *self._options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._is_ready = False

    @property
    def address(self):
        if not self._is_ready:
            self._address = ("127.0.0.1", int(self.process.stdout.readline().rpartition(b":")[2]))
            self._is_ready = True
        return self._address

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
