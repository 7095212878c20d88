"""The table of docs/original-application.md covers the original documentation, and what it names is there."""

import re

from support.paths import ROOT

TESTS = ROOT / "tests" / "reference"
TABLE = (ROOT / "docs" / "original-application.md").read_text("utf-8")

SENTENCES = """
    Multi-client Support, Real-time Message Broadcasting, Private Message Routing, Username Management, GUI Interface,
    Connection Monitoring, Server Messages, Graceful Shutdown, User-friendly GUI, Dual Message Modes, Real-time Updates,
    Message Type Indicators, Connection Management, Message History, Error Feedback, Server Controls, Status Display,
    Client List, Message Log, Server Message Input, Connection Panel, Message Type Selection, Chat Display,
    Private Message Panel, Message Input, System Messages, Server Messages, Own Messages, Other Users, Private Sent,
    Private Received, Socket Errors, Duplicate Usernames, Client Disconnections, Message Routing Errors, JSON Parsing,
    Connection Failures, Invalid Input, Server Disconnections, Message Send Failures, JSON Parsing,
    “Connection Refused” Error, “Username Already Taken” Error, Private Message Not Delivered, Server Won't Start,
    Messages Not Appearing
"""


def test_every_sentence_of_the_original_has_a_row():
    wanted = sorted(" ".join(sentence.split()) for sentence in SENTENCES.split(","))
    rows = re.findall(r"^\| ([^|:]+?)(?::[^|]*)? \|", TABLE, re.MULTILINE)
    assert wanted == sorted(row for row in rows if row not in ("Sentence", "Element", "Type", "Problem"))


def test_every_picture_that_the_pages_name_is_there_and_every_picture_is_shown():
    pictures = {path.name for path in (ROOT / "docs" / "screenshots").iterdir()}
    shown = "".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))
    assert set(re.findall(r"[\w-]+\.png", TABLE)) <= pictures
    assert set(re.findall(r"screenshots/([\w-]+\.(?:png|svg))", shown)) == pictures


def test_every_test_that_the_table_names_is_there():
    source = ""
    names = 0
    for path, name in re.findall(r"`([\w/]+\.py)|::(\w+)", TABLE):
        if path.startswith(("server/", "client/", "windows/test_")):
            source = (TESTS / path).read_text("utf-8")
        elif name:
            names += 1
            assert f"def test_{name}" in source, f"{name} is not in the file that the table named before it"
    assert names > 40
