import re
import select
import socket
import zlib

import pytest

from chatproof_reference.bench.client import Client, CloseReader
from chatproof_reference.bench.dialects import CHAT
from chatproof_reference.bench.plot import as_svg
from chatproof_reference.bench.result import Result
from chatproof_reference.bench.scenario import Scenario, share_out
from chatproof_reference.bench.spellings import SPELLINGS, text_bytes
from chatproof_reference.bench.stream import CommonStream
from chatproof_reference.server.requests import Refused, judge
from chatproof_schemas import Direction, read_frame
from reference.bench.judging import FRAMES, microseconds, ways
from reference.bench.page import END, replaced, table
from support.paths import ROOT


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
def test_a_load_is_shared_out_whole(processes):
    scenario = Scenario(101, 50, rate=300, stalled=11, flooders=2)
    parts = share_out(scenario, processes)
    for member in ("clients", "senders", "stalled", "flooders", "rate"):
        assert sum(getattr(part.scenario, member) for part in parts) == pytest.approx(getattr(scenario, member))
    numbers = [part.first + place for part in parts for place in range(part.scenario.clients + part.scenario.stalled)]
    assert numbers == list(range(112))


def test_few_clients_are_not_shared_out():
    assert len(share_out(Scenario(19, 5), 8)) == 1


@pytest.mark.parametrize(
    ("numbers", "doubled", "reordered"),
    [((0, 1, 2), 0, 0), ((0, 1, 1), 1, 0), ((0, 2, 1), 0, 1), ((0, 2, 3), 0, 0), ((1, 0, 0), 1, 1)],
)
def test_a_stream_is_read_message_by_message_however_it_is_cut(numbers, doubled, reordered):
    stream = b"".join(b'{"content":"^7:%d;xxx"}' % number for number in numbers)
    for size in (1, 5, 1000):
        reader = CloseReader()
        read = [reader.read(stream[at : at + size]) for at in range(0, len(stream), size)]
        assert sum(read, []) == [(7, number) for number in dict.fromkeys(numbers)]  # noqa: RUF017  a few numbers
        assert (reader.doubled, reader.reordered) == (doubled, reordered)


def test_streams_are_compared_and_counted_wherever_they_are_cut_and_whoever_is_ahead():
    stream = b"".join(b"^%d;" % number for number in range(200))
    common = CommonStream(b"^")
    positions = dict.fromkeys((1, 7, 64, 300), 0)
    while min(positions.values()) < len(stream):
        for size, position in positions.items():
            piece = bytearray(stream[position : position + size]) + b"what an earlier read left in the buffer"
            size_read = min(size, len(stream) - position)
            assert common.continues(position, piece, size_read)
            positions[size] += size_read
            assert common.count(positions[size]) == stream.count(b"^", 0, positions[size])
        common.forget(min(positions.values()))
    assert common.kept < 300
    assert common.checksum == zlib.adler32(stream)


def test_another_stream_is_told_from_the_common_one_also_where_that_is_forgotten():
    common = CommonStream(b"^")
    assert common.continues(0, bytearray(b"^0;^1;"), 6)
    assert not common.continues(3, bytearray(b"^2;"), 3)
    common.forget(6)
    assert not common.continues(0, bytearray(b"^0;"), 3)
    assert common.count(6) == 2


def test_a_client_that_never_reads_tells_whether_it_was_dropped():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client(server.getsockname(), CHAT, "x", 0)
        accepted = server.accept()[0]
        accepted.sendall(b"unread")
        assert not client.was_dropped()
        accepted.close()
        assert select.select([client.socket], [], [], 10)[0]
        assert client.was_dropped()
        client.close()


def test_every_way_to_judge_a_frame_is_timed_and_they_agree():
    for name, frame in FRAMES.items():
        verdicts = {way: way_of(frame) for way, way_of in ways().items()}
        accepted = {verdict is not False and not isinstance(verdict, Refused) for verdict in verdicts.values()}
        assert len(accepted) == 1, (name, verdicts)
        assert microseconds(judge, frame, rounds=1, repeats=1) > 0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_says_the_same(spelling):
    frame = CHAT.say("^7:1;x", spelling)
    assert frame.endswith(b"\n")
    message = read_frame(frame[:-1], Direction.CLIENT)
    assert message["type"] == "message"
    assert message["content"].endswith("^7:1;x")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_content_has_as_many_bytes_in_every_spelling(spelling):
    frame = CHAT.say("x" * text_bytes(spelling, 60), spelling)
    (content,) = re.findall(rb'"content" ?: ?"([^"]*)"', frame)
    assert len(content) == 60


def test_a_comparison_is_written_into_its_page():
    fast, late = Scenario(10, 9, spelling="reversed"), Scenario(10, 1, rate=5)
    groups = {
        "ours": [Result(fast, deliveries=3_000_000, seconds=2.0), Result(late, latency_ms={"p50": 1.0, "p99": 2.5})],
        "other": [Result(late, latency_ms={"p50": 3.0, "p99": 4.0}, missing=1)],
    }
    begin, found = "<!-- compare.py writes from here", table(groups, 3)
    page = f"before\n{begin}: how -->\n| old |\n{END}\nafter\n"
    written = replaced(page, "compare.py", found)
    assert written.splitlines() == [
        "before",
        f"{begin}: how -->",
        "",
        "| Load (rounds: 3) | ours | other |",
        "| --- | ---: | ---: |",
        "| 10 clients, 9 sending, window 32, reversed | 1.50 M |  |",
        "| 10 clients, 1 sending, 5/s | 1.00 / 2.50 ms | 3.00 / 4.00 ms (failed) |",
        "",
        END,
        "after",
    ]
    assert replaced(written, "compare.py", found) == written
    assert replaced((ROOT / "docs" / "server.md").read_text("utf-8"), "compare.py", found).count("1.50 M") == 1
    with pytest.raises(ValueError, match="expected the comments"):
        replaced("no comments", "compare.py", found)


def test_a_bar_that_would_make_the_others_unreadable_is_broken():
    scenario = Scenario(10, 1, rate=5)
    latencies = {"first": 1.0, "second": 3.0, "far behind": 1000.0}
    plot = as_svg({name: [Result(scenario, latency_ms={"p99": value})] for name, value in latencies.items()})
    bars = [float(width) for width in re.findall(r'<rect x="150" y="\d+" width="([0-9.]+)"', plot)]
    assert bars[1] == pytest.approx(3 * bars[0], rel=0.01)
    assert bars[2] == pytest.approx(20 * bars[0], rel=0.01)
    assert plot.count("<path") == 1
    assert "1000.00" in plot
    assert "broken" in plot
