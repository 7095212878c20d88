"""The one room that knows the operating system: processes, words of a command line, waiting, signals, limits, sockets.

Nothing outside it imports what differs from system to system; tests/project/test_operating_system.py holds the list.
"""
