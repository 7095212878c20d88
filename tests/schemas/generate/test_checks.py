"""Code made from the schemas: that it judges as they do, test_spelling shows; here, what it cannot be made of."""

import copy

import pytest

from chatproof_schemas.generate import checks
from chatproof_schemas.schemas import load_schema


@pytest.mark.parametrize(
    ("name", "place", "rules", "words"),
    [
        ("common", ("$defs", "content"), {"format": "date"}, "content: cannot make code of the rule format"),
        ("common", ("$defs", "content"), {"type": "integer"}, "content: cannot make code of"),
        ("common", ("$defs", "code"), {"enum": ["a", 1]}, "code: cannot make code of"),
        ("common", ("$defs", "username"), {"allOf": [{"maxLength": 3}]}, "username: cannot make code of"),
        ("common", ("$defs", "username"), {"allOf": [{"not": {"type": "string", "pattern": "(a)"}}]}, "without groups"),
        ("client/message", (), {"additionalProperties": False}, "client/message: cannot make code of"),
        (
            "server/private_confirmation",
            ("properties", "delivered"),
            {"type": "null"},
            "delivered: cannot make code of",
        ),
    ],
)
def test_a_rule_that_is_not_known_ends_the_task(monkeypatch, name, place, rules, words):
    schema = copy.deepcopy(load_schema(name))
    changed = schema
    for step in place:
        changed = changed[step]
    changed.update(rules)
    monkeypatch.setattr(checks, "load_schema", lambda wanted: schema if wanted == name else load_schema(wanted))
    with pytest.raises(ValueError, match=words):
        checks.checks_module()
