"""Find where things stand in a page's source; the rendered tree says what is there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from assay.model import Finding, Link, Position, Table
from assay.sources.recorder import RAW
from assay.sources.tracking import Line

FENCE = re.compile(r"^[>\s]*(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")
# A fence on the line of a list item, a definition or a footnote is inline code to Markdown.
MIDWAY = re.compile(
    r"^[>\s]*(?:(?:[-*+:]|\d+[.)]|\[\^[^\]]+\]:)\s+)+(?P<fence>`{3,}[^`]*$|~{3,}.*$)"
)

CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
SEPARATOR = re.compile(r"^[\s>]*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")


class Source:
    """The page's lines with fences, comments and inline code out of the way."""

    def __init__(self, lines: Sequence[Line], spans: Iterable[tuple[int, int]]) -> None:
        self.lines = lines
        self.fenced = {n for start, end in spans for n in range(start, end)}
        self.plain = [self._plain(n, line) for n, line in enumerate(lines)]
        self._hide_comments()
        self.rows: list[tuple[int, int]] = []
        """The lines of the tables' rows, and the cells that each may have."""

    def _plain(self, number: int, line: Line) -> str:
        if number in self.fenced:
            return ""
        return CODE.sub(lambda m: " " * len(m.group()), line)

    def _hide_comments(self) -> None:
        text = "\n".join(self.plain)
        hidden = re.sub(r"<!--.*?-->", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL)
        self.plain = hidden.split("\n")

    def place(self, index: int, column: int = 0) -> Position:
        """Turn a line index and a 0-based column into the author's position."""
        line = self.lines[min(index, len(self.lines) - 1)]
        return Position(line.path, line.line, line.column + column)

    def codes(self) -> Iterator[tuple[Position, str]]:
        """Inline code, in order."""
        for number, line in enumerate(self.lines):
            if number in self.fenced:
                continue
            for match in CODE.finditer(line):
                text = match.group(2)
                blank = len(text) - len(text.lstrip())
                yield self.place(number, match.start(2) + blank), text.strip()

    def leftovers(self, unclosed: int | None) -> Iterator[Finding]:
        """Fences without a partner; the one that is never closed swallows all that follow."""
        alone = False  # whether the next fence is only the end of one that was no fence
        for number, text in enumerate(self.plain):
            if match := FENCE.match(text):
                if match["info"].strip() or not alone:
                    where = self.place(number, match.start("fence"))
                    yield Finding(where, "fence", _unpaired(match))
                alone = not alone and _odd(match) is not None
            elif match := MIDWAY.match(text):
                yield Finding(self.place(number, match.start("fence")), "fence", _MIDWAY)
                alone = True
            if number == unclosed:
                return

    def raw(self) -> Iterator[Finding]:
        """Code as raw HTML."""
        for number, text in enumerate(self.plain):
            for match in RAW.finditer(text):
                message = f"raw {match[0].lower()}> would pass unchecked; write a fence"
                yield Finding(self.place(number, match.start()), "fence", message)

    def indented(self, firsts: Iterable[tuple[str, int]], greedy: set[int]) -> Iterator[Finding]:
        """Indented code, at its first line; `greedy` lines look like a fence and aren't one."""
        cursor = 0
        for first, depth in firsts:
            found = [
                number
                for number in range(cursor, len(self.lines))
                if (number not in self.fenced or number in greedy)
                and self.lines[number].strip(" \t>") == first
                and _depth(self.lines[number]) >= depth
            ]
            after_blank = (n for n in found if not n or not self.lines[n - 1].strip(" \t>"))
            number = next(after_blank, found[0] if found else -1)
            if number >= 0:
                cursor = number + 1
                message = "indented code would pass unchecked; write a fence"
                width = len(self.lines[number]) - len(self.lines[number].lstrip(" \t>"))
                yield Finding(self.place(number, width), "fence", message)

    def links(self, found: Iterable[tuple[str, str, str]]) -> Iterator[Link]:
        """Give each rendered link the position of its target in the source."""
        text = "\n".join(self.plain)
        starts = [0]
        for line in self.plain:
            starts.append(starts[-1] + len(line) + 1)
        cursor: dict[str, int] = {}
        for target, label, title in found:
            offset = text.find(target, cursor.get(target, 0))
            if offset < 0:
                offset = max(0, text.find(target))
            cursor[target] = offset + len(target)
            number = bisect_right(starts, offset) - 1
            bracket = self.plain[number].rfind("[", 0, offset - starts[number]) if target else -1
            column = bracket if bracket >= 0 else offset - starts[number]
            if column and self.plain[number][column - 1] == "!":
                column -= 1  # an image
            yield Link(self.place(number, column), target, label, title)

    def tables(self, found: Sequence[tuple[tuple[str, ...], ...]]) -> Iterator[Table]:
        """Give each rendered table the lines of its rows."""
        heads = [
            n - 1
            for n, text in enumerate(self.plain)
            if n and "-" in text and "|" in self.plain[n - 1] and SEPARATOR.match(text)
        ]
        cursor = 0
        for rows in found:
            head = next((n for n in heads if n >= cursor), 0)
            cursor = head + 1 + len(rows)
            numbers = [head, *range(head + 2, cursor)]
            lines = tuple(self.place(n).line for n in numbers)
            self.rows += [(n, len(rows[0])) for n in numbers]
            yield Table(lines, rows)

    def cut(self) -> Iterator[Finding]:
        """Rows with more cells than their header: rendering drops what is beyond it."""
        for number, width in self.rows:
            inner = re.sub(r"^[\s>]*\|?|(?<!\\)\|\s*$", "", self.plain[number])
            cells = len(re.findall(r"(?<!\\)\|", inner)) + 1
            if cells > width:
                message = (
                    f"this row has {cells} cells, the header {width}: what is beyond is lost; "
                    r"write '\|' for a bar in a cell"
                )
                yield Finding(self.place(number), "table", message)


def _depth(line: str) -> int:
    """The columns of blanks before the text, behind the marks of a quote."""
    mark = re.match(r"(?:[ ]{0,3}>)*", line)
    rest = line[mark.end() :].expandtabs(4) if mark else line
    return len(rest) - len(rest.lstrip(" "))


def _odd(match: re.Match[str]) -> str | None:
    """The first blank of the header that only looks like one."""
    return next((c for c in match["info"] if c.isspace() and c not in " \t"), None)


def _unpaired(match: re.Match[str]) -> str:
    if odd := _odd(match):
        return f"header {match['info'].strip()!r} has a blank {odd!r}; type an ordinary space"
    return "fence is never closed, or closes nothing; pair it with one of the same length"


_MIDWAY = "a fence behind a list marker is read as inline code; give it a line of its own, indented"
