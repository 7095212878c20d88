"""What words select, and what is said of one that selects nothing."""

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import require_known, selected_ids


def test_words_name_sections_and_requirements_of_one_role():
    assert selected_ids(["time", "ORDER-1"], Role.SERVER) == ["ORDER-1", "TIME-1"]
    assert selected_ids(["CLIENT-1", "TIME"], Role.CLIENT) == ["CLIENT-1"]
    assert len(selected_ids((), Role.SERVER)) > 50


@pytest.mark.parametrize(
    ("word", "others", "said"),
    [
        ("EROR-1", (), "nothing is called EROR-1; did you mean ERROR-1?"),
        ("jion", (), "nothing is called jion; did you mean JOIN?"),
        ("many_frame_at_once", ("many_frames_at_once",), "did you mean many_frames_at_once?"),
        ("./chat", (), "`chatproof check --list` shows what can be selected, and so on"),
    ],
)
def test_a_word_that_is_nearly_right_is_answered_with_the_right_one(word, others, said):
    with pytest.raises(CommandError) as refused:
        require_known([word], Role.SERVER, others, ", and so on")
    assert said in str(refused.value)


def test_a_file_is_answered_with_how_to_start_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "server.js").touch()
    with pytest.raises(
        CommandError, match=r"server\.js is a file; to have it started, .*--command '… server\.js \{port\}'"
    ):
        require_known(["server.js"], Role.SERVER)
    with pytest.raises(CommandError, match=r"did you mean SERVER\?"):
        require_known(["server.mjs"], Role.SERVER)
