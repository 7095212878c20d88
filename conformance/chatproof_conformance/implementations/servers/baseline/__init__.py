"""A conforming chat server in one thread, cut into small methods: a faulty server overrides one of them."""
