"""Makes an example of a page of implementations from our own catalogue: make_example.py FOLDER.

It checks a few servers and clients (one of them in three versions, of which the first two are faulty), lets them talk
to each other, and makes the pages: FOLDER/reports is what a community collects, FOLDER/public what it publishes.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chatproof_common.system.shell_words import join_words
from chatproof_conformance.apps.selftest.implementations import find_implementations
from chatproof_conformance.core.roles import Role

CHATPROOF = [sys.executable, "-m", "chatproof_common.command_line.main"]
SHOWN = [
    ("threads", "1.0", "threads"),
    ("perl", "0.9", "perl"),
    ("in-other-words", "2.0", "other-words"),
    ("growing", "0.1", "private-to-everyone"),
    ("growing", "0.2", "absent-to-everyone"),
    ("growing", "1.0", "baseline"),
    ("threads", "1.0", "client-threads"),
    ("cutter", "0.1", "client-cuts"),
]
"""Names, versions, and entries of the catalogue."""
AT_ONCE = 2


def main(folder):
    known = {one.name: one for one in find_implementations()}
    shown = [(name, version, known[entry]) for name, version, entry in SHOWN if not known[entry].missing]
    (reports := folder / "reports").mkdir(parents=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda facts: check(*facts, reports), shown))
    newest = {(one.role, name): one for name, _, one in shown}
    (manifest := folder / "implementations.toml").write_text("\n".join(map(table, newest, newest.values())), "utf-8")
    subprocess.run(
        [*CHATPROOF, "interop", manifest, "--seed=1", f"--report=json={reports / 'interop.json'}"], check=False
    )
    words = ["compare", reports, "--site", folder / "public", "--title", "An example: our own catalogue"]
    subprocess.run([*CHATPROOF, *words], check=True)
    found = sorted(path.name for path in (folder / "public").iterdir())
    assert {"index.html", "server-growing.html", "client-cutter.html", "interop.html", "JOIN-1.html"} <= set(found), (
        found
    )


def check(name, version, one, reports):
    """Check one; a faulty one fails, which is what its report is to say."""
    command = "check" if one.role is Role.SERVER else "check-client"
    file = reports / f"{one.role.value}-{name}-{version}.json"
    words = [command, "--command", join_words(one.command), "--seed=1", "--budget=1", f"--report=json={file}"]
    words += ["--announce=stdin"] if one.role is Role.SERVER else []
    identity = ["--name", name, "--release", version, "--homepage", "https://example.org/" + name]
    subprocess.run([*CHATPROOF, *words, *identity], stdout=subprocess.DEVNULL, check=False)
    assert file.exists(), f"{name} {version} could not be checked"


def table(key, one):
    """Return a table of implementations.toml."""
    role, name = key
    lines = [
        f"[[{role.value}]]",
        f"name = '{name}'",
        f'command = "{join_words(one.command)}"',
        f"language = '{one.language}'",
    ]
    return "\n".join([*lines, *(["announce = 'stdin'"] if role is Role.SERVER else []), ""])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
