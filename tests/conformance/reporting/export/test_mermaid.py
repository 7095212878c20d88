"""The diagrams of failures, read by Mermaid's own parser."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.export.mermaid import escaped, sequence_diagram
from chatproof_conformance.reporting.export.saving import recording_of
from support.made_reports import finding as leak
from support.recordings import frame, join, notice, recording

HOSTILE = [
    'a "quoted" text; end',
    "# %% comment #quot; #35; <br/> <script>alert(1)</script> &amp; $$x$$ \\",
    "line\nbreak\r\n\u2028\x1b[31m\x00 end",
    "🙂 é 漢 \u202e",
    "wrap: as x ->> y: z | Note over a: b",
    "end",
    "",
    "x" * 2000,
]
PARSER = """\
import DOMPurify from "dompurify";
import mermaid from "mermaid";
import { readFileSync } from "fs";
// Cleaning HTML takes a browser; what is parsed here is Mermaid's own grammar.
DOMPurify.addHook = () => {};
DOMPurify.sanitize = (text) => text;
for (const path of process.argv.slice(2)) {
  try { await mermaid.parse(readFileSync(path, "utf8")); console.log("parsed"); }
  catch (error) { console.log("refused " + path + " " + error.message.split("\\n").join(" ")); }
}
"""


def finding(text):
    said = [frame(type="message", content=text), text.encode() + b"\n", b"\xff\xfe half", b"\n \r\n"]
    events = recording(
        ("ann; #1", "open"),
        ("ann; #1", "client", join("ann")),
        ("ann; #1", "server", notice("ann")[:20]),
        ("ann; #1", "server", notice("ann")[20:]),
        *[("ann; #1", "client", data) for data in said],
        ("", "announce", text.encode()),
        ("", "note", text.encode()),
        ("end", "open"),
        ("end", "reset"),
        ("ann; #1", "half_close"),
        ("ann; #1", "server_reset"),
    ).events
    return Finding("PUBLIC-1", text, f"not {text}", case="a_case", events=events)


def diagram(found):
    return sequence_diagram(found, recording_of(found, "lf"))


@pytest.fixture(scope="session")
def mermaid(tmp_path_factory):
    """A folder in which Mermaid is installed."""
    folder = tmp_path_factory.mktemp("mermaid")
    words = [shutil.which("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "mermaid@11"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "parse.mjs").write_text(PARSER)
    return folder


@pytest.mark.long("downloads Mermaid")
@pytest.mark.needs("node", "npm")
def test_mermaid_reads_every_diagram(mermaid, tmp_path):
    texts = [diagram(finding(text)) for text in HOSTILE]
    texts += [sequence_diagram(empty := Finding("STOP-1", "x", "y", case="a_case"), recording_of(empty, "lf"))]
    texts += [diagram(leak(text=text)) for text in HOSTILE]
    texts += [diagram(finding(HOSTILE[0])).replace("ann", "ann: ->>\n")]
    paths = [tmp_path / f"{number}.mmd" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    words = ["node", "parse.mjs", *map(str, paths)]
    done = subprocess.run(words, cwd=mermaid, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    *good, broken = done.stdout.splitlines()
    assert good == ["parsed"] * (len(texts) - 1)
    # The last one was broken on purpose: the parser would have told.
    assert broken.startswith("refused")


@given(st.text())
def test_an_escaped_text_is_one_harmless_line_that_reads_back(text):
    shown = escaped(text)
    assert not set(shown) & set("\n\r<>&%\\$|\x1b\u2028")
    assert not set(re.sub(r"#\d+;", "", shown)) & set("#;")
    assert re.sub(r"#(\d+);", lambda match: chr(int(match[1])), shown) == (text or " ")


def test_who_sent_what_and_what_was_expected_are_told():
    lines = [line.strip() for line in diagram(finding("hi")).splitlines()]
    assert lines[0] == "sequenceDiagram"
    assert any(line.startswith("c0->>server:") and '"join"' in line for line in lines)
    assert sum(line.startswith("server-->>c0:") for line in lines) == 1
    assert "Note over c1: resets the connection" in lines
    assert lines[-2:] == ["Note over c0,server: expected: hi", "Note over c0,server: actual: not hi"]


def test_the_middle_of_a_long_recording_is_left_out():
    events = recording(("c", "open"), *[("c", "client", b'{"n":%d}\n' % number) for number in range(500)]).events
    text = diagram(Finding("PUBLIC-1", "x", "y", case="a_case", events=events))
    assert len(text.splitlines()) < 100
    assert "441 more are left out here" in text
    assert '{"n":0}' in text
    assert '{"n":499}' in text
