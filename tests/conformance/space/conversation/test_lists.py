"""What the lists hold is what they say: valid messages, bad frames, and what a user may say."""

import pytest

from chatproof_conformance.space.conversation.acts import Raw, Said
from chatproof_conformance.space.conversation.bad_frames import OPEN_TO_READERS
from chatproof_conformance.space.conversation.drawn import drawn_scripts
from chatproof_conformance.space.conversation.server_acts import server_acts
from chatproof_conformance.space.conversation.user_acts import numbered, user_acts
from chatproof_conformance.space.spellings import SPELLINGS
from chatproof_schemas import SERVER_FRAME_BYTES, Direction, FrameRefused, read_frame

SAID = [act for acts in server_acts().values() for act in acts if isinstance(act, Said)]
BAD = server_acts()["bad"]


def test_every_message_is_valid_in_every_spelling_that_fits():
    assert len(SAID) > 500
    for act in SAID:
        message = read_frame(act.frame("plain"), Direction.SERVER)
        for spelling in (*SPELLINGS, "plain"):
            frame = act.frame(spelling)
            if len(frame) <= SERVER_FRAME_BYTES:
                assert read_frame(frame, Direction.SERVER) == message, (act.label, spelling)


@pytest.mark.parametrize("act", BAD, ids=lambda act: act.label)
def test_every_bad_frame_is_refused(act):
    with pytest.raises(FrameRefused):
        read_frame(act.frame("plain"), Direction.SERVER)


def test_no_label_stands_for_two_things():
    frames = {}
    for act in (*BAD, *server_acts()["vectors"], *server_acts()["texts"], *server_acts()["names"]):
        assert frames.setdefault(act.label, act.frame("plain")) == act.frame("plain"), act.label


def test_what_may_be_shown_or_not_is_not_among_the_bad():
    assert not {*OPEN_TO_READERS} & {act.data for act in BAD if isinstance(act, Raw)}


def test_a_numbered_text_has_no_part_twice():
    text = numbered(400)
    assert len(text) == 400
    assert all(text.count(text[at : at + 8]) == 1 for at in range(390))


def test_a_user_says_what_fits_exactly_and_what_is_one_byte_too_long():
    labels = [act.label for act in user_acts()["lengths"]]
    assert any("0 of 4 bytes too long" in label for label in labels)
    assert any("1 of 1 bytes too long" in label for label in labels)


def test_a_seed_repeats_what_is_drawn():
    one, same, other = (drawn_scripts(seed, 5) for seed in (1, 1, 2))

    def labels(scripts):
        return [act.label for script in scripts for stage in script.stages for act in stage.acts]

    assert labels(one) == labels(same) != labels(other)
    assert len(one) >= 5
