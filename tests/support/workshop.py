"""A workshop for one lane, on a server of the catalogue or on a program."""

import asyncio
import shlex
import sys
from contextlib import asynccontextmanager

from chatproof_conformance.apps.selftest.implementations import ENGINE
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.workshop import Workshop
from support.paths import RUN_CLUSTER, RUN_SERVER


def source_of(server, announce="stdin"):
    """The bundled server, if none is named; one of the catalogue; or, if it is a path, a program that takes a port."""
    if server is None:
        return ServerSource()
    program = [server] if "/" in str(server) else [RUN_SERVER, server, "--port"]
    return ServerSource(command=shlex.join([sys.executable, *map(str, program), "{port}"]), announce=announce)


def cluster_of(name):
    """Two nodes of a cluster of the catalogue, with their engine."""
    words = [sys.executable, RUN_CLUSTER, name, "--port", "{port}", "--engine", "{engine}", "--shared", "{shared}"]
    return ServerSource(command=shlex.join(map(str, words)), announce="stdin", nodes=2, engine=ENGINE)


@asynccontextmanager
async def workshop_with(server, **options):
    source = server if isinstance(server, ServerSource) else source_of(server)
    workshop = Workshop(source, Options(**options), RunListener())
    try:
        yield workshop
    finally:
        workshop.close()


def run_lane(lane, server, seconds=60, *, relayed=False, **options):
    """Run a lane on an instance of a server; return the workshop, with what it held back reported."""

    async def run():
        async with workshop_with(server, **options) as workshop:
            instance = await workshop.instance(relayed=relayed)
            await asyncio.wait_for(lane(workshop, instance), seconds)
            workshop.report_held()
            return workshop

    return asyncio.run(run())


def broken_by(workshop):
    return {finding.requirement for finding in workshop.findings}
