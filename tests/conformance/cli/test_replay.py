import pytest

from chatproof_schemas.transcript import Kind, Transcript, read_transcript, write_transcript
from support.commands import chatproof, command, running, save
from support.recordings import frame, join, notice, recording
from support.told import save_told

FAULTS = [
    ("notice-without-timestamp", "FRAME-8"),
    ("join-in-other-words", "JOIN-3"),
    *(
        pytest.param(*row, marks=pytest.mark.long("waits in vain for what the fault leaves out"))
        for row in (
            ("no-limit", "FRAME-5"),
            ("names-counted-in-bytes", "JOIN-1"),
            ("second-join-reserves", "JOIN-10"),
        )
    ),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A recording in which the holder of a name is told that another asked for it: no recording shows the fault."""
    return save_told(tmp_path_factory.mktemp("told"))


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A recording in which blank lines are answered."""
    return save(tmp_path_factory.mktemp("blank"), "blank-line-refused", "FRAME-7")["FRAME-7"]


@pytest.mark.parametrize(("name", "requirement"), FAULTS)
def test_a_saved_failure_shows_again_at_the_faulty_server_and_not_at_a_right_one(tmp_path, name, requirement):
    path = save(tmp_path, name, requirement)[requirement]
    code, output = chatproof("replay", path, "--command", command(name))
    assert code == 1, output
    assert f"It shows the recorded failure: {requirement}" in output
    code, output = chatproof("replay", path, "--command", command("baseline"))
    assert code == 0, output


def test_a_replay_at_the_bundled_server_says_where_it_differs(blank):
    code, output = chatproof("replay", blank)
    assert code == 0
    assert "the bundled server" in output
    assert "did not come" in output


def test_what_only_a_case_sees_is_told_by_the_same_traffic(told):
    code, output = chatproof("replay", told, "--command", command("taken-name-told-to-holder"))
    assert code == 1, output
    assert "The traffic is that in which JOIN-4 was seen broken live (" in output
    code, output = chatproof("replay", told, "--command", command("baseline"))
    assert code == 2, output
    assert "Nothing certain can be said" in output


def test_what_holds_no_traffic_is_neither_played_nor_judged(tmp_path):
    write_transcript(Transcript(), file := tmp_path / "r.ndjson")
    assert chatproof("replay", file) == (2, f"chatproof replay: {file}: holds no traffic: there is nothing to play\n")
    code, output = chatproof("check", "--transcript", file)
    assert code == 2
    assert "It holds no traffic: there is nothing to judge." in output


def test_names_are_other_ones_at_a_server_that_remembers(blank, tmp_path):
    with running("blank-line-refused") as address:
        code, output = chatproof("replay", blank, address, "--times", 3, "--save", tmp_path / "again.ndjson")
    assert code == 1, output
    assert "3 of 3 plays break the protocol" in output
    assert "FRAME-7    3 of 3" in output
    sent = [_joins(read_transcript(path)) for path in (blank, tmp_path / "again.ndjson")]
    assert len(sent[0]) == len(sent[1]) > 0
    assert not set(sent[0]) & set(sent[1])


def _joins(transcript):
    return [event.data for event in transcript.events if event.kind is Kind.CLIENT_DATA and b"join" in event.data]


def test_what_is_missing_in_the_recording_is_not_missing_at_a_right_server(tmp_path):
    # Recorded at a server that tells nobody of leaves: the replay must wait for the notice all the same.
    recorded = recording(
        ("ann", "open"),
        ("ann", "client", join("ann-abc1")),
        ("ann", "server", notice("ann-abc1")),
        ("bob", "open"),
        ("bob", "client", join("bob-abc2")),
        ("bob", "server", notice("bob-abc2")),
        ("ann", "server", notice("bob-abc2")),
        ("bob", "reset"),
    )
    write_transcript(recorded, tmp_path / "left.ndjson")
    code, output = chatproof("replay", tmp_path / "left.ndjson", "--command", command("baseline"))
    assert code == 0, output
    code, output = chatproof("replay", tmp_path / "left.ndjson", "--command", command("leaves-untold"))
    assert code == 1, output
    assert "LEAVE-2" in output


def test_an_announcement_is_played_where_there_is_a_way(tmp_path):
    said = frame(type="server", message="noon", timestamp="12:00:00")
    recorded = recording(
        ("ann", "open"),
        ("ann", "client", join("ann-abc1")),
        ("ann", "server", notice("ann-abc1")),
        ("", "announce", b"noon"),
        ("ann", "server", said),
    )
    write_transcript(recorded, tmp_path / "noon.ndjson")
    code, output = chatproof("replay", tmp_path / "noon.ndjson")
    assert code == 0, output
    code, output = chatproof("replay", tmp_path / "noon.ndjson", "--command", command("baseline"))
    assert code == 2
    assert "--announce" in output


def test_what_a_driver_reported_may_be_anything_and_a_request_must_be_one(tmp_path):
    events = [("", "request", b'{"do": "connect", "username": "a"}'), ("c1", "open"), ("", "told", b"oops")]
    recorded = recording(*events)
    recorded.checked = "client"
    write_transcript(recorded, tmp_path / "odd.ndjson")
    code, output = chatproof("replay", tmp_path / "odd.ndjson")
    assert code in (0, 1, 2)
    assert "Traceback" not in output
    assert "error of chatproof itself" not in output
    bad = (tmp_path / "odd.ndjson").read_text().replace('{\\"do\\"', '<\\"do\\"')
    (tmp_path / "bad.ndjson").write_text(bad)
    code, output = chatproof("replay", tmp_path / "bad.ndjson")
    assert code == 2
    assert "bad.ndjson:2: has the request" in output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.ndjson"], "missing.ndjson: cannot be read"),
        (["empty.ndjson"], "is empty; expected a header line"),
        (["good.ndjson", "localhost"], "'localhost' is no target; write HOST:PORT"),
        (["good.ndjson", "127.0.0.1:1"], "no connection to 127.0.0.1:1"),
        (["good.ndjson", "--times", "0"], "must be a whole number, 1 or more"),
        (["good.ndjson", "--command", "true {port}"], "before it listened"),
        (["good.ndjson", "--save", "no/such/folder.ndjson"], "No such file or directory"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_line(tmp_path, words, said):
    (tmp_path / "empty.ndjson").touch()
    write_transcript(recording(("ann", "open")), tmp_path / "good.ndjson")
    code, output = chatproof("replay", *words, folder=tmp_path)
    assert code == 2
    assert said in output
    assert "Traceback" not in output


def test_nothing_is_written_unless_asked_for(tmp_path, blank):
    chatproof("check", "--command", command("blank-line-refused"), "FRAME-7", folder=tmp_path)
    chatproof("replay", blank, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_saved_in_three_forms_and_named(tmp_path):
    words = ["check", "--command", command("blank-line-refused"), "FRAME-7", "--save", "new/folder"]
    code, output = chatproof(*words, folder=tmp_path)
    assert code == 0, output
    names = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    stem = "FRAME-7-1"
    assert {f"{stem}.ndjson", f"{stem}.mmd", f"{stem}.py"} <= names
    assert f"new/folder/{stem}.ndjson" in output


def test_a_folder_that_cannot_be_made_is_said_before_the_run(tmp_path):
    (tmp_path / "file").touch()
    code, output = chatproof("check", "JOIN-1", "--save", "file/folder", folder=tmp_path)
    assert code == 2
    assert "--save file/folder: no folder can be made there" in output
