"""Each lane finds the servers whose faults it is there for, and says nothing of right ones, however slow."""

import asyncio
import re

import pytest

from chatproof_conformance.engine.exploration.lanes import (
    announcements,
    counts,
    crowd,
    guests,
    idle,
    late_ends,
    paused,
    races,
    run_lanes,
    silent,
    stalled,
    stop,
)
from support.workshop import broken_by, run_lane, workshop_with

FAULTY = [
    (crowd, "thirty-two-clients", "LOAD-1"),
    (crowd, "forty-eight-hear", "LOAD-1"),
    (crowd, "blind-b-seats", "LOAD-1"),
    (silent, "blocking-handshake", "LOAD-3"),
    (silent, "half-frame-blocks", "LOAD-3"),
    (stalled, "blocking-send", "LOAD-2"),
    (stalled, "slow-reader-slows-all", "LOAD-2"),
    (stalled, "unbounded-outbox", "LOAD-4"),
    (stalled, "blind-h-four-stalled-readers-use-up-the-writers", "LOAD-2"),
    (stalled, "blind-c-short-write", "FRAME-1"),
    (stalled, "blind-g-removal-skips-next", "PUBLIC-1"),
    (stalled, "blind-g-write-interest-lost", "PUBLIC-1"),
    (idle, "blind-c-join-5s", "JOIN-12"),
    (idle, "blind-g-private-time-of-last-frame", "TIME-1"),
    (idle, "blind-g-stalled-for-four-seconds", "LOAD-5"),
    (idle, "blind-c-frame-cache", "TIME-1"),
    (paused, "burst-of-48-kib-drops", "LOAD-5"),
    (announcements, "announces-nothing", "SERVER-1"),
    (announcements, "announces-twice", "SERVER-1"),
    (announcements, "announces-once", "SERVER-1"),
    (announcements, "newest-misses-announcement", "SERVER-1"),
    (stop, "stops-by-reset", "STOP-1"),
    (stop, "stops-slowly", "STOP-1"),
    (stop, "stop-resets-guests", "STOP-1"),
    (stop, "stop-waits-for-half-frames", "STOP-1"),
    (stop, "blind-g-stop-waits-for-readers", "STOP-1"),
    (stop, "stops-without-a-word", "STOP-2"),
    (stop, "port-stays-taken", "STOP-3"),
    (stop, "blind-h-a-worker-outlives-the-main-process", "STOP-3"),
    (races, "narrow-race", "JOIN-6"),
    (guests, "guests-leave-aloud", "LEAVE-5"),
    (races, "names-freed-late", "LEAVE-4"),
]
PUT_TO_THE_TEST = {f"LOAD-{number}" for number in (1, 2, 3, 5)} | {f"STOP-{number}" for number in (1, 2, 3)}
PUT_TO_THE_TEST |= {"SERVER-1", "JOIN-6", "JOIN-12", "LEAVE-7", "PUBLIC-1", "TIME-1", "FRAME-2"}


@pytest.mark.parametrize(("lane", "server", "requirement"), FAULTY, ids=[server for _, server, _ in FAULTY])
def test_a_lane_finds_a_fault_under_its_own_id(lane, server, requirement):
    workshop = run_lane(lane.lane, server)
    assert broken_by(workshop) == {requirement}
    assert all(finding.events and finding.started for finding in workshop.findings)


@pytest.mark.parametrize("server", [None, "late-by-100-ms", "blank-lines"])
def test_right_servers_are_left_alone_and_put_to_the_test(server):
    async def run():
        async with workshop_with(server) as workshop:
            await asyncio.wait_for(run_lanes(workshop), 60)
            workshop.report_held()
            return workshop

    workshop = asyncio.run(run())
    assert not workshop.findings
    assert set(workshop.evidence) >= PUT_TO_THE_TEST
    assert not workshop.unknown.keys() - {"LOAD-4"}


OVERRIDES = {
    "announces-with-single-spaces": (announcements, "SERVER-1", "announce", "' '.join(text.split())"),
    "announces-ascii": (announcements, "SERVER-1", "announce", "text.encode('ascii', 'ignore').decode()"),
    "announces-cut": (announcements, "SERVER-1", "announce", "text[:500]"),
}


