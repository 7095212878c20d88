"""What the loader says of the types: their members, derived from the schemas, and which of them people see."""

import pytest

from chatproof_schemas import Direction, members_of, message_types

SHOWN = {
    "message": ("username", "content"),
    "private_message": ("sender", "content"),
    "private_confirmation": ("target", "content"),
    "system": ("message",),
    "server": ("message",),
    "error": ("message",),
}


def test_what_people_see_of_a_servers_message_is_its_user_and_its_text():
    assert {name: members_of(Direction.SERVER, name).shown for name in message_types(Direction.SERVER)} == SHOWN
    assert members_of(Direction.CLIENT, "join").shown == ("username",)
    assert members_of(Direction.CLIENT, "message").shown == ("content",)


def test_optional_members_are_members_that_are_not_required():
    error = members_of(Direction.SERVER, "error")
    assert (tuple(error.definitions), error.required) == (("message", "code"), ("message",))
    confirmation = members_of(Direction.SERVER, "private_confirmation")
    assert set(confirmation.definitions) - set(confirmation.required) == {"reason"}


@pytest.mark.parametrize("direction", Direction)
def test_every_type_has_a_text_or_a_user(direction):
    for name in message_types(direction):
        assert members_of(direction, name).shown, name
