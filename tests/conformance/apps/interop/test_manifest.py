"""implementations.toml: what it says, and what is said of one that says it wrongly."""

import pytest

from chatproof_conformance.apps.interop.manifest import FEATURES, ManifestError, read_manifest
from chatproof_conformance.core.roles import Role

GOOD = """
[[server]]
name = "go"
version = "1.4.0"
address = "https://example.org/go"
language = "Go"
command = "./chat --port {port}"
announce = "stdin"

[[server]]
name = "python"
versions = ["1.3", "1.4"]
command = "./releases/{version}/server {port}"

[[client]]
name = "node"
command = "node driver.js"
supports = ["say"]

[[client]]
name = "perl"
command = "perl driver.pl"
"""
CLIENT = '[[client]]\nname = "a"\ncommand = "a"\n'
SERVER = '[[server]]\nname = "a"\ncommand = "a {port}"\n'


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (file := tmp_path / "implementations.toml").write_text(text, "utf-8")
        return read_manifest(str(file))

    return read_text


def test_what_it_says(read):
    manifest = read(GOOD)
    assert [one.label for one in manifest.servers] == ["go 1.4.0", "python 1.3", "python 1.4"]
    assert [one.command for one in manifest.servers[1:]] == [
        "./releases/1.3/server {port}",
        "./releases/1.4/server {port}",
    ]
    go = manifest.servers[0]
    assert (go.role, go.announce, go.address, go.language) == (Role.SERVER, "stdin", "https://example.org/go", "Go")
    assert [one.supports for one in manifest.clients] == [("say",), FEATURES]


def test_a_choice_takes_those_that_are_named_and_all_of_the_other_role(read):
    manifest = read(GOOD).only(["python"])
    assert [one.label for one in manifest.servers] == ["python 1.3", "python 1.4"]
    assert [one.label for one in manifest.clients] == ["node", "perl"]
    chosen = read(GOOD).only(["python 1.4", "perl"])
    assert [one.label for one in (*chosen.servers, *chosen.clients)] == ["python 1.4", "perl"]
    with pytest.raises(ManifestError, match=r"nobody is called rust; known: go, go 1\.4\.0, node"):
        read(GOOD).only(["rust"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[server]", "is no TOML"),
        ("", r"names no server; expected at least one \[\[server\]\]"),
        (SERVER, "names no client"),
        ("[server]\nname = 'a'\n", r"server: is no list of tables; write \[\[server\]\]"),
        ("[[peer]]\nname = 'a'\n", r"\[peer\]: is unknown"),
        (SERVER + CLIENT + CLIENT, "two clients are called a; give them versions"),
        (SERVER + "port = 1\n" + CLIENT, "server 1: port: is unknown; expected one of name, command"),
        (SERVER + '[[client]]\nname = "a"\n', "client 1: command: is missing; expected a text"),
        (SERVER + '[[client]]\nname = 3\ncommand = "a"\n', "client 1: name: is 3; expected a text"),
        (SERVER + '[[client]]\nname = "a"\ncommand = "a \'"\n', "client 1: command: No closing quotation"),
        (SERVER.replace(" {port}", "") + CLIENT, r"server 1: command: lacks \{port\}"),
        (
            SERVER + CLIENT + 'supports = ["sing"]\n',
            "client 1: supports: expected a list of some of say, say_privately, join",
        ),
        (SERVER + "versions = []\n" + CLIENT, "server 1: versions: expected a list of texts"),
        (SERVER + 'version = "1"\nversions = ["1"]\n' + CLIENT, "server 1: has version and versions"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(read, text, said):
    with pytest.raises(ManifestError, match=said) as caught:
        read(text)
    assert "implementations.toml: " in str(caught.value)


def test_a_file_that_is_not_there_or_is_no_text(read, tmp_path):
    with pytest.raises(ManifestError, match="cannot be read: No such file"):
        read_manifest(str(tmp_path / "missing.toml"))
    (file := tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ManifestError, match="is not UTF-8"):
        read_manifest(str(file))
