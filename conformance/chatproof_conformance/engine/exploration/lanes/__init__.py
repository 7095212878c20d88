"""What takes time, a process of its own, or a judgement over many connections: each lane one subject.

A lane is a function of the workshop and an instance on which nothing else happens. Those that do not disturb each
other's time share an instance, one after the other: a process that starts takes time, too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.endpoints.process.target import DYING_SECONDS
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes import (
    announcements,
    counts,
    crowd,
    cut_off,
    engine,
    full_reads,
    guests,
    heirs,
    idle,
    late_ends,
    lost_nodes,
    nemesis,
    paused,
    races,
    silent,
    spread,
    stalled,
    stop,
)
from chatproof_conformance.engine.exploration.lanes.clock import Shown, Zone, compare_clocks, read_clock
from chatproof_conformance.engine.exploration.memory import RUNNING, Place
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_schemas import requirements

Lane = Callable[[Workshop, Instance], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Group:
    """Lanes that run one after the other on one instance.

    Attributes:
        delay: after how many seconds it begins: those that keep the harness busy let the traffic begin first.
        hour: which time of day it is there, if we start the server.
        subjects: the sections and requirements that it may show to be broken; others need none of it.
        lanes: in order.
        fills_server: whether it needs all the clients that a server must have room for.
        of_cluster: whether it is about a server of several addresses only.
        of_engine: whether it is about what orders the chat of those, which must be ours then, with the ways to it.
        is_nemesis: whether it runs only if it is asked for.
    """

    delay: float
    hour: int
    subjects: tuple[str, ...]
    lanes: tuple[Lane, ...]
    fills_server: bool = False
    of_cluster: bool = False
    of_engine: bool = False
    is_nemesis: bool = False


GROUPS = (
    Group(0.0, 15, ("FRAME-2", "LEAVE-7", "JOIN-12", "TIME"), (idle.lane,)),
    Group(0.3, 18, ("FRAME", "TIME"), (late_ends.lane, full_reads.lane)),
    Group(
        1.2,
        3,
        ("FRAME", "JOIN", "LEAVE", "ORDER", "PUBLIC", "PRIVATE", "CONFIRM", "ERROR-11", "TIME"),
        (races.lane, guests.lane, counts.lane),
    ),
    Group(0.6, 9, ("SERVER", "STOP", "FRAME-1", "FRAME-8", "JOIN-11", "TIME"), (announcements.lane, stop.lane)),
    Group(
        0.9,
        21,
        ("LOAD", "FRAME-1", "JOIN-1", "JOIN-2", "LEAVE", "PUBLIC-1", "TIME"),
        (crowd.lane, paused.lane, silent.lane, heirs.lane),
        fills_server=True,
    ),
    Group(1.8, 21, ("LOAD", "FRAME-1", "PUBLIC-1", "TIME"), (stalled.lane,), fills_server=True),
    Group(0.4, 12, ("CLUSTER",), (spread.lane, lost_nodes.killed, lost_nodes.paused_briefly), of_cluster=True),
    Group(0.1, 12, ("CLUSTER",), (lost_nodes.paused_long,), of_cluster=True),
    Group(0.2, 12, ("CLUSTER",), (engine.paused_long, cut_off.from_engine), of_cluster=True, of_engine=True),
    Group(
        0.3,
        12,
        ("CLUSTER",),
        (cut_off.to_engine, cut_off.cuts, engine.paused_briefly, engine.killed),
        of_cluster=True,
        of_engine=True,
    ),
    Group(
        0.5,
        12,
        ("STOP-3", "LEAVE", "PUBLIC", "PRIVATE", "ORDER", "CONFIRM", "LOAD-3", "JOIN-1"),
        (nemesis.killed, nemesis.paused, nemesis.few_files),
        is_nemesis=True,
    ),
)


_CLOCKS = GROUPS[:3]
"""Enough of them to show whether a server keeps the time of its system."""

SUBJECTS: Mapping[Lane, str] = {
    announcements.lane: "announcements",
    counts.lane: "users who come and go",
    crowd.lane: "50 clients at once",
    cut_off.cuts: "cuts between a node and its engine",
    cut_off.from_engine: "a node not hearing the engine",
    cut_off.to_engine: "a node the engine does not hear",
    engine.killed: "an engine that is killed",
    engine.paused_briefly: "an engine that is paused",
    engine.paused_long: "an engine that is paused for long",
    full_reads.lane: "writes that fill a buffer",
    guests.lane: "clients that never join",
    heirs.lane: "clients that leave a backlog",
    idle.lane: "clients that say nothing for 10 s",
    late_ends.lane: "line ends that come late",
    lost_nodes.killed: "a node that is killed",
    lost_nodes.paused_briefly: "a node that is paused",
    lost_nodes.paused_long: "a node that is paused for long",
    nemesis.killed: "a server that is killed",
    nemesis.paused: "a server that is paused",
    nemesis.few_files: "a server with few files",
    paused.lane: "a client that pauses",
    races.lane: "joins at the same time",
    silent.lane: "frames that never end",
    spread.lane: "people at several addresses",
    stalled.lane: "clients that do not read",
    stop.lane: "the server's stop",
}
"""What each lane is about, for whoever waits for it."""
NO_COPIES = "it takes a copy of the engine, and the harness does not know how to put one in the place of another"


_SHOWS: Mapping[Lane, tuple[str, ...]] = {
    announcements.lane: ("SERVER",),
    counts.lane: ("JOIN-4", "LEAVE-4", "ORDER-3"),
    crowd.lane: ("LOAD-1",),
    full_reads.lane: ("FRAME-3",),
    guests.lane: ("JOIN-4", "JOIN-11", "LEAVE-5", "ERROR-11"),
    heirs.lane: ("JOIN-4", "LEAVE-4", "LEAVE-6"),
    idle.lane: ("LEAVE-7", "JOIN-12"),
    late_ends.lane: ("FRAME-2", "FRAME-4", "FRAME-5"),
    paused.lane: ("LOAD-5",),
    races.lane: ("JOIN-6", "LEAVE-4", "ORDER-2", "ORDER-3"),
    silent.lane: ("LOAD-3",),
    stalled.lane: ("LOAD-2", "LOAD-4"),
    stop.lane: ("STOP",),
}
"""What each lane is there for: while its author works on something else, a lane can wait."""


def lanes_of(group: Group, options: Options) -> list[Lane]:
    """Return the lanes of a group that a check needs."""
    if not options.focus:
        return list(group.lanes)
    ids = selected_ids(options.selection, Role.SERVER)
    return [lane for lane in group.lanes if any({id_, id_.split("-")[0]} & {*_SHOWS[lane]} for id_ in ids)]


def needed(group: Group, selection: Sequence[str]) -> bool:
    """Whether a group may show that something selected is broken."""
    ids = selected_ids(selection, Role.SERVER) if selection else []
    return not selection or any(one in group.subjects or one.split("-")[0] in group.subjects for one in ids)


async def run_lanes(workshop: Workshop) -> None:
    """Run all groups side by side; on a server that is not ours, what fills it comes last, alone.

    Raises:
        TargetGone: if an instance cannot be started; the other groups run to their end.
    """
    options = workshop.options
    groups = [group for group in GROUPS if needed(group, options.selection)]
    groups = [group for group in groups if group.of_cluster <= workshop.has_several]
    groups = [group for group in groups if group.of_engine <= workshop.has_engine]
    groups = [group for group in groups if group.is_nemesis <= options.nemesis]
    if options.focus:
        is_timed = "TIME-1" in selected_ids(options.selection, Role.SERVER)
        groups = [group for group in groups if lanes_of(group, options) or (is_timed and group in _CLOCKS)]
    last = [] if workshop.owns_server else [group for group in groups if group.fills_server]
    running = (run_group(workshop, group) for group in groups if group not in last)
    ended: list[Shown | BaseException | None] = list(await asyncio.gather(*running, return_exceptions=True))
    ended += [await run_group(workshop, group) for group in last]
    finding = compare_clocks([shown for shown in ended if isinstance(shown, Shown)])
    if finding is not None:
        workshop.report(finding)
    for failed in ended:
        if isinstance(failed, BaseException):
            raise failed


def untested_of_cluster(workshop: Workshop) -> dict[str, str]:
    """Return by requirement of a cluster why it cannot be put to the test."""
    ids = [id_ for id_, row in requirements().items() if row.of == "cluster"]
    if not workshop.has_several:
        return dict.fromkeys(ids, "it is about servers of several addresses: give each HOST:PORT, or --nodes")
    reasons = {"CLUSTER-6": NO_COPIES}
    if not workshop.has_engine:
        reasons["CLUSTER-4"] = "what orders the chat is not ours to pause; give --engine"
    if not workshop.owns_server:
        reasons |= dict.fromkeys(lost_nodes.IDS, "the nodes are not ours to end; give --command and --nodes")
    return reasons


async def run_group(workshop: Workshop, group: Group) -> Shown | None:
    """Run the lanes of a group; return what its clock shows, if it has a time zone of its own."""
    zone = Zone.at(group.hour)
    if not workshop.options.selection:  # else there is less that could be in its way
        await asyncio.sleep(group.delay)
    environment = zone.environment if workshop.owns_server else None
    instance = await workshop.instance(environment=environment, relayed=group.of_engine)
    try:
        shown = await read_clock(instance, zone) if workshop.owns_server else None
        wanted = lanes_of(group, workshop.options)
        for number, lane in enumerate(group.lanes):
            if lane not in wanted:
                continue
            RUNNING.set((GROUPS.index(group), number))
            with workshop.waited_for(SUBJECTS[lane]):
                await lane(workshop, instance)
            if lane is not stop.lane and (end := workshop.target(instance).how_ended(DYING_SECONDS)) is not None:
                expected = f"that the server goes on serving everyone ({SUBJECTS[lane]})"
                words = workshop.target(instance).last_words()
                finding = Finding("LEAVE-7", expected, end, last_words=words)
                workshop.hold_uncertain(finding)  # what kills it may be known already
                instance = await workshop.restart(instance)
    finally:
        await workshop.release(instance)
    return shown


def shows(id_: str) -> list[Place]:
    """Return the lanes that may show a requirement to be broken, without being asked for."""
    found = ((at, group) for at, group in enumerate(GROUPS) if needed(group, [id_]) and not group.is_nemesis)
    return [(at, number) for at, group in found for number in range(len(group.lanes))]


async def run_lane(workshop: Workshop, place: Place) -> None:
    """Run one lane alone, at once, on an instance of its own; nothing, if the server is not of the kind it is about.

    Raises:
        TargetGone: if that cannot be started.
    """
    at, number = place
    group = GROUPS[at]
    if group.of_cluster > workshop.has_several or group.of_engine > workshop.has_engine:
        return
    RUNNING.set(place)
    instance = await workshop.instance(relayed=group.of_engine)
    try:
        lane = group.lanes[number]
        with workshop.waited_for(SUBJECTS[lane]):
            await lane(workshop, instance)
    finally:
        await workshop.release(instance)
