"""Read txtar, the text archive of Go's own tests: a comment, then files.

A line `-- name --` opens a file; every input is valid (golang.org/x/tools/txtar).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MARKER = re.compile(r"^-- (\S(?:.*\S)?) --[ \t]*$")


@dataclass(frozen=True)
class Archive:
    """A comment and files as (name, data) in order."""

    comment: str
    files: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """Return the data of the first file of this name."""
        return next((data for known, data in self.files if known == name), None)


def parse(text: str) -> Archive:
    """Split an archive; the data of the last file always ends with a newline."""
    comment: list[str] = []
    files: list[tuple[str, list[str]]] = []
    for line in _LINE.findall(text):  # only a line feed ends a line
        if marker := _MARKER.match(line.rstrip("\r\n")):
            files.append((marker.group(1), []))
        else:
            (files[-1][1] if files else comment).append(line)
    return Archive(_closed(comment), tuple((name, _closed(lines)) for name, lines in files))


def _closed(lines: list[str]) -> str:
    text = "".join(lines)
    return text if not text or text.endswith("\n") else text + "\n"


def serialize(comment: str, files: Iterable[tuple[str, str]]) -> str:
    """Write an archive that `parse` reads back."""
    parts = [comment if not comment or comment.endswith("\n") else comment + "\n"]
    parts += [f"-- {name} --\n{_closed([data])}" for name, data in files]
    return "".join(parts)
