"""What completion offers for selections is what can be selected."""

from chatproof_conformance.apps.selftest.implementations import find_implementations
from chatproof_conformance.cli.completions import implementations, selection
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import require_known, selected_ids


def test_every_requirement_is_offered_and_all_that_is_offered_can_be_selected():
    for role in Role:
        offered = [word for word, _ in selection(role)]
        assert set(selected_ids((), role)) <= set(offered)
        require_known(offered, role)


def test_every_implementation_is_offered():
    assert [name for name, _ in implementations()] == [found.name for found in find_implementations()]
