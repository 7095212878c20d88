"""Acts that are the first of a fresh connection: joins under each kind of name."""

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.names import MEANINGFUL, invalid_names, valid_names
from chatproof_conformance.space.patterns import act, encoded, shown
from chatproof_conformance.space.refused_acts import duplicates, near_json, not_text, wrong_members
from chatproof_conformance.space.valid_acts import added_acts, sized_acts, spelt_acts
from chatproof_conformance.space.values import valid
from chatproof_schemas import CLIENT_FRAME_BYTES


def _join(name: str, value: str = "") -> Act:
    return act("join", "username", value or shown(name), encoded(valid("join") | {"username": name}))


def join_acts() -> dict[str, tuple[Act, ...]]:
    """Return joins by kind, for connections that have not joined.

    The names of ``valid`` and ``spelt`` ones hold a word, so they are unique; each takes a connection. ``meaningful``
    names are not: each may be used once, and others may have it on a server that is not ours. The rest join nobody.
    """
    wrong = (*near_json("join"), *not_text("join"), *duplicates("join"), *wrong_members("join"))
    return {
        "valid": tuple(map(_join, valid_names())),
        "spelt": (*spelt_acts("join"), *sized_acts("join", CLIENT_FRAME_BYTES), *tuple(added_acts("join"))[::3]),
        "meaningful": tuple(_join(name, f"as is: {shown(name)}") for name in MEANINGFUL),
        "invalid": tuple(map(_join, invalid_names())),
        "refused": (*wrong, *sized_acts("join", CLIENT_FRAME_BYTES + 1)),
    }
