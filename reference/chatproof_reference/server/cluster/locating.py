"""Where the engine is: a connection to a fixed address, or to whichever server Sentinel says is the primary."""

from typing import Any
from urllib.parse import SplitResult, urlsplit

from redis.backoff import NoBackoff
from redis.connection import ConnectionPool, SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from chatproof_reference.server.cluster.allowance import Allowance

_SENTINEL = "+sentinel"
_SENTINEL_PORT = 26379


def make_connection(url: str, timeout: float, allowance: Allowance) -> Any:
    """Return a connection that is not connected yet; it waits ``timeout`` seconds at most, and repeats nothing.

    What it reads is counted by the allowance. One by Sentinel asks for the primary each time that it connects.

    Raises:
        ValueError: if the URL is wrong; the text says why.
    """
    waits = {"socket_connect_timeout": timeout, "socket_timeout": timeout}
    bounds = {**waits, "retry": Retry(NoBackoff(), 0), "protocol": 2, "redis_connect_func": allowance.watch}
    parts = urlsplit(url)
    try:
        if parts.scheme.endswith(_SENTINEL):
            of_sentinel = Allowance(timeout, is_of_each_command=True)
            return _pool_by_sentinel(
                parts, bounds, {**bounds, "redis_connect_func": of_sentinel.watch}
            ).make_connection()
        return ConnectionPool.from_url(url, **bounds).make_connection()
    except TypeError as error:
        raise ValueError(f"it has a parameter that redis-py does not know ({error})") from error


def without_secrets(url: str) -> str:
    """Return a URL as it may be shown."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _pool_by_sentinel(
    parts: SplitResult, bounds: dict[str, Any], sentinel_bounds: dict[str, Any]
) -> SentinelConnectionPool:
    user, at, places = parts.netloc.rpartition("@")
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("it names no service for Sentinel")
    scheme = parts.scheme.removesuffix(_SENTINEL)
    settings = parse_url(f"{scheme}://{user}{at}any/{database}?{parts.query}")
    del settings["host"]
    for_sentinel = {
        name.removeprefix("sentinel_"): settings.pop(name) for name in [*settings] if name.startswith("sentinel_")
    }
    if settings.pop("connection_class", None) is SSLConnection:
        settings["ssl"] = True
    for_sentinel |= {name: value for name, value in settings.items() if name.startswith("ssl")}
    sentinel = Sentinel(
        [_place(text) for text in places.split(",")], sentinel_kwargs={**sentinel_bounds, **for_sentinel}
    )
    return SentinelConnectionPool(service, sentinel, **{**bounds, **settings})


def _place(text: str) -> tuple[str, int]:
    place = urlsplit(f"//{text}")
    if not place.hostname:
        raise ValueError(f"{text!r} is no address of a Sentinel")
    return place.hostname, place.port or _SENTINEL_PORT
