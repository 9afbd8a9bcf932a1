"""A fault in a diagram's source, with its place."""

from __future__ import annotations

import re


class DiagramError(Exception):
    """A diagram can't be drawn, or misleads: 1-based line and column of the source."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message

    def quoting(self, official: str | None) -> DiagramError:
        """Add mermaid's own message to the plain words, where it says something else."""
        words = _shortened(official) if official else ""
        if not words or words in self.message:
            return self
        return DiagramError(self.line, self.column, f"{self.message}; mermaid says: {words}")

    def __repr__(self) -> str:
        return f"DiagramError({self.line}, {self.column}, {self.message!r})"


class UnshownError(DiagramError):
    """The diagram parses, but a still picture would not hold all that it says."""


def _shortened(official: str) -> str:
    """Put an official message on one line.

    Its line number counts without front matter and comments and its excerpt and caret repeat
    what a finding shows by itself; of many tokens that it expects only the first is named.
    """
    words = re.sub(r"^Mermaid rendering failed: \w*Error: ", "", official.strip())
    words = re.sub(r" for text:.*", "", words, flags=re.DOTALL)
    words = re.sub(r" on line (?:\d+|NaN)(?:, column (?:\d+|NaN))?(?=[.:])", "", words)
    words = re.sub(r"\n[^\n]*\n-*\^", "", words)
    words = re.sub(r"Expecting ('[^']*')(?:, '[^']*'){3,}", r"Expecting \1, …", words)
    return " ".join(words.split())