@pytest.mark.parametrize("name", OVERRIDES)
def test_announcements_arrive_as_they_were_made(name, own_server):
    lane, requirement, method, change = OVERRIDES[name]
    server = own_server(f"def {method}(self, text): super().{method}({change})")
    assert broken_by(run_lane(lane.lane, server)) == {requirement}


def test_an_announcement_is_not_made_again_to_whoever_joins(own_server):
    server = own_server("""
        made = []
        def announce(self, text):
            self.made.append(text)
            super().announce(text)
        def join(self, connection, name):
            super().join(connection, name)
            for text in self.made:
                self.send(connection, self.announcement(text))
    """)
    assert broken_by(run_lane(announcements.lane, server)) == {"SERVER-1"}


def test_a_client_that_talks_until_the_end_must_not_be_reset(own_server):
    server = own_server("""
        def shut_down(self, connection):
            self.close(connection) if self.stopping else super().shut_down(connection)
    """)
    # Only what lies unread at that very moment makes it a reset: on a busy machine that may be nothing.
    seen = (broken_by(run_lane(stop.lane, server)) for _ in range(10))
    assert next(filter(None, seen)) == {"STOP-1"}


def test_a_process_that_lingers_is_not_stopped(own_server):
    server = own_server("""
        def serve(self, host, port):
            super().serve(host, port)
            time.sleep(20)
    """)
    workshop = run_lane(stop.lane, server)
    assert broken_by(workshop) == {"STOP-3"}
    assert re.search(r"; SIGTERM was sent to \S+ \(pid \d+\)$", workshop.findings[0].actual)


def test_whoever_is_the_oldest_of_more_than_forty_stays(own_server):
    server = own_server("""
        def join(self, connection, name):
            super().join(connection, name)
            if len(self.joined) > 40:
                self.was_reset(next(iter(self.joined.values())))
    """)
    assert broken_by(run_lane(crowd.lane, server)) == {"LOAD-1"}


def test_private_messages_to_a_client_that_does_not_read_delay_nobody(own_server):
    server = own_server("""
        def deliver_private(self, connection, target, message):
            super().deliver_private(connection, target, message)
            while target.outbox and not target.closed:
                self.flush(target)
    """)
    assert broken_by(run_lane(stalled.lane, server)) == {"LOAD-2"}


def test_a_burst_of_many_small_messages_drops_nobody(own_server):
    server = own_server("""
        def send_bytes(self, connection, data):
            super().send_bytes(connection, data)
            connection.queued = getattr(connection, "queued", 0) + 1
            if connection.queued > 200:
                self.overflowed.append(connection)
        def settle(self):
            for connection in self.connections:
                connection.queued = 0
            super().settle()
    """)
    assert broken_by(run_lane(paused.lane, server)) == {"LOAD-5"}


@pytest.mark.parametrize(
    ("state", "requirement"), [("connection.name is not None", "LEAVE-7"), ("connection.name is None", "JOIN-12")]
)
def test_who_is_idle_stays(own_server, state, requirement):
    server = own_server(f"""
        def received(self, connection, data):
            connection.seen = time.monotonic()
            super().received(connection, data)
        def started(self):
            super().started()
            self.look()
        def look(self):
            for connection in list(self.connections):
                if {state} and time.monotonic() - getattr(connection, "seen", 0) > 2.5:
                    self.was_reset(connection)
            self.loop.call_later(0.2, self.look)
        def connected(self, connection):
            connection.seen = time.monotonic()
    """)
    assert broken_by(run_lane(idle.lane, server)) == {requirement}


def test_half_a_frame_is_kept_for_seconds(own_server):
    server = own_server("""
        def received(self, connection, data):
            now = time.monotonic()
            if connection.inbox and now - connection.seen > 2.5:
                connection.inbox = b""
            connection.seen = now
            super().received(connection, data)
    """)
    assert broken_by(run_lane(idle.lane, server)) == {"FRAME-2"}


