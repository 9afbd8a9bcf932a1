"""The text as mermaid's parsers see it, each character with its place in the source.

Mermaid removes front matter, directives and comments before it parses, so its line numbers and
offsets count in what is left: https://github.com/mermaid-js/mermaid preprocess.ts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_FRONT_MATTER = re.compile(r"\A-{3}[^\S\n]*\n(.*?)\n-{3}[^\S\n]*\n+", re.DOTALL)
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.DOTALL)
_COMMENT = re.compile(r"^\s*%%(?!\{)[^\n]+\n?", re.MULTILINE)
_LEADING = re.compile(r"\A\s+")
_AFTER_BRACE = re.compile(r"(?<=\})\s*(?=\n)")


@dataclass(frozen=True)
class Cleaned:
    """What is left of `source`; `places` has the source offset of each character."""

    source: str
    text: str
    places: tuple[int, ...]

    def without(self, pattern: re.Pattern[str]) -> Cleaned:
        """Take out every match."""
        text, start = "", 0
        places: list[int] = []
        for match in pattern.finditer(self.text):
            text += self.text[start : match.start()]
            places += self.places[start : match.start()]
            start = match.end()
        return Cleaned(self.source, text + self.text[start:], (*places, *self.places[start:]))

    def position(self, offset: int) -> tuple[int, int]:
        """Map an offset of `text` to line and column of the source, both from 1."""
        if not self.text:
            return 1, 1
        if offset >= len(self.text):
            last = len(self.text.rstrip()) - 1
            place = self.places[last] + 1 if last >= 0 else 0
        else:
            place = self.places[max(offset, 0)]
        before = self.source[:place]
        return before.count("\n") + 1, place - (before.rfind("\n") + 1) + 1


def front_matter(source: str) -> tuple[str, str]:
    """Split the source into its front matter's YAML ('' where absent) and the rest."""
    match = _FRONT_MATTER.match(source)
    return (match[1], source[match.end() :]) if match else ("", source)


@lru_cache(maxsize=8)
def clean(source: str) -> Cleaned:
    """Remove what mermaid removes before it parses."""
    whole = Cleaned(source, source, tuple(range(len(source))))
    for pattern in (_FRONT_MATTER, _DIRECTIVE, _COMMENT, _LEADING):
        whole = whole.without(pattern)
    if re.match(r"(?:flowchart|graph)\b", whole.text):
        whole = whole.without(_AFTER_BRACE)
    return whole
