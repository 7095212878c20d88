"""The one room that knows the operating system: processes, waiting, signals, limits."""
