"""``--fault``: what is done to the network, and that the tap answers for it, not the programs at its sides."""

import itertools
import socket
import time

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.tap.proxy.endpoint import End
from chatproof_conformance.apps.tap.proxy.faults import Faults, read_faults
from chatproof_conformance.apps.tap.proxy.shaping import PAUSE, Shaper
from chatproof_conformance.apps.tap.session import judged_rows
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.judges.recordings import examine_recording
from chatproof_schemas import Direction
from chatproof_schemas.transcript import Kind
from support.recordings import frame, join
from support.tapping import GOT, SENT, pair, read_exactly, read_to_end


@pytest.mark.parametrize(
    ("spec", "direction", "faults"),
    [
        ("split=1", "server", Faults(split=1)),
        ("client:split", "client", Faults(split=0)),
        ("delay=50ms", "client", Faults(delay=0.05)),
        ("server:jitter=1.5s", "server", Faults(jitter=1.5)),
        ("coalesce=20ms", "server", Faults(coalesce=0.02)),
        ("cut=2000", "client", Faults(cut=2000)),
        ("server:cut=7:fin", "server", Faults(cut=7, cut_by=End.FIN)),
        ("stall=10", "client", Faults(stall=10)),
        ("stall=10:2s", "client", Faults(stall=10, stall_seconds=2.0)),
        ("server:delay=1s", "client", Faults()),
    ],
)
def test_how_a_fault_is_written(spec, direction, faults):
    assert read_faults([spec])[Direction(direction)] == faults


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        (["slow"], "expected split, delay, jitter, coalesce, cut or stall"),
        (["both:delay=1s"], "such as delay=50ms or client:split=1"),
        (["delay"], "a time with its unit, such as 50ms"),
        (["delay=50"], "a time with its unit, such as 50ms"),
        (["jitter=-1s"], "a time with its unit, such as 50ms"),
        (["split=0"], "'0' is no number of bytes"),
        (["cut=x"], "'x' is no number of bytes"),
        (["cut=5:gently"], "a cut is made by rst or fin"),
        (["delay=1s:fin"], "nothing follows the value of delay"),
        (["stall=5:fin"], "a time with its unit"),
        (["delay=1s", "client:delay=2s"], "--fault delay is given twice for what the client sends"),
    ],
)
def test_a_fault_that_is_none_is_refused_with_what_would_be_right(specs, said):
    with pytest.raises(CommandError, match="--fault") as refused:
        read_faults(specs)
    assert said in str(refused.value)


def shaped(*specs, seed="1", data=(b"hello ", b"world"), at=(10.0, 10.01)):
    """Return when and in what pieces data leaves that comes at certain moments."""
    shaper = Shaper(read_faults(specs)[Direction.CLIENT], seed)
    for moment, piece in zip(at, data, strict=True):
        shaper.put(piece, moment)
    shaper.put_end(at[-1])
    found = []
    while (moment := shaper.next_due) is not None:
        if (item := shaper.take(moment)) is not None:
            found.append((round(moment, 6), item))
    assert not shaper.held
    return found


def test_with_no_fault_everything_leaves_at_once_in_one_piece():
    assert shaped() == [(10.0, b"hello "), (10.01, b"world"), (10.01, End.FIN)]


def test_a_delay_moves_everything_and_the_end_too():
    assert shaped("delay=50ms") == [(10.05, b"hello "), (10.06, b"world"), (10.06, End.FIN)]


def test_a_split_makes_pieces_with_pauses_and_loses_nothing():
    found = shaped("split=4")
    assert [item for _, item in found] == [b"hell", b"o ", b"worl", b"d", End.FIN]
    moments = [moment for moment, _ in found]
    assert all(later - earlier >= PAUSE * 0.99 for earlier, later in itertools.pairwise(moments))


def test_pieces_of_random_sizes_are_repeated_by_a_seed():
    text = bytes(range(256)) * 4
    one, again, other = (shaped("split", seed=seed, data=[text], at=[10.0]) for seed in ("1", "1", "2"))
    assert one == again != other
    assert b"".join(item for _, item in one[:-1]) == text


def test_jitter_keeps_the_order_and_its_limit():
    data, at = [b"%d" % number for number in range(50)], [10 + number * 0.001 for number in range(50)]
    found = shaped("jitter=20ms", data=data, at=at)
    assert [item for _, item in found[:-1]] == data
    moments = [moment for moment, _ in found]
    assert moments == sorted(moments)
    assert all(moment <= at[-1] + 0.02 for moment in moments)
    assert moments != at


def test_what_is_gathered_leaves_in_one_piece_and_the_end_does_not_wait():
    assert shaped("coalesce=50ms") == [(10.01, b"hello world"), (10.01, End.FIN)]
    assert shaped("coalesce=5ms")[0] == (10.005, b"hello ")


