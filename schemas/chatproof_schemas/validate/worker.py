"""Judges blocks that come over its standard input, pickled, until that ends: the program behind :mod:`.workers`."""

import pickle
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.judging import Judge, Judgement
from chatproof_schemas.validate.lines import Block, Line

Counts: TypeAlias = Counter[tuple[Direction, str]]
Found: TypeAlias = tuple[Counts, list[tuple[Line, Judgement]]]
"""What judging some blocks has found: the counts of the valid messages, and what there is to say of the others."""


def judge_blocks(judge: Judge, blocks: Sequence[Block]) -> Found:
    """Judge blocks, one after the other."""
    valid: Counts = Counter()
    return valid, [found for block in blocks for found in judge.judge_block(block, valid)]


def main() -> None:
    """Read the directions and whether to be strict, then answer each list of blocks by what was found."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    directions, strict = pickle.load(requests)  # noqa: S301  the process that has started us writes it
    judge = Judge(directions, strict=strict)
    while True:
        try:
            blocks = pickle.load(requests)  # noqa: S301  the same
        except EOFError:
            return
        pickle.dump(judge_blocks(judge, blocks), answers)
        answers.flush()
