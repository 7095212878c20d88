#!/usr/bin/env python3
"""run.py NAME --port N: starts the server NAME on 127.0.0.1. NAME is in catalogue.json, or base-async, base-thread, ..."""
import argparse, importlib, json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
TABLE = {
    "async": "join-window confirm-later batch-leave queue-64 leave-debounce name-cooldown shared-current taken-three join-timeout "
             "idle-kick blank-flood pm-cache stop-no-lf join-clears splitlines limit-stripped limit-characters raw-tab accept-nan "
             "ok-escapes ok-kathmandu ok-coalesced ok-presence ok-late-leave ok-slow-stop",
    "thread": "blocking-send partial-timeout reset-uncaught reset-wording reset-anonymous confirm-cut check-then-act ghost-name "
              "no-reuse handshake-in-accept dup-escaped deep-crash lenient-numbers stop-tells-all ok-whitespace ok-bytewise "
              "ok-long-blank",
    "select": "fifty-sockets partial-send stdin-readline stop-no-drain stop-as-server partial-eof chunk-decode chunk-strip "
              "full-buffer long-per-chunk quote-long long-clears sixteen-per-read depth-code refused-listens blank-crlf-only "
              "lead-space-only empty-announce bom-blank depth-32 ok-german-nocode ok-tight-limit ok-no-lf ok-fifty ok-small-reads",
    "proc": "local-echo confirm-extras second-reserved rejoined late-notice self-pm offline-mail pm-grace no-reason-known pm-month "
            "trailing-text low-surrogate error-ignored content-blank name-strip",
    "poll": "eof-drops-inbox short-first dedupe final-newline pm-before-join presence-again both-cases names-nfc five-strikes "
            "target-unchecked type-unhashable blank-formfeed name-dollar code-missing-name name-isolates ok-extra-members "
            "ok-bom-ignored ok-strict",
    "node": "utf16-length dollar-template plain-object inherited-type lossy-utf8 falsy-ignored client-timestamp client-sender "
            "surrogate-ignored safe-integer dup-nested regexp-global ok-late-codes",
}
BASE = {n: b for b, ns in TABLE.items() for n in ns.split()}
BASE.update({"base-" + b: b for b in TABLE})


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("name", choices=sorted(BASE), metavar="NAME")
    ap.add_argument("--host")  # always 127.0.0.1
    ap.add_argument("--port", type=int, default=0)
    a = ap.parse_args()
    base = BASE[a.name]
    fault = "" if a.name.startswith("base-") else a.name
    if base == "node":
        os.execvp("node", ["node", os.path.join(HERE, "srv_node.js"), fault or "none", str(a.port)])
    import proto
    proto.F = fault
    importlib.import_module("srv_" + base).main(a.port)


if __name__ == "__main__":
    main()
