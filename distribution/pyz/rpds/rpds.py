"""The types of rpds-py that jsonschema uses, by pyrsistent: in Python, so that one file serves every system."""

from pyrsistent_as_rpds.pure import HashTrieMap, HashTrieSet, List

__all__ = ["HashTrieMap", "HashTrieSet", "List"]
