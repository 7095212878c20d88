"""Judges blocks that come over its standard input, pickled, until that ends: the program behind :mod:`.workers`."""

import pickle
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.judging import Judge, Judgement
from chatproof_schemas.validate.lines import BLOCK_BYTES, Block, Line

Counts: TypeAlias = Counter[tuple[Direction, str]]
Found: TypeAlias = tuple[Counts, list[tuple[Line, Judgement]]]
"""What judging some blocks has found: the counts of the valid messages, and what there is to say of the others."""


def pieces(block: Block) -> Iterator[Block]:
    """Cut a block at ends of lines into blocks of the size that is judged the fastest."""
    number, begin = block.number, 0
    while begin < len(block.data):
        end = block.data.rfind(b"\n", begin, begin + BLOCK_BYTES) + 1 or block.data.index(b"\n", begin) + 1
        yield Block(number, block.data[begin:end])
        number, begin = number + block.data.count(b"\n", begin, end), end


def judge_blocks(judge: Judge, blocks: Iterable[Block]) -> Found:
    """Judge blocks, one after the other."""
    valid: Counts = Counter()
    return valid, [found for block in blocks for found in judge.judge_block(block, valid)]


def main() -> None:
    """Read the directions and whether to be strict, then answer each block by what was found."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    directions, strict = pickle.load(requests)  # noqa: S301  the process that has started us writes it
    judge = Judge(directions, strict=strict)
    while True:
        try:
            block = pickle.load(requests)  # noqa: S301  the same
        except EOFError:
            return
        pickle.dump(judge_blocks(judge, pieces(block)), answers)
        answers.flush()
