"""Lay real output over the expected one: what an author wrote and still holds stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from assay.sources import transcript

# What it costs to leave a line out, to put one in, to replace one by a line like or unlike it,
# and to let `...` stand for one. A line is rather replaced than lost in a `...` beside it.
DROP, INSERT, LIKE, UNLIKE, HIDE = 1.2, 0.4, 0.3, 1.2, 0.01
# Beyond so many pairs of lines likeness isn't looked at, or nothing is kept but the ends.
COMPARED, ALIGNED = 40_000, 1_000_000
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")

Piece = int | str
"""A line of the new text: the number of the expected line that stays, or what to write."""


def merged(
    wanted: Sequence[str], real: Sequence[str], names: tuple[str, ...], console: bool
) -> tuple[Piece, ...]:
    """Return the lines that agree with the real output, as close to the expected ones as can be."""
    head = _same(zip(wanted, real, strict=False), names)
    rest = min(len(wanted), len(real)) - head
    ends = zip(reversed(wanted[head:]), reversed(real[head:]), strict=False)
    tail = min(rest, _same(ends, names))
    old, new = wanted[head : len(wanted) - tail], real[head : len(real) - tail]
    middle = [p + head if isinstance(p, int) else p for p in _aligned(old, new, names, console)]
    kept = range(len(wanted) - tail, len(wanted))
    pieces = (*range(head), *middle, *kept)
    text = tuple(wanted[p] if isinstance(p, int) else p for p in pieces)
    if transcript.difference(text, tuple(real), names) is None:
        return pieces
    return tuple(literal(line, console) for line in real)


def literal(line: str, console: bool) -> str:
    """Write a real line so that it means itself; what a page can't hold becomes `...`."""
    made = line.replace("...", "\\...")
    if console and (line.startswith("$ ") or line == "$"):
        made = "\\" + made
    return CONTROL.sub("...", made)


def _same(pairs: Iterator[tuple[str, str]], names: tuple[str, ...]) -> int:
    """Count the pairs that agree before the first that doesn't, or that is open."""
    count = 0
    for old, new in pairs:
        if old.strip() == "..." or not transcript.matches(old, new, names):
            break
        count += 1
    return count


def _aligned(
    old: Sequence[str], new: Sequence[str], names: tuple[str, ...], console: bool
) -> list[Piece]:
    """Find the cheapest way from the old lines to the new ones."""
    if len(old) * len(new) > ALIGNED:
        return [literal(line, console) for line in new]
    costs = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    steps = [[""] * (len(new) + 1) for _ in range(len(old) + 1)]
    near = len(old) * len(new) <= COMPARED
    for i in range(len(old) + 1):
        for j in range(len(new) + 1):
            if i or j:
                costs[i][j], steps[i][j] = min(_moves(costs, old, new, i, j, names, near))
    return _walked(steps, new, console)


def _moves(
    costs: list[list[float]], old: Sequence[str], new: Sequence[str], i: int, j: int,
    names: tuple[str, ...], near: bool,
) -> Iterator[tuple[float, str]]:  # fmt: skip
    open_line = i > 0 and old[i - 1].strip() == "..."
    if i:
        yield costs[i - 1][j] + (0 if open_line else DROP), "open" if open_line else "drop"
    if j:
        yield costs[i][j - 1] + (HIDE if open_line else INSERT), "hide" if open_line else "insert"
    if i and j and not open_line:
        if transcript.matches(old[i - 1], new[j - 1], names):
            yield costs[i - 1][j - 1], "keep"
        else:
            alike = SequenceMatcher(None, old[i - 1], new[j - 1]).ratio() if near else 0.5
            yield costs[i - 1][j - 1] + UNLIKE - (UNLIKE - LIKE) * alike, "replace"


def _walked(steps: list[list[str]], new: Sequence[str], console: bool) -> list[Piece]:
    pieces: list[Piece] = []
    i, j = len(steps) - 1, len(steps[0]) - 1
    while i or j:
        step = steps[i][j]
        if step in ("keep", "open"):
            pieces.append(i - 1)
        elif step in ("insert", "replace"):
            pieces.append(literal(new[j - 1], console))
        i -= step in ("keep", "open", "drop", "replace")
        j -= step in ("keep", "insert", "hide", "replace")
    return pieces[::-1]
