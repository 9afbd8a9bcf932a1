"""Code holds no en dash and no curly quotes where they would be typed; strings are spared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay.bench import Bench
from assay.model import Finding, Position, Unit

NAME = "typography"
LOOKALIKES = {
    "–": "en dash", "—": "em dash", "“": "curly quote", "”": "curly quote", "‘": "curly quote",
    "’": "curly quote", "\u00a0": "no-break space", "−": "minus sign", "，": "full-width comma",
    "；": "full-width semicolon", "（": "full-width parenthesis", "）": "full-width parenthesis",
}  # fmt: skip
CHARACTER = re.compile("[" + "".join(LOOKALIKES) + "]")
UNQUOTED = re.compile("[–“”‘’\u00a0−]")  # YAML's plain strings may hold Chinese punctuation
INLINE = re.compile(r"[–—][->]|(?<!\S)[–—]\w|[“”]")
GO_SPARED = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|//[^\n]*|/\*.*?\*/', re.DOTALL)
OTHER_SPARED = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(?:^|(?<=\s))#[^\n]*', re.MULTILINE)
COMMANDS = re.compile(r"^\$ .*$", re.MULTILINE)
# What a reader types; labels of diagrams and printed output are prose.
JUDGED = ("bash", "console", "go", "json", "toml", "yaml")


def claims(unit: Unit) -> bool:
    """Code fences, and a page's inline code; not a fence that another check must refuse."""
    if unit.kind == "page":
        return True
    if unit.kind != "block" or unit.toolchain is not None or unit.block.language not in JUDGED:
        return False
    return (unit.block.option("fails") or NAME).startswith(NAME)


def tools() -> Mapping[str, str]:
    """Judged by assay itself."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield each look-alike character at its place."""
    if unit.kind == "page":
        for start, text in unit.page.codes:
            if match := INLINE.search(text):
                where = Position(start.path, start.line, start.column + match.start())
                yield Finding(where, NAME, _message(match[0][0]))
        return
    block = unit.block
    for offset, character in _typed(block.text, block.language):
        line = block.text.count("\n", 0, offset) + 1
        column = offset - (block.text.rfind("\n", 0, offset) + 1) + 1
        yield Finding(block.at(line, column), NAME, _message(character))


def _typed(text: str, language: str) -> Iterator[tuple[int, str]]:
    spared = GO_SPARED if language == "go" else OTHER_SPARED
    plain = spared.sub(lambda m: " " * len(m[0]), text)
    character = UNQUOTED if language == "yaml" else CHARACTER
    if language == "console":
        spans = [m.span() for m in COMMANDS.finditer(text)]
        inside = [(m.start(), m[0]) for m in character.finditer(plain)]
        yield from (hit for hit in inside if any(a <= hit[0] < b for a, b in spans))
    else:
        yield from ((m.start(), m[0]) for m in character.finditer(plain))


def _message(character: str) -> str:
    return f"{LOOKALIKES[character]} {character!r} in code; type the ASCII character"
