"""Code holds no en dash and no curly quotes where they would be typed; strings are spared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "typography"
LOOKALIKES = {
    "–": "en dash", "—": "em dash", "“": "curly quote", "”": "curly quote", "‘": "curly quote",
    "’": "curly quote", "\u00a0": "no-break space", "−": "minus sign", "，": "full-width comma",
    "；": "full-width semicolon", "（": "full-width parenthesis", "）": "full-width parenthesis",
}  # fmt: skip
CHARACTER = re.compile("[" + "".join(LOOKALIKES) + "]")
GO_SPARED = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|//[^\n]*|/\*.*?\*/', re.DOTALL)
OTHER_SPARED = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(?:^|(?<=\s))#[^\n]*', re.MULTILINE)
COMMANDS = re.compile(r"^\$ .*$", re.MULTILINE)
# What a reader types; labels of diagrams and printed output are prose.
JUDGED = ("bash", "console", "go", "json", "toml", "yaml")


def claims(unit: Unit) -> bool:
    """Code fences, and a page's inline code."""
    if unit.kind == "page":
        return True
    return unit.kind == "block" and unit.toolchain is None and unit.block.language in JUDGED


def tools() -> Mapping[str, str]:
    """Judged by assay itself."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield each look-alike character at its place."""
    if unit.kind == "page":
        for position, text in unit.page.codes:
            match = re.search(r"[–—][->]|(?<=\s)[–—]\w|[“”]", text)
            if match:
                yield Finding(
                    position,
                    NAME,
                    _message(match[0][0] if match[0][0] in LOOKALIKES else match[0][-1]),
                )
        return
    block = unit.block
    for offset, character in _typed(block.text, block.language):
        line = block.text.count("\n", 0, offset) + 1
        column = offset - (block.text.rfind("\n", 0, offset) + 1) + 1
        yield Finding(block.at(line, column), NAME, _message(character))


def _typed(text: str, language: str) -> Iterator[tuple[int, str]]:
    spared = GO_SPARED if language == "go" else OTHER_SPARED
    plain = spared.sub(lambda m: " " * len(m[0]), text)
    if language == "console":
        spans = [m.span() for m in COMMANDS.finditer(text)]
        inside = [(m.start(), m[0]) for m in CHARACTER.finditer(plain)]
        yield from (hit for hit in inside if any(a <= hit[0] < b for a, b in spans))
    else:
        yield from ((m.start(), m[0]) for m in CHARACTER.finditer(plain))


def _message(character: str) -> str:
    return f"{LOOKALIKES[character]} {character!r} in code; type the ASCII character"
