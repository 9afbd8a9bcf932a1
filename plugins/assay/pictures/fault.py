"""A fault in a diagram's source, with its place."""

from __future__ import annotations


class DiagramError(Exception):
    """A diagram can't be drawn, or misleads: 1-based line and column of the source."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message

    def __repr__(self) -> str:
        return f"DiagramError({self.line}, {self.column}, {self.message!r})"
