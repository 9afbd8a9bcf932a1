"""A page's file, edited line by line: line ends, byte order mark and indentation stay."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assay.files import write_atomically
from assay.model import Block, Page, Position

LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


@dataclass(frozen=True)
class Edit:
    """Replace the file's lines `start` to `end` (from 1, `end` not included)."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass
class Text:
    """The lines of a file without and with what ends them."""

    path: str
    lines: list[str]
    ends: list[str]

    def prefix(self, block: Block) -> str:
        """What stands before the block's fence: blanks, tabs or marks of a quote."""
        return self.lines[block.line - 1][: block.column - 1]

    def fence(self, block: Block) -> str:
        """The characters that open and close the block."""
        found = re.match(r"`+|~+", self.lines[block.line - 1][block.column - 1 :])
        return found[0] if found else ""

    def replace(self, where: Position, old: str, new: str) -> bool:
        """Replace text that must begin at the position; say whether it did."""
        line, column = self.lines[where.line - 1], where.column - 1
        if not line.startswith(old, column):
            return False
        self.lines[where.line - 1] = line[:column] + new + line[column + len(old) :]
        return True

    def edit(self, made: Edit) -> None:
        """Replace whole lines; new ones end as the line before them does."""
        end = self.ends[made.start - 2] if made.start > 1 else "\n"
        old = self.ends[made.start - 1 : made.end - 1]
        ends = [*old, *[end] * len(made.lines)][: len(made.lines)]
        self.lines[made.start - 1 : made.end - 1] = made.lines
        self.ends[made.start - 1 : made.end - 1] = ends

    def write(self, root: Path) -> None:
        """Write the file."""
        text = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        write_atomically(root / self.path, text.encode())


def read(root: Path, path: str) -> Text:
    """Read a file; lines are those that its page is read by."""
    text = (root / path).read_bytes().decode("utf-8")
    found = [m.groups() for m in LINE.finditer(text)]
    return Text(path, [line for line, _ in found], [end for _, end in found])


def apply(root: Path, path: str, edits: Iterable[Edit]) -> None:
    """Replace lines, from the end of the file to its beginning."""
    text = read(root, path)
    for made in sorted(edits, key=lambda e: e.start, reverse=True):
        text.edit(made)
    text.write(root)


def row(page: Page, block: Block, first: int, count: int) -> int | None:
    """Return the file's line where a block's line `first` stands, or would stand.

    None if the lines, or the one before them, come from an included file.
    """
    before = block.header if first == 1 else block.origins[first - 2]
    if before.path != page.path:
        return None
    wanted = [(page.path, before.line + 1 + n) for n in range(count)]
    seen = [(o.path, o.line) for o in block.origins[first - 1 : first - 1 + count]]
    return before.line + 1 if seen == wanted else None
