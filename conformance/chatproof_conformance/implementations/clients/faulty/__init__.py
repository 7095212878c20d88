"""Clients that each break one thing, by the requirement that they break first.

A function is the baseline with its method of that name replaced.
"""
