"""Bytes and recordings: frames, what a recording holds, how two recordings differ."""
