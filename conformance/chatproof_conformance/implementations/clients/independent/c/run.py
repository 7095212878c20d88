"""python run.py NAME: one of the clients, as a driver. python run.py --catalogue: writes catalogue.json, and spare.json with those of set C that were too many."""

import json
import os
import sys

import registry
from core import Client, report

here = os.path.dirname(os.path.abspath(__file__))


def main(name):
    if name in registry.NODE or name == "base-node":
        os.execvp("node", ["node", os.path.join(here, "client.js"), name])
    registry.add("base-threads", "T", "base", "", "", False)(type("Threads", (Client,), {}))
    registry.add("base-select", "S", "base", "", "", False)(type("Select", (Client,), {}))
    registry.add("base-async", "A", "base", "", "", False)(type("Async", (Client,), {}))
    import conforming, faults1, faults2  # they fill the registry
    if name == "--catalogue":
        for file, spare in (("catalogue.json", False), ("spare.json", True)):
            entries = [json.dumps(entry, ensure_ascii=False) for entry in registry.catalogue() if (entry["name"] in registry.SPARE) == spare]
            with open(os.path.join(here, file), "w") as out:
                out.write("[\n" + ",\n".join(entries) + "\n]\n")
        return
    it = registry.SUBJECTS[name]
    io = it["io"]()
    client = it["client"](io, report)
    io.run(client)
    if hasattr(client, "drain"):
        client.drain()


main(sys.argv[1])
