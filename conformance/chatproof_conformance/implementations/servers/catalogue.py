"""The servers that are built on the baseline."""

from pathlib import Path

from baseline.chat import ChatServer
from common.catalogue import Catalogue
from common.entry import Entry

CATALOGUE = Catalogue(
    Entry("baseline", "conforming", "one thread, selectors; what the faulty ones are made of"),
    ChatServer,
    Path(__file__).parent,
    *("--port", "{port}"),
)
faulty, subtle, unusual = CATALOGUE.faulty, CATALOGUE.subtle, CATALOGUE.unusual
