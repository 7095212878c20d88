"""Servers that break the protocol, each by one small change to the baseline, one module for each section.

A function is the baseline with its method of that name replaced.
"""
