"""``chatproof tap --pcap``: what passed, as Wireshark's reader and our dissector see it."""

import contextlib
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import time

import pytest

from chatproof_common.addresses import shown_address
from chatproof_conformance.apps.tap.capture.capture import Capture
from chatproof_conformance.apps.tap.capture.packets import read_end
from chatproof_schemas.transcript import Kind, read_transcript
from support.commands import chatproof
from support.paths import ROOT
from support.recordings import frame, join, notice
from support.tapping import connect, pair, program, read_exactly, read_to_end, reset
from support.tshark import DISSECTOR, read_capture

pytestmark = pytest.mark.needs("tshark")

GREETING = frame(type="message", content="grüße")
SAID = frame(type="message", username="ann", content="grüße", timestamp="12:00:00")
HEAD = ["frame.time_epoch", "frame.comment", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport"]
TCP = ["tcp.len", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags.str", "tcp.payload", "tcp.analysis.flags"]
CHECKSUMS = ["ip.checksum.status", "tcp.checksum.status"]
CHAT = ["chat.direction", "chat.type", "chat.username", "chat.content", "chat.target", "chat.delivered", "chat.message"]
GOOD = ["1"]
"""What tshark calls a checksum that is right."""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.pcapng"


def say(sender, receiver, *pieces):
    """Send pieces, each of which has passed before the next one."""
    for piece in pieces:
        sender.sendall(piece)
        assert read_exactly(receiver, len(piece)) == piece


def leave(client, server):
    """Let the client leave in order, then the server."""
    client.shutdown(socket.SHUT_WR)
    assert read_to_end(server) == b""
    server.shutdown(socket.SHUT_WR)
    assert read_to_end(client) == b""


@contextlib.contextmanager
def program_between(folder, *words, before=()):
    """Run a tap as its user does; yield it, a client's socket, and the server's of the same connection."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        program(listening.getsockname(), "--pcap", "run.pcapng", *words, folder=folder, before=before) as tap,
        connect(tap.address) as client,
        listening.accept()[0] as server,
    ):
        yield tap, client, server


def carrying(packets):
    return [packet for packet in packets if packet["tcp.len"] != ["0"]]


def test_frames_in_many_segments_and_many_in_one_have_the_fields_that_were_sent(path):
    private = frame(type="private_message", target="bob", content="psst")
    lost = frame(type="private_confirmation", target="bob", content="psst", delivered=False, timestamp="12:00:00")
    with pair(pcap=path) as (client, server, _):
        say(client, server, join("ann").replace(b"\n", b"\r\n"))
        say(server, client, notice("ann"))
        say(client, server, GREETING[:5], GREETING[5:36], GREETING[36:])  # inside of ü
        say(client, server, private + frame(type="message", content="a\tb 😀") + b" \r\n" + private[:20], private[20:])
        say(server, client, SAID + lost)
        port = server.getsockname()[1]
    found = [
        {name.removeprefix("chat."): values for name, values in packet.items() if name in CHAT}
        for packet in carrying(read_capture(path, port, ["tcp.len", *CHAT]))
    ]
    assert found == [
        {"direction": ["client"], "type": ["join"], "username": ["ann"]},
        {"direction": ["server"], "type": ["system"], "message": ["ann joined the chat"]},
        {},
        {},
        {"direction": ["client"], "type": ["message"], "content": ["grüße"]},
        {
            "direction": ["client"] * 3,
            "type": ["private_message", "message"],
            "target": ["bob"],
            "content": ["psst", "a\tb 😀"],
        },
        {"direction": ["client"], "type": ["private_message"], "target": ["bob"], "content": ["psst"]},
        {
            "direction": ["server"] * 2,
            "type": ["message", "private_confirmation"],
            "username": ["ann"],
            "content": ["grüße", "psst"],
            "target": ["bob"],
            "delivered": ["0"],
        },
    ]


def test_the_packets_are_those_of_a_connection_from_its_beginning_to_its_end(path):
    before = time.time()
    with program_between(path.parent, "--record", "run.ndjson") as (tap, client, server):
        (ours, our_port), (theirs, their_port), its = server.getpeername(), server.getsockname(), client.getsockname()
        say(client, server, join("ann"))
        say(server, client, notice("ann"))
        leave(client, server)
        tap.end()
    packets = read_capture(path, their_port, [*HEAD, *TCP, *CHECKSUMS])
    sent, got = len(join("ann")), len(notice("ann"))
    assert [(packet["tcp.flags.str"][0].strip("·"), *numbers(packet)) for packet in packets] == [
        ("S", 0, 0, 0),
        ("A··S", 0, 1, 0),
        ("A", 1, 1, 0),
        ("AP", 1, 1, sent),
        ("AP", 1, 1 + sent, got),
        ("A···F", 1 + sent, 1 + got, 0),
        ("A", 1 + got, 2 + sent, 0),
        ("A···F", 1 + got, 2 + sent, 0),
        ("A", 2 + sent, 2 + got, 0),
    ]
    there = {"ip.src": [ours], "tcp.srcport": [str(our_port)], "ip.dst": [theirs], "tcp.dstport": [str(their_port)]}
    back = {"ip.src": [theirs], "tcp.srcport": [str(their_port)], "ip.dst": [ours], "tcp.dstport": [str(our_port)]}
    ways = [there, back, there, there, back, there, back, back, there]
    assert [{name: packet[name] for name in there} for packet in packets] == ways
    assert [packet.get("frame.comment") for packet in packets] == [
        [f"c1: the client is {shown_address(its)}"], *[None] * 8
    ]  # fmt: skip
    assert {tuple(packet[name]) for packet in packets for name in CHECKSUMS} == {tuple(GOOD)}
    assert not [packet for packet in packets if "tcp.analysis.flags" in packet]
    times = [float(packet["frame.time_epoch"][0]) for packet in packets]
    assert times == sorted(times)
    assert before - 1 < times[0] < times[-1] < time.time() + 1
    recorded = read_transcript(path.with_name("run.ndjson"))
    passed = [event for event in recorded.events if event.data]
    assert [bytes.fromhex(packet["tcp.payload"][0]) for packet in carrying(packets)] == [event.data for event in passed]
    moments = [recorded.started.timestamp() + event.time for event in passed]
    assert [float(packet["frame.time_epoch"][0]) for packet in carrying(packets)] == pytest.approx(moments, abs=0.2)


def numbers(packet):
    return (int(packet[name][0]) for name in ("tcp.seq_raw", "tcp.ack_raw", "tcp.len"))


def test_a_connection_by_ipv6_has_its_addresses(path):
    with pair(host="::1", pcap=path) as (client, server, tap):
        say(client, server, join("ann"))
        its, port = client.getsockname(), server.getsockname()[1]
        reset(server)
        tap.wait_for(Kind.SERVER_RESET)
    packets = read_capture(path, port, [*HEAD, *TCP, *CHECKSUMS, *CHAT])
    assert {(*packet["ipv6.src"], *packet["ipv6.dst"]) for packet in packets} == {("::1", "::1")}
    assert packets[0]["tcp.dstport"] == packets[-1]["tcp.srcport"] == [str(port)]
    assert packets[0]["frame.comment"] == [f"c1: the client is {shown_address(its)}"]
    assert {tuple(packet["tcp.checksum.status"]) for packet in packets} == {tuple(GOOD)}
    assert [packet["chat.username"] for packet in carrying(packets)] == [["ann"]]
    assert "R" in packets[-1]["tcp.flags.str"][0]


def test_a_cut_is_a_reset_with_a_comment_and_each_connection_is_a_stream(path):
    with pair("client:cut=40", pcap=path) as (client, server, tap):
        with connect(tap.address) as other:
            say(client, server, join("ann"))
            other.sendall(join("bob"))
            client.sendall(GREETING)
            tap.wait_for(Kind.RESET)
            tap.wait_for(Kind.CLIENT_DATA, 3)
        port = server.getsockname()[1]
    packets = read_capture(path, port, ["tcp.stream", "tcp.flags.str", "tcp.len", "frame.comment"])
    *_, cut = [packet for packet in packets if packet["tcp.stream"] == ["0"]]
    assert ("R" in cut["tcp.flags.str"][0], cut["frame.comment"]) == (
        True, ["the tap cuts the connection by a reset, after 40 bytes of what the client sent"]
    )  # fmt: skip
    assert sum(int(packet["tcp.len"][0]) for packet in packets if packet["tcp.stream"] == ["0"]) == 40
    assert sum(int(packet["tcp.len"][0]) for packet in packets if packet["tcp.stream"] == ["1"]) == len(join("bob"))


def test_a_tap_that_is_killed_leaves_whole_packets(path):
    with program_between(path.parent) as (tap, client, server):
        say(client, server, *[join("ann")] * 50)
        say(server, client, notice("ann"))
        tap.end(signal.SIGKILL)
        port = server.getsockname()[1]
    packets = carrying(read_capture(path, port, ["tcp.len", *CHAT]))  # to end within a packet is an error of tshark
    assert len(packets) >= 50


def test_the_command_of_the_page_shows_the_messages(path):
    with pair(pcap=path) as (client, server, _):
        say(client, server, GREETING[:5], GREETING[5:] + b"hello\n")
        port = server.getsockname()[1]
    shutil.copy(DISSECTOR, path.parent)
    (line,) = re.findall(r"^tshark .*", (ROOT / "docs" / "tap.md").read_text("utf-8"), re.MULTILINE)
    done = subprocess.run(
        shlex.split(line.replace("12345", str(port))), cwd=path.parent, capture_output=True, check=True
    )  # fmt: skip
    (shown,) = done.stdout.decode().splitlines()
    assert shown.rstrip().endswith("→ message grüße  → not JSON")


def test_what_is_larger_than_a_packet_is_several_and_numbers_wrap(path):
    capture = Capture(path)
    for host in ("127.0.0.1", "::1"):
        connection = capture.connection(read_end(host, 40000), read_end(host, 12345), "")
        connection._client.next = connection._client.next + 0xFFFF0000  # noqa: SLF001  a stream of 4 GiB is too long here
        large = bytes(range(256)) * 1024
        connection.append(Kind.CLIENT_DATA, large)
        connection.append(Kind.SERVER_DATA, notice("ann"))
    capture.close()
    packets = carrying(read_capture(path, 1, [*TCP, *CHECKSUMS, "tcp.stream"]))
    for stream in ("0", "1"):
        *pieces, answer = [packet for packet in packets if packet["tcp.stream"] == [stream]]
        assert b"".join(bytes.fromhex(piece["tcp.payload"][0]) for piece in pieces) == large
        assert [int(piece["tcp.len"][0]) for piece in pieces] == [65495] * 4 + [len(large) - 4 * 65495]
        assert ["P" in piece["tcp.flags.str"][0] for piece in pieces] == [False] * 4 + [True]
        assert int(answer["tcp.ack_raw"][0]) == (0xFFFF0001 + len(large)) % 2**32
        assert {tuple(packet["tcp.checksum.status"]) for packet in (*pieces, answer)} == {tuple(GOOD)}


def test_a_line_without_an_end_is_given_up_and_what_follows_is_read(path):
    capture = Capture(path)
    connection = capture.connection(read_end("127.0.0.1", 40000), read_end("127.0.0.1", 12345), "")
    for data in (b"x" * 40000, b"x" * 40000 + b"\n" + join("ann"), b"y" * 70000, join("bob")):
        connection.append(Kind.CLIENT_DATA, data)
    capture.close()
    packets = carrying(read_capture(path, 12345, ["tcp.len", "chat.too_long", "chat.length", "chat.username"]))
    assert [packet.get("chat.length") for packet in packets][1] == ["80000", str(len(join("ann")) - 1)]
    assert packets[-1]["chat.username"] == ["bob"]


def test_a_capture_that_cannot_be_written_is_refused_before_the_run():
    assert chatproof("tap", "--to", "127.0.0.1:1", "--pcap", "/dev/full") == (
        2, "chatproof tap: --pcap /dev/full: No space left on device\n"
    )  # fmt: skip


def test_a_disk_that_is_full_is_reported_once_and_the_capture_is_whole(path):
    limited = ["sh", "-c", 'unset COVERAGE_PROCESS_START; ulimit -f 8; exec "$@"', "sh"]
    with program_between(path.parent, before=limited) as (tap, client, server):
        say(client, server, *[join("a" * 900)] * 10)
        leave(client, server)
        _, text = tap.end()
    assert text.count("the capture run.pcapng is not whole: File too large") == 1
    assert len(carrying(read_capture(path, 1, ["tcp.len"]))) in range(1, 9)


def test_the_blocks_are_those_of_the_format(path):
    """Whoever has no Wireshark reads them by their lengths, at both ends of each."""
    capture = Capture(path)
    capture.connection(read_end("127.0.0.1", 1), read_end("127.0.0.1", 2), "hello")
    capture.close()
    data = path.read_bytes()
    kinds = []
    while data:
        kind, length = struct.unpack_from("<II", data)
        assert struct.unpack_from("<I", data, length - 4) == (length,)
        kinds.append(kind)
        data = data[length:]
    assert kinds == [0x0A0D0D0A, 1, 6, 6, 6]