def test_faults_go_together():
    found = shaped("coalesce=50ms", "split=7", "delay=1s")
    assert [item for _, item in found] == [b"hello w", b"orld", End.FIN]
    assert found[0][0] == 11.01


def test_a_fault_of_one_direction_leaves_the_other_alone():
    with pair("client:split=1") as (client, server, tap):
        client.sendall(b"hello")
        assert read_exactly(server, 5) == b"hello"
        server.sendall(b"world")
        assert read_exactly(client, 5) == b"world"
    assert tap.bytes_of(SENT) == [b"h", b"e", b"l", b"l", b"o"]
    assert tap.bytes_of(GOT) == [b"world"]


def test_a_delay_is_waited_for_on_the_wire():
    with pair("server:delay=60ms") as (client, server, _):
        start = time.monotonic()
        server.sendall(b"late")
        assert read_exactly(client, 4) == b"late"
        assert time.monotonic() - start >= 0.06


@pytest.mark.parametrize("source", ["client", "server"])
def test_a_cut_resets_both_sides_after_exactly_so_many_bytes(source):
    with pair(f"{source}:cut=7") as (client, server, tap):
        writer, reader = (client, server) if source == "client" else (server, client)
        writer.sendall(b"1234567890")
        tap.wait_for(Kind.RESET)
        with pytest.raises(ConnectionResetError):
            writer.recv(1)
        assert read_exactly_or_nothing(reader) in (b"1234567", b"")
    assert b"".join(tap.bytes_of(SENT)) == (b"1234567" if source == "client" else b"")
    (note,) = tap.bytes_of(Kind.NOTE)
    assert note == f"the tap cuts the connection by a reset, after 7 bytes of what the {source} sent".encode()


def read_exactly_or_nothing(which):
    """Read what came before a reset: the reset may overtake it."""
    data = b""
    try:
        while piece := which.recv(100):
            data += piece
    except ConnectionResetError:
        return data
    raise AssertionError("the stream ended in order")


def test_a_cut_in_order_ends_both_streams_and_hears_the_server_out():
    with pair("client:cut=7:fin") as (client, server, tap):
        client.sendall(b"1234567890")
        assert read_to_end(server) == b"1234567"
        assert read_to_end(client) == b""
        server.sendall(b"said into the void")
        server.close()
        client.shutdown(socket.SHUT_WR)
        tap.wait_for(Kind.SERVER_CLOSE)
    assert tap.kinds() == [Kind.OPEN, SENT, Kind.NOTE, Kind.HALF_CLOSE, GOT, Kind.SERVER_CLOSE]


def test_a_stall_passes_no_more_and_lets_go_after_its_time():
    with pair("client:stall=4:50ms") as (client, server, tap):
        client.sendall(b"12345678")
        assert read_exactly(server, 8) == b"12345678"
        tap.wait_for(SENT, 2)
    assert tap.bytes_of(SENT) == [b"1234", b"5678"]
    first, second = (event.time for event in tap.events if event.kind is SENT)
    assert second - first >= 0.05


def say_and_hear(which):
    """Send a byte and wait for one: a reset that is on its way ends one or the other."""
    which.sendall(b"x")
    which.recv(1)


def test_a_stall_for_ever_holds_what_comes_and_still_passes_a_reset():
    with pair("client:stall=4") as (client, server, tap):
        client.sendall(b"12345678")
        assert read_exactly(server, 4) == b"1234"
        (link,) = tap.proxy.open
        assert link.holds
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        with pytest.raises(ConnectionResetError):
            say_and_hear(server)
        tap.wait_for(Kind.RESET)
    assert tap.bytes_of(SENT) == [b"1234"]


def test_what_the_tap_cuts_off_is_nobodys_fault():
    cut_in_a_frame = len(join("ann")) + 5
    with pair(f"client:cut={cut_in_a_frame}") as (client, server, tap):
        client.sendall(join("ann"))
        read_exactly(server, len(join("ann")))
        answer = frame(type="system", message="ann joined the chat", timestamp=time.strftime("%H:%M:%S"))
        server.sendall(answer)
        read_exactly(client, len(answer))
        client.sendall(frame(type="message", content="never heard"))
        tap.wait_for(Kind.RESET)
    recorded = tap.recorder.transcript
    assert b"".join(tap.bytes_of(SENT)) == join("ann") + b'{"typ'
    judged = examine_recording(recorded, judged_rows(Role)).judged
    assert [result.requirement.id for result in judged if result.findings] == []
    assert {result.requirement.id: result.verdict for result in judged}["CLIENT-2"] is Verdict.PASS
