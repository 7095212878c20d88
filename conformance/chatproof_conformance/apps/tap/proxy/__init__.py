"""The proxy: connections, forwarding, faults on the way."""
