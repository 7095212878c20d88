"""The clusters: a right one, and others that differ from it by one fault each."""

from pathlib import Path

from cluster.node import Node
from common.catalogue import Catalogue
from common.entry import Entry

CATALOGUE = Catalogue(
    Entry("cluster", "conforming", "nodes on a hub that puts all into one order; what the faulty ones are made of"),
    Node,
    Path(__file__).parent,
    *("--port", "{port}", "--engine", "{engine}", "--shared", "{shared}"),
)
faulty, subtle = CATALOGUE.faulty, CATALOGUE.subtle
