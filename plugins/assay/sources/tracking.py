"""Lines that remember where they came from, through pymdownx's own snippet expansion."""

from __future__ import annotations

import difflib
import os
import re
import stat
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pymdownx.snippets import SnippetExtension, SnippetMissingError, SnippetPreprocessor

from assay.model import Finding, Position

# A page shows a region of a program, not a data set; also bounds what one include can cost.
LARGEST_INCLUDE = 1 << 20
# pymdownx knows an include behind blanks only; in a block quote it stands behind these.
QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+(?=[ \t]*;*-+8<-+[ ]+[\"'])")


class Line(str):
    """A line with its origin, which survives the string operations of pymdownx.snippets.

    `column` is the origin column of the line's first character; `shown` the page's line.
    """

    __slots__ = ("column", "line", "path", "shown")
    path: str
    line: int
    column: int
    shown: int

    @property
    def position(self) -> Position:
        """Where the line's first character stands."""
        return Position(self.path, self.line, self.column)

    def move(self, text: str, shift: int = 0) -> Line:
        """Return `text` with this line's origin, its first character `shift` columns on."""
        return at(text, self.path, self.line, self.column + shift, self.shown)

    def __radd__(self, prefix: str) -> Line:
        return self.move(str.__add__(prefix, self), -len(prefix))

    def replace(self, *args: Any) -> Line:
        """Replace text as str does; the origin stays."""
        return self.move(str.replace(self, *args))


def at(text: str, path: str, line: int, column: int = 1, shown: int = 0) -> Line:
    """Make a tracked line."""
    made = Line(text)
    made.path, made.line, made.column, made.shown = path, line, column, shown or line
    return made


class Origins(Preprocessor):
    """Marks the page's own lines before includes are expanded, and keeps the result after."""

    def __init__(self, md: Markdown, path: str, first_line: int) -> None:
        super().__init__(md)
        self.path, self.first_line = path, first_line
        self.begin: Callable[[], None] | None = None
        self.lines: list[Line] = []
        self.page: list[str] = []

    def run(self, lines: list[str]) -> list[str]:
        """Tag every line with the page's path and its number in the file."""
        if self.begin:
            self.begin()
        self.page = list(lines)
        return [at(t, self.path, n) for n, t in enumerate(lines, self.first_line)]

    def written(self, line: int) -> str:
        """Return a line of the page as its author wrote it, includes not expanded."""
        index = line - self.first_line
        return self.page[index] if 0 <= index < len(self.page) else ""


class Expanded(Preprocessor):
    """Runs right after the snippets: remembers what the following steps number from 0."""

    def __init__(self, origins: Origins) -> None:
        super().__init__(origins.md)
        self.origins = origins

    def run(self, lines: list[str]) -> list[str]:
        """Keep the expanded lines; a line without an origin belongs to the one before it."""
        kept: list[Line] = []
        last = at("", self.origins.path, self.origins.first_line)
        for text in lines:
            last = text if isinstance(text, Line) else last.move(text)
            kept.append(last)
        self.origins.lines = kept
        return lines


def aligned(tracked: list[Line], lines: list[str], tab: int) -> list[Line]:
    """Give lines that went through other preprocessors their origins back.

    The usual steps normalise blanks line by line and add two empty lines; then the line is
    taken as it was written. Where a step added or removed lines, equal ones are paired, and a
    line without a partner belongs to the one before it.
    """
    plain = [_normal(line, tab) for line in tracked]
    pairs: dict[int, int] = {n: n for n in range(len(tracked))}
    if len(lines) not in (len(tracked), len(tracked) + 2):
        blocks = difflib.SequenceMatcher(None, plain, lines, autojunk=False).get_matching_blocks()
        pairs = {b.b + n: b.a + n for b in blocks for n in range(b.size)}
    found: list[Line] = []
    last = tracked[0] if tracked else at("", "", 1)
    for number, text in enumerate(lines):
        place = pairs.get(number)
        last = last if place is None else tracked[place]
        same = place is not None and text in (tracked[place], plain[place])
        found.append(last if same else last.move(text))
    return found


def _normal(line: str, tab: int) -> str:
    """A line as Python-Markdown's own normalisation leaves it."""
    plain = line.replace("\u0002", "").replace("\u0003", "").expandtabs(tab)
    return plain if plain.strip(" ") else ""


class TrackedSnippets(SnippetPreprocessor):  # type: ignore[misc]
    """pymdownx's snippets, with origins kept and faults reported where they are written."""

    def __init__(self, config: dict[str, Any], md: Markdown, root: Path) -> None:
        super().__init__({**config, "check_paths": True}, md)
        self.root = root
        self.problems: list[Finding] = []
        self.read: dict[str, str] = {}
        self.current: Line = at("", "", 1)
        self.shown = 0

    def parse_snippets(self, lines: Iterable[str], *args: Any, **kwargs: Any) -> list[str]:
        """Expand the lines, knowing at each moment which one is being read."""
        parsed: list[str] = []
        plain: list[str] = []
        for line in lines:
            quote = QUOTED.match(line)
            if quote is None:
                plain.append(line)
                continue
            inside = line.move(line[quote.end() :], quote.end()) if isinstance(line, Line) else line
            parsed += super().parse_snippets(self._watch(plain), *args, **kwargs)
            found = super().parse_snippets(self._watch([inside]), *args, **kwargs)
            if found and not found[-1].strip():
                found.pop()  # what pymdownx sees behind the last line end of an included file
            parsed += [quote[0] + text for text in found]
            plain = []
        return parsed + list(super().parse_snippets(self._watch(plain), *args, **kwargs))

    def _watch(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            if isinstance(line, Line):
                if not self.seen:  # the page's own line: what it includes is shown there
                    self.shown = line.line
                self.current = line
            yield line

    def get_snippet_path(self, path: str) -> str | None:
        """Resolve an include below its base folder; everything else is a finding."""
        found: str | None = super().get_snippet_path(path)
        if found is None:
            self._problem(f"no file {path!r} to include below the snippets' base path")
            return os.devnull
        return found

    def extract_section(self, section: str, lines: list[str]) -> list[str]:
        """Take a named region; a missing one is a finding, not the end of the page."""
        try:
            taken: list[str] = super().extract_section(section, lines)
        except SnippetMissingError:
            where = next((s.path for s in lines if isinstance(s, Line)), "the file")
            if where != "the file" or not self.problems:
                self._problem(f"no region {section!r} in {where}; mark it with [start:{section}]")
            return []
        return taken

    def read_lines(self, path: str) -> list[str]:
        """Read a regular file of the repository without following links out of it."""
        if path == os.devnull:
            return []
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        fault = self._refuse(path)
        if fault:
            self._problem(f"{relative!r} can't be included: {fault}")
            return []
        self.read[relative] = path
        text: list[str] = super().read_lines(path)
        return [at(t, relative, n, 1, self.shown) for n, t in enumerate(text, 1)]

    def dedent(self, lines: list[str]) -> list[str]:
        """De-indent as pymdownx does, moving the origins along."""
        flat: list[str] = textwrap.dedent("\n".join(lines)).split("\n")
        return [
            old.move(new, len(old) - len(new)) if isinstance(old, Line) else new
            for old, new in zip(lines, flat, strict=False)
        ]

    def _refuse(self, path: str) -> str:
        """Say why the file must not be read: a link, no regular file, too large."""
        root = os.path.realpath(self.root)
        if os.path.realpath(path) != os.path.join(root, os.path.relpath(path, self.root)):
            return "it is reached through a symbolic link; include the file itself"
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            return "it is not a regular file"
        if status.st_size > LARGEST_INCLUDE:
            return f"it has {status.st_size} bytes; at most {LARGEST_INCLUDE} are allowed"
        return ""

    def _problem(self, message: str) -> None:
        here = Position(self.current.path, self.current.line, self.current.column)
        found = Finding(here, "fence", message)
        if found not in self.problems:
            self.problems.append(found)


def track(md: Markdown, root: Path, origins: Origins) -> list[TrackedSnippets]:
    """Put tracking around the page's snippet expansion; returns the snippet readers."""
    md.preprocessors.register(origins, "assay_origins", 33)
    md.preprocessors.register(Expanded(origins), "assay_expanded", 31.9)
    readers: list[TrackedSnippets] = []
    for extension in list(md.registeredExtensions):
        if isinstance(extension, SnippetExtension):
            reader = TrackedSnippets(extension.getConfigs(), md, root)
            md.preprocessors.register(reader, "snippet", 32)
            readers.append(reader)
    return readers
