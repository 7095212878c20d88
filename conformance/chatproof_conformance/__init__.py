"""The conformance harness: checks any server of the TCP chat protocol over its socket."""