def test_a_third_life_is_as_good_as_the_first(own_server):
    server = own_server("""
        lives = {}
        def is_taken(self, name):
            return super().is_taken(name) or self.lives.get(name, 0) > 2
        def register(self, connection, name):
            self.lives[name] = self.lives.get(name, 0) + 1
            super().register(connection, name)
    """)
    assert broken_by(run_lane(counts.lane, server)) == {"LEAVE-4"}


@pytest.mark.parametrize("delivered", [True, False])
def test_the_256th_private_message_is_confirmed_as_the_others(delivered, own_server):
    server = own_server(f"""
        number = 0
        def confirm(self, connection, message, *, delivered):
            self.number += delivered is {delivered}
            if delivered is not {delivered} or self.number % 256:
                super().confirm(connection, message, delivered=delivered)
    """)
    assert broken_by(run_lane(counts.lane, server)) == {"CONFIRM-1" if delivered else "CONFIRM-2"}


def test_the_nine_hundredth_message_counts(own_server):
    server = own_server("""
        said = 0
        def on_public(self, connection, message):
            self.said += 1
            if self.said != 900:
                super().on_public(connection, message)
    """)
    assert broken_by(run_lane(counts.lane, server)) == {"PUBLIC-1"}


LATE_ENDS = {
    "FRAME-2": """
        def received(self, connection, data):
            if connection.inbox[-1:].isdigit():
                data = b"\\n" + data
            super().received(connection, data)
    """,
    "FRAME-4": """
        def received(self, connection, data):
            if len(connection.inbox) == 1024:
                data = b"x" + data
            super().received(connection, data)
    """,
    "FRAME-5": """
        def is_too_long(self, frame):
            return super().is_too_long(frame.rstrip(b"\\r"))
    """,
}


@pytest.mark.parametrize("requirement", LATE_ENDS)
def test_the_end_of_a_line_may_come_late_and_white_space_counts(requirement, own_server):
    server = own_server(LATE_ENDS[requirement])
    assert broken_by(run_lane(late_ends.lane, server)) == {requirement}


@pytest.mark.parametrize("server", [None, "late-by-100-ms", "takes-objects-without-lf", "reads-seven-bytes", "jitter"])
def test_servers_may_take_an_object_before_its_lf(server):
    workshop = run_lane(late_ends.lane, server)
    assert not workshop.findings
    assert workshop.evidence["FRAME-2"]


def test_a_list_of_all_users_fits_into_a_frame(own_server):
    server = own_server("""
        def join(self, connection, name):
            super().join(connection, name)
            self.send(connection, self.system(", ".join(self.joined) * 2))
    """)
    assert broken_by(run_lane(crowd.lane, server)) == {"FRAME-1"}


def test_private_messages_alone_must_not_pile_up_either(own_server):
    server = own_server("""
        def send_bytes(self, connection, data):
            connection.private = getattr(connection, "private", 0) + len(data) * (b"private_message" in data[:40])
            super().send_bytes(connection, data)
        def limit_outbox(self, connection):
            if len(connection.outbox) > self.pending_bytes + connection.private:
                super().limit_outbox(connection)
    """)
    assert broken_by(run_lane(stalled.lane, server)) == {"LOAD-4"}


def test_who_reads_again_lacks_no_single_message(own_server):
    server = own_server("""
        def send_bytes(self, connection, data):
            if len(connection.outbox) < 200_000:
                super().send_bytes(connection, data)
    """)
    assert broken_by(run_lane(stalled.lane, server)) == {"PUBLIC-1"}


def test_two_announcements_at_once_are_two(own_server):
    server = own_server("""
        def read_operator(self, number):
            import os
            text = os.read(0, 65536).decode()
            self.announce(text.rstrip("\\n"))
    """)
    assert broken_by(run_lane(announcements.lane, server)) >= {"SERVER-1"}


def test_who_is_thrown_out_has_left_for_the_others(own_server):
    server = own_server("""
        def limit_outbox(self, connection):
            connection.kicked = len(connection.outbox) > self.pending_bytes
            super().limit_outbox(connection)
        def send_leave_notice(self, connection, name):
            if not getattr(connection, "kicked", False):
                super().send_leave_notice(connection, name)
    """)
    assert broken_by(run_lane(stalled.lane, server)) == {"LEAVE-1"}
