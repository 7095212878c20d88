"""Shows what a server counts to Prometheus, by its client library: an extra, imported only if it is asked for."""

from collections.abc import Iterator
from typing import TypeAlias

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from chatproof_reference.server.server import ChatServer

_Family: TypeAlias = CounterMetricFamily | GaugeMetricFamily


class Metrics:
    """An HTTP server of its own, from now until :meth:`close`; each request reads the counters then."""

    def __init__(self, server: ChatServer, host: str, port: int) -> None:
        """Listen on ``host`` and ``port`` (0: the system chooses).

        Raises:
            OSError: if the address cannot be had.
        """
        registry = CollectorRegistry()
        registry.register(ServerCollector(server))
        self._http, self._thread = start_http_server(port, host, registry)
        self.port = self._http.server_port

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class ServerCollector(Collector):
    """What a server shows, each time that it is asked."""

    def __init__(self, server: ChatServer) -> None:
        self._server = server

    def collect(self) -> Iterator[_Family]:
        """Yield what there is to know of the server now."""
        server, totals = self._server, self._server.totals().as_dict()
        yield GaugeMetricFamily("chatproof_connections", "Connections now, joined or not.", server.connection_count)
        yield GaugeMetricFamily("chatproof_users", "Joined users now.", len(server.list_clients()))
        yield CounterMetricFamily("chatproof_accepted", "Connections accepted.", totals["connections"])
        yield CounterMetricFamily("chatproof_joins", "Joins that succeeded.", totals["joins"])
        yield _labelled(
            "chatproof_messages",
            "Messages of users that took effect.",
            "kind",
            {"public": totals["public_messages"], "private": totals["private_messages"]},
        )
        yield CounterMetricFamily(
            "chatproof_deliveries", "Frames handed to clients, each recipient counted.", totals["deliveries"]
        )
        yield _labelled("chatproof_refused_frames", "Frames answered with an error.", "code", totals["refused"])
        yield _labelled("chatproof_ended", "Connections that have ended.", "reason", totals["ended"])
        yield _labelled("chatproof_turned_away", "Connections ended at once.", "reason", totals["turned_away"])
        if node := server.node:
            is_in = not node.reason_to_refuse()
            yield GaugeMetricFamily("chatproof_cluster_member", "1 while this node takes part in its cluster.", is_in)
            yield GaugeMetricFamily(
                "chatproof_cluster_lag_bytes", "What this node has yet to apply of the log.", node.lag_bytes
            )
            yield GaugeMetricFamily(
                "chatproof_cluster_round_trip_seconds", "How long the last beat took.", node.round_trip_seconds
            )


def _labelled(name: str, text: str, label: str, values: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
