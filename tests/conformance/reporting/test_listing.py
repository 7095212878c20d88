"""What can be selected, as JSON: valid by its schema, for servers and clients, as the command prints it."""

import json

import pytest
from jsonschema import Draft202012Validator

from chatproof_conformance.core.json_files import Form
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.listing import VERSION, listing
from chatproof_schemas import requirements, work_levels
from support.commands import run_command

FORM = Form("listing", VERSION, "reporting", "")


@pytest.fixture(scope="module")
def validator():
    Draft202012Validator.check_schema(FORM.schema())
    return Draft202012Validator(FORM.schema())


@pytest.mark.parametrize("role", list(Role))
def test_it_is_valid_and_whole(role, validator):
    ids = [id_ for id_, row in requirements().items() if row.of == role.value]
    made = listing(role, ids)
    validator.validate(made)
    assert [row["id"] for row in made["requirements"]] == ids
    assert {row["in_level"] for row in made["requirements"]} == {one.number for one in work_levels(role.value)}
    assert not validator.is_valid(made | {"more": 1})


@pytest.mark.parametrize(
    ("command", "words", "ids"),
    [("check", ["JOIN-4", "STOP"], ["JOIN-4", "STOP-1", "STOP-2", "STOP-3"]), ("check", ["--level", "1"], None)],
)
def test_the_command_prints_it(command, words, ids, validator, tmp_path):
    done = run_command(command, "--list", "--format", "json", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    validator.validate(made)
    assert [row["id"] for row in made["requirements"]] == (ids or list(work_levels("server")[0].ids))


def test_a_client_has_one(validator, tmp_path):
    done = run_command("check-client", "--list", "--format", "json", "CLIENT-4", folder=tmp_path)
    made = json.loads(done.stdout)
    validator.validate(made)
    assert [row["id"] for row in made["requirements"]] == ["CLIENT-4"]
