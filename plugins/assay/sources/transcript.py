"""Console blocks: commands with the output that the author expects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assay.model import Block, Position

HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
# Noise that an author may name in normalize="…"; both sides are replaced, visibly.
NOISE: Mapping[str, re.Pattern[str]] = {
    "address": re.compile(r"0x[0-9a-f]+"),
    "duration": re.compile(r"\b\d+(?:\.\d+)?(?:ns|µs|us|ms|s|m|h)\b"),
    "date": re.compile(
        r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    ),
    "hash": re.compile(r"\b[0-9a-f]{12,64}\b"),
    "number": re.compile(r"\b\d+(?:\.\d+)?\b"),
    "pid": re.compile(r"\b(?:pid[ =:]*\d+|\[\d+\] \d+)", re.IGNORECASE),
    "port": re.compile(r"(?<=:)\d{4,5}\b"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a console block: its text and expected output, with block line numbers."""

    command: str
    line: int
    expected: tuple[str, ...]
    expected_line: int

    @property
    def background(self) -> bool:
        """Whether the command goes on after it returns: its output is kept, not compared."""
        bare = self.command.rstrip()
        return bare.endswith("&") and not bare.endswith("&&")


@dataclass(frozen=True, slots=True)
class Script:
    """What a block runs, as one script; `pieces` says where parts of its lines stand.

    A piece is line and column of the script, and line and column of the block.
    """

    block: Block
    text: str
    pieces: tuple[tuple[int, int, int, int], ...]

    def at(self, line: int, column: int) -> Position:
        """Map a place of the script to the page."""
        before = [p for p in self.pieces if p[:2] <= (line, column)] or list(self.pieces[:1])
        if not before:
            return self.block.header
        at_line, at_column, to_line, to_column = before[-1]
        beyond = column - at_column if line == at_line else 0
        return self.block.at(to_line, to_column + beyond)


def script(block: Block) -> Script:
    """Read what a console or bash block runs, but the last command where exit= has it fail."""
    if block.language != "console":
        whole = tuple((n, 1, n, 1) for n in range(1, block.text.count("\n") + 2))
        return Script(block, block.text, whole)
    failing = (block.option("exit") or "0").strip("0") != ""
    shown = block.text.split("\n")
    lines: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    for step in steps(block)[: -1 if failing else None]:
        for number, line in enumerate(step.command.split("\n"), step.line):
            lines.append(line)
            pieces.append((len(lines), 1, number, len(shown[number - 1]) - len(line) + 1))
    return Script(block, "".join(f"{line}\n" for line in lines), tuple(pieces))


def steps(block: Block) -> tuple[Step, ...]:
    """Split a console block into steps; lines before the first command belong to none."""
    lines = block.text.split("\n")[:-1]
    found: list[Step] = []
    index = 0
    while index < len(lines):
        if not lines[index].startswith("$ ") and lines[index] != "$":
            index += 1
            continue
        start = index
        command, index = _command(lines, index)
        first = index
        while index < len(lines) and not lines[index].startswith("$ "):
            index += 1
        found.append(Step(command, start + 1, _trim(lines[first:index]), first + 1))
    return tuple(found)


def stray(block: Block) -> int | None:
    """Return the line of text that stands before the first command, if there is one."""
    for number, line in enumerate(block.text.split("\n"), 1):
        if line.startswith("$ "):
            return None
        if line.strip():
            return number
    return 1


def _command(lines: list[str], index: int) -> tuple[str, int]:
    """Read a command with its continuation lines and here-documents."""
    parts = [lines[index][2:]]
    index += 1
    while parts[-1].endswith("\\") and index < len(lines):
        parts.append(lines[index].removeprefix("> "))
        index += 1
    for match in HEREDOC.finditer("\n".join(parts)):
        while index < len(lines):
            parts.append(lines[index].removeprefix("> "))
            index += 1
            if parts[-1].strip() == match[2]:
                break
    return "\n".join(parts), index


def _trim(lines: list[str]) -> tuple[str, ...]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return tuple(line.rstrip() for line in lines)


def shown_lines(output: str) -> tuple[str, ...]:
    """Real output as it is compared: no blanks at line ends, no empty lines at the end."""
    return _trim(output.split("\n"))


def normalized(line: str, names: tuple[str, ...]) -> str:
    """Replace the named kinds of noise by their names."""
    for name in names:
        line = NOISE[name].sub(f"<{name}>", line)
    return line


def _pattern(expected: str) -> re.Pattern[str]:
    """A line with `...` for any text; a backslash makes it, or a leading `$ `, literal."""
    text = expected[1:] if expected.startswith("\\$ ") or expected == "\\$" else expected
    pieces = re.split(r"(\\\.\.\.|\.\.\.)", text)
    made = "".join({"...": ".*", "\\...": r"\.\.\."}.get(p, re.escape(p)) for p in pieces)
    return re.compile(made + r"\Z", re.DOTALL)


def matches(expected: str, real: str, names: tuple[str, ...] = ()) -> bool:
    """Whether a real line agrees with an expected one."""
    wanted, seen = normalized(expected, names), normalized(real, names)
    return wanted == seen or bool(_pattern(wanted).match(seen))


def difference(
    expected: tuple[str, ...], real: tuple[str, ...], names: tuple[str, ...] = ()
) -> tuple[int, str] | None:
    """Compare outputs: None if they agree, else (index of the expected line, what came).

    An index equal to len(expected) means surplus output.
    """
    return next(_differences(expected, real, names), None)


def _differences(
    expected: tuple[str, ...], real: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[tuple[int, str]]:
    reach = {0}  # how many real lines the expected lines so far can have consumed
    for index, line in enumerate(expected):
        if line.strip() == "...":
            reach = set(range(min(reach), len(real) + 1))
            continue
        step = {n + 1 for n in reach if n < len(real) and matches(line, real[n], names)}
        if not step:
            seen = real[min(reach)] if min(reach) < len(real) else None
            yield index, "nothing more" if seen is None else repr(seen)
            return
        reach = step
    if len(real) not in reach:
        yield len(expected), repr(real[max(reach)])
