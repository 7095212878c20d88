"""The clients that are built on the baseline."""

from pathlib import Path

from baseline.client import Client
from common.catalogue import Catalogue
from common.entry import Entry

CATALOGUE = Catalogue(
    Entry("client-baseline", "conforming", "one thread, selectors; what the faulty ones are made of"),
    Client,
    Path(__file__).parent,
)
faulty, subtle, unusual = CATALOGUE.faulty, CATALOGUE.subtle, CATALOGUE.unusual
