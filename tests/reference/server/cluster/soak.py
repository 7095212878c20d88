"""Rounds of trouble for a cluster while clients talk: who went on must have missed, doubled and misordered nothing.

Run: ``python tests/reference/server/cluster/soak.py --rounds 20 --nodes 3 --clients 48``. Each round does one of
:data:`TROUBLES` to a chat in which everybody talks, then judges what each client has got. A failed round keeps what its
clients got in a folder, and the exit code is 1. Nothing but 127.0.0.1 is used.
"""

import argparse
import contextlib
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3])]

from support.cutting_proxy import CuttingProxy  # noqa: E402
from support.redis_server import RedisServer, pause, resume  # noqa: E402

LEASE, BOUND = 1.0, 4.0
COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "server", "--headless", "--port", "0"]
BOUNDS = ["--cluster-lease", str(LEASE), "--cluster-bound", str(BOUND), "--log-level", "warning"]


class Talker:
    """A client that talks all the time and keeps everything that it gets, until its connection or the round ends."""

    def __init__(self, name, node):
        self.name, self.node = name, node
        self.sent = 0
        self.got = []
        self.is_ended = False
        self.over = threading.Event()
        self.socket = socket.create_connection(node.address, timeout=30)
        self._send({"type": "join", "username": name})
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._talk)]
        self.threads[0].start()

    def begin(self):
        self.threads[1].start()

    def _send(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def _talk(self):
        with contextlib.suppress(OSError):
            while not self.over.is_set():
                for _ in range(random.randint(1, 8)):
                    self._send({"type": "message", "content": f"{self.name} {self.sent}"})
                    self.sent += 1
                time.sleep(random.uniform(0.01, 0.1))

    def _read(self):
        with contextlib.suppress(OSError), self.socket.makefile("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    self.got.append(json.loads(line))
        self.is_ended = True

    def hush(self):
        self.over.set()

    def end(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.threads[0].join(10)
        self.socket.close()


class Cluster:
    """Nodes, each with its own proxy to one engine."""

    def __init__(self, folder, count, chance):
        self.chance = chance
        self.engine = RedisServer(folder, "--appendonly", "yes", "--appendfsync", "everysec")
        self.nodes = [self.start_node() for _ in range(count)]

    def start_node(self):
        proxy = CuttingProxy(self.engine.port)
        command = [*COMMAND, *BOUNDS, "--cluster", f"redis://127.0.0.1:{proxy.port}"]
        node = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        node.proxy = proxy
        node.address = ("127.0.0.1", int(node.stdout.readline().rpartition(b":")[2]))
        return node

    def kill_node(self):
        node = self.chance.choice(self.nodes)
        node.kill()
        node.wait()
        return {node}

    def pause_node(self):
        node = self.chance.choice(self.nodes)
        pause(node)
        time.sleep(LEASE * 2.5)
        resume(node)
        return {node}

    def pause_node_briefly(self):
        node = self.chance.choice(self.nodes)
        pause(node)
        time.sleep(LEASE / 3)
        resume(node)
        return set()

    def stop_node(self):
        node = self.chance.choice(self.nodes)
        node.terminate()
        node.wait(15)
        return {node}

    def pause_engine(self):
        self.engine.pause()
        time.sleep(BOUND / 2)
        self.engine.resume()
        return set()

    def restart_engine(self):
        self.engine.kill()
        time.sleep(self.chance.uniform(0, BOUND / 4))
        self.engine.start()
        return set()

    def cut_connections(self):
        for _ in range(self.chance.randint(3, 12)):
            self.chance.choice(self.nodes).proxy.cut(self.chance.randint(0, 3000))
            time.sleep(self.chance.uniform(0.05, 0.3))
        return set()

    def lose_engine(self):
        """The engine comes back with nothing: everybody is ended."""
        self.engine.kill()
        for file in Path(self.engine.folder).rglob("*.aof*"):
            file.unlink()
        self.engine.start()
        return set(self.nodes)

    def kill_and_cut(self):
        self.cut_connections()
        return self.kill_node()

    def restart_and_pause(self):
        node = self.chance.choice(self.nodes)
        pause(node)
        self.restart_engine()
        time.sleep(LEASE * 2.5)
        resume(node)
        return {node}

    def stop(self):
        for node in self.nodes:
            node.kill()
            node.wait()
            node.stdout.close()
            node.proxy.close()
        self.engine.stop()


TROUBLES = (
    Cluster.kill_node,
    Cluster.pause_node,
    Cluster.pause_node_briefly,
    Cluster.stop_node,
    Cluster.pause_engine,
    Cluster.restart_engine,
    Cluster.cut_connections,
    Cluster.lose_engine,
    Cluster.kill_and_cut,
    Cluster.restart_and_pause,
)


def history(talker):
    """Return what a client got of the chat, as texts: the time is a node's own."""
    return [f"{frame.get('username', '')}|{frame.get('content', frame.get('message'))}" for frame in talker.got]


def judge(talkers, gone):
    """Return what is wrong: of those at nodes that went on, and of those who must have been ended."""
    wrong = []
    stayed = [talker for talker in talkers if talker.node not in gone]
    left = [talker for talker in talkers if talker.node in gone]
    wrong += [f"{talker.name} was ended: {history(talker)[-1:]}" for talker in stayed if talker.is_ended]
    wrong += [f"{talker.name} was not ended" for talker in left if not talker.is_ended]
    last = max(map(history, stayed), key=len, default=[])
    for talker in stayed:
        got = history(talker)
        mine = got.index(f"|{talker.name} joined the chat")
        if last[last.index(got[mine]) :] != got[mine:]:
            wrong.append(f"{talker.name} has another history than the one who joined first")
    for talker in stayed:
        own = [text for text in last if text.startswith(f"{talker.name}|{talker.name} ")]
        if own != [f"{talker.name}|{talker.name} {number}" for number in range(talker.sent)]:
            wrong.append(f"of {talker.name} {len(own)} messages arrived, of {talker.sent}")
    counted = Counter(last)
    for talker in talkers:
        leaves = counted[f"|{talker.name} left the chat"]
        if stayed and leaves != (talker in left):
            wrong.append(f"{leaves} leave notices of {talker.name}")
        own = [int(text.rpartition(" ")[2]) for text in last if text.startswith(f"{talker.name}|{talker.name} ")]
        if own != list(range(len(own))):
            wrong.append(f"messages of {talker.name} are missing, doubled or out of order")
    for talker in left:  # a prefix: nothing that the others never had, but after its leave for a node that is apart
        got = [text for text in history(talker) if "|" in text and not text.startswith("|")]
        public = [text for text in last if not text.startswith("|")]
        if stayed and got and public[public.index(got[0]) :][: len(got)] != got:
            wrong.append(f"{talker.name}, who was ended, has seen what the others have not")
    return wrong


def play(trouble, cluster, count):
    """Play one round in a cluster; return what is wrong, and the clients."""
    talkers = []
    deadline = time.monotonic() + 30
    for number in range(count):
        talkers.append(Talker(f"t{number}", cluster.nodes[number % len(cluster.nodes)]))
        while not number and not talkers[0].got:  # the first one sees everything
            time.sleep(0.01)
    while any(f"|{talker.name} joined the chat" not in history(talkers[0]) for talker in talkers):
        if time.monotonic() > deadline:
            return ["not everybody has joined"], talkers
        time.sleep(0.05)
    for talker in talkers:
        talker.begin()
    time.sleep(0.7)
    gone = trouble(cluster)
    time.sleep(1.0)
    settle(talkers, gone)
    wrong = judge(talkers, gone)
    for talker in talkers:
        talker.end()
    return wrong, talkers


def settle(talkers, gone):
    """Have everybody fall silent, and wait until everything has arrived, or nothing more does."""
    for talker in talkers:
        talker.hush()
    for talker in talkers:
        talker.threads[1].join(20)
    deadline = time.monotonic() + 3 * BOUND
    while time.monotonic() < deadline:
        stayed = [talker for talker in talkers if talker.node not in gone]
        ended = all(talker.is_ended for talker in talkers if talker.node in gone)
        owed = [f"{talker.name}|{talker.name} {talker.sent - 1}" for talker in stayed]
        leaves = [f"|{talker.name} left the chat" for talker in talkers if talker.node in gone]
        if ended and all({*owed, *leaves} <= {*history(talker)} for talker in stayed):
            break
        time.sleep(0.1)
    time.sleep(0.3)  # what is doubled comes late


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=len(TROUBLES), help="one of the troubles each, in turn")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no round after so long")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    random.seed(options.seed)
    print(f"seed {options.seed}", flush=True)
    outcomes = Counter()
    messages = 0
    began = time.monotonic()
    for number in range(options.rounds):
        if time.monotonic() - began > options.seconds:
            break
        trouble = TROUBLES[number % len(TROUBLES)]
        with tempfile.TemporaryDirectory() as folder:
            cluster = Cluster(folder, options.nodes, random.Random(random.random()))
            try:
                wrong, talkers = play(trouble, cluster, options.clients)
            finally:
                cluster.stop()
        messages += max(len(talker.got) for talker in talkers)
        outcomes[trouble.__name__, "failed" if wrong else "passed"] += 1
        print(number + 1, trouble.__name__, *(wrong[:5] or ["passed"]), sep="  ", flush=True)
        if wrong:
            kept = Path(tempfile.mkdtemp(prefix="cluster-soak-"))
            for talker in talkers:
                (kept / f"{talker.name}.txt").write_text("\n".join(history(talker)), "utf-8")
            print(f"    what the clients got: {kept}", flush=True)
    for (name, outcome), count in sorted(outcomes.items()):
        print(f"{name:20} {outcome:7} {count:4}")
    print(f"{messages} messages and notices in {sum(outcomes.values())} rounds")
    return any(outcome == "failed" for _, outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
