"""What is done to a cluster while its clients talk: each trouble, and all that may happen at once."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.cutting_proxy import CuttingProxy
from support.node_program import NodeProgram
from support.redis_server import RedisServer, pause, resume

LEASE, BOUND = 1.0, 5.0
_BOUNDS = ["--cluster-lease", str(LEASE), "--cluster-bound", str(BOUND), "--log-level", "warning"]
_LONG_SECONDS = LEASE * 2.5
_BETWEEN_SECONDS = 2.0
"""What the engine has between two outages, so that they do not add up to one of more than the bound."""


class Cluster:
    """Nodes, each with its own proxy to one engine."""

    def __init__(self, folder, count, chance):
        self.chance = chance
        self.engine = RedisServer(folder, "--appendonly", "yes", "--appendfsync", "everysec")
        self.engine_lock = threading.Lock()
        self.proxies = [CuttingProxy(self.engine.port) for _ in range(count)]
        self.nodes = [NodeProgram(f"redis://127.0.0.1:{proxy.port}", *_BOUNDS) for proxy in self.proxies]
        for node in self.nodes:
            node.wait_until_ready()

    def stop(self):
        for node in self.nodes:
            node.end()
        for proxy in self.proxies:
            proxy.close()
        self.engine.resume()
        self.engine.stop()


def kill(_, node):
    node.kill()


def stop(_, node):
    node.stop()


def pause_long(_, node):
    pause(node)
    time.sleep(_LONG_SECONDS)
    resume(node)


def pause_briefly(_, node):
    pause(node)
    time.sleep(LEASE / 3)
    resume(node)


def restart_engine(cluster, _):
    cluster.engine.kill()
    time.sleep(cluster.chance.uniform(0, BOUND / 5))
    cluster.engine.start()


def pause_engine(cluster, _):
    cluster.engine.pause()
    time.sleep(BOUND * 0.4)
    cluster.engine.resume()


def lose_engine(cluster, _):
    """It comes back with nothing."""
    cluster.engine.kill()
    for file in Path(cluster.engine.folder).rglob("*.aof*"):
        file.unlink()
    cluster.engine.start()


def cut(cluster, _):
    """End connections between nodes and engine, most in the middle of what passes, in either direction.

    The nodes take turns, and not for long: one that never gets through is away for longer than the lease or the bound.
    """
    first = cluster.chance.randrange(len(cluster.proxies))
    for number in range(cluster.chance.randint(3, 9)):
        cluster.proxies[(first + number) % len(cluster.proxies)].cut(cluster.chance.randint(0, 3000))
        time.sleep(cluster.chance.uniform(0.05, 0.25))


MAIN = (kill, pause_long, restart_engine, cut)
TROUBLES = (*MAIN, stop, pause_briefly, pause_engine, lose_engine)
OF_NODES = (kill, stop, pause_long, pause_briefly)
"""They happen to a node each, and to no other's."""
OF_ENGINE = (restart_engine, pause_engine, lose_engine)
"""They happen one after the other."""


def combinations(troubles=TROUBLES):
    """Return each trouble alone, each pair, those of twice the same too, and whatever more of :data:`MAIN`."""
    pairs = itertools.combinations_with_replacement(troubles, 2)
    main = [trouble for trouble in troubles if trouble in MAIN]
    more = itertools.chain.from_iterable(itertools.combinations(main, count) for count in range(3, len(main) + 1))
    return [*((trouble,) for trouble in troubles), *pairs, *more]


def schedule(chance, troubles=TROUBLES):
    """Yield what happens in each round, for ever: all combinations in an order by chance, then all again."""
    while True:
        for combination in chance.sample(combinations(troubles), len(combinations(troubles))):
            yield tuple(chance.sample(combination, len(combination)))


def happen(combination, cluster):
    """Have troubles happen, each begun soon after the one before; return which nodes must and which may end theirs."""
    nodes = iter(cluster.chance.sample(cluster.nodes, len(cluster.nodes)))
    must, may = set(), set()
    disturbs_leases = any(trouble in (*OF_ENGINE, cut) for trouble in combination)
    with ThreadPoolExecutor(len(combination)) as pool:
        under_way = []
        for trouble in combination:
            node = next(nodes) if trouble in OF_NODES else None
            if trouble is lose_engine:
                must |= {*cluster.nodes}
            elif trouble in (kill, stop) or (trouble is pause_long and not disturbs_leases):
                must.add(node)
            elif trouble is pause_long:  # who cannot reach the engine itself takes nobody else for dead
                may.add(node)
            under_way.append(pool.submit(_do, trouble, cluster, node))
            time.sleep(cluster.chance.uniform(0, LEASE))
        for each in under_way:
            each.result()
    return must, may


def _do(trouble, cluster, node):
    if trouble not in OF_ENGINE:
        trouble(cluster, node)
        return
    with cluster.engine_lock:
        trouble(cluster, node)
        time.sleep(_BETWEEN_SECONDS)


def pairs_of(combination):
    """Return the pairs of names in it; one trouble alone is a pair with nothing."""
    names = sorted(trouble.__name__ for trouble in combination)
    return [*itertools.combinations(names, 2)] or [(names[0], "nothing else")]
