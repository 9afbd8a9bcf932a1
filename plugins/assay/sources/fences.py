"""superfences, watched: each fence with its header, its text and the place of every line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from markdown import Markdown
from pymdownx.superfences import (
    RE_OPTIONS,
    SuperFencesBlockPreprocessor,
    SuperFencesCodeBlockProcessor,
    get_attrs,
)

from assay.model import BROKEN, CHECK_OPTIONS, HIGHLIGHT_OPTIONS, Block
from assay.sources.tracking import Line, Origins, aligned

Decorate = Callable[[Block, str], str]


@dataclass
class Reading:
    """What one conversion of a page saw; a new conversion starts with nothing."""

    origins: Origins
    lines: list[Line] = field(default_factory=list)
    """The page with its includes, as superfences reads it."""
    blocks: list[Block] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    """For each block, its first line and the one after its last, in the expanded page."""
    unclosed: int | None = None
    """The line of the opening fence that swallows the rest of the page."""
    indented: list[tuple[str, int]] = field(default_factory=list)
    """Code without a fence: its first line, and the columns that it is at least indented by."""
    links: list[tuple[str, str, str]] = field(default_factory=list)
    tables: list[tuple[tuple[str, ...], ...]] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Start a page."""
        for kept in (self.blocks, self.spans, self.indented, self.links, self.tables, self.anchors):
            kept.clear()
        self.unclosed = None


class _Header:
    """A matched fence header that shows superfences only the options it understands."""

    def __init__(self, match: re.Match[str], **groups: str | None) -> None:
        self._match, self._groups = match, groups

    def group(self, name: str | int = 0) -> Any:
        if isinstance(name, str) and name in self._groups:
            return self._groups[name]
        return self._match.group(name)


class _Counted(list[str]):
    """Lines that know which of them is being read."""

    number = -1

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(list.__iter__(self)):
            self.number = number
            yield line


class RecordingFences(SuperFencesBlockPreprocessor):  # type: ignore[misc]
    """superfences' own preprocessor; additionally notes each block that it stores."""

    def __init__(self, md: Markdown, reading: Reading, decorate: Decorate) -> None:
        super().__init__(md)
        self.reading, self.decorate = reading, decorate
        self.header: dict[str, str] = {}
        self.source: list[Line] = []
        self.lines = _Counted()
        self.opened = 0

    def search_nested(self, lines: list[str]) -> list[str]:
        """Find fences as superfences does, with the tracked lines at hand."""
        self.source = aligned(self.reading.origins.lines, lines, self.tab_len)
        self.reading.lines = self.source
        self.reading.spans.clear()
        self.lines = _Counted(lines)
        found: list[str] = super().search_nested(self.lines)
        if self.fence is not None:
            self.reading.unclosed = self.opened
        return found

    def reassemble(self, lines: list[str]) -> list[str]:
        """Put the placeholders in, in one pass: superfences copies the page for each block."""
        made: list[str] = []
        end = 0
        for fenced, start, stop in self.stack:
            made += [*lines[end:start], fenced]
            end = stop
        self.stack.clear()
        return made + list(lines[end:])

    def parse_options(self, m: Any) -> bool:
        """Keep the checks' options for ourselves, pass the highlighter's on."""
        self.opened = self.lines.number
        string = m.group("options") or ""
        pairs = [(o.group("key"), o.group("value")) for o in RE_OPTIONS.finditer(string)]
        if any(value is None for _, value in pairs) or _twice(pairs):
            return self.handle_unrecognized(m)  # a bare word breaks superfences
        self.header = {k: v for k, v in pairs if v is not None}
        passed = self._passed(m.group("lang") or "")
        text = "".join(f" {k}={_quoted(v)}" for k, v in passed)
        okay: bool = super().parse_options(_Header(m, options=text or None))
        return okay or self.handle_unrecognized(m)

    def handle_attrs(self, m: Any) -> bool:
        """The same for a header in braces."""
        self.opened = self.lines.number
        attributes = get_attrs(m.group("attrs").replace("\t", " " * self.tab_len))
        named = [(k, v) for k, v in attributes if k not in ("id", ".")]
        if any(v is None for _, v in named) or _twice(named):
            return self.handle_unrecognized(m)
        self.header = {k: v for k, v in named if v is not None}
        classes = [v for k, v in attributes if k == "."]
        names = [f"#{v}" for k, v in attributes if k == "id"] + [f".{c}" for c in classes]
        passed = self._passed(m.group("lang") or (classes[0] if classes else ""))
        text = " ".join([*names, *(f"{k}={_quoted(v)}" for k, v in passed)])
        okay: bool = super().handle_attrs(_Header(m, attrs=text))
        return okay or self.handle_unrecognized(m)

    def handle_unrecognized(self, m: Any) -> bool:
        """Keep a header that can't be read as a block of its own, for `fence` to report.

        superfences would drop it, and the text after it would be read as code.
        """
        info = str(m.group(0))[len(m.group("fence")) :].strip()
        if info.endswith("-->"):
            return False  # the end of a fence that a comment hides
        self.opened = self.lines.number
        self.header = {BROKEN: info}
        self.lang = m.group("lang") or ""
        self.options, self.attrs = dict[str, str](), dict[str, str]()
        self.formatter = self.highlight
        return True

    def _passed(self, language: str) -> Iterator[tuple[str, str]]:
        custom = {f["name"] for f in self.extension.superfences} - {"superfences"}
        for key, value in self.header.items():
            if key == "linenums_start":
                yield "linenums", value
            elif key in HIGHLIGHT_OPTIONS or (language in custom and key not in CHECK_OPTIONS):
                yield key, value

    def rebuild_block(self, lines: list[str]) -> str:
        """Give the highlighter the author's own text, tabs included."""
        return "\n".join(self._content(self.begin, len(lines)))

    def process_nested_block(self, ws: str, content: str, start: int, end: int) -> None:
        """Remember where the block stands while superfences formats it."""
        self.begin = start
        super().process_nested_block(ws, content, start, end)

    def _content(self, start: int, count: int) -> list[Line]:
        """The block's lines without the indentation of list, quote or tab."""
        lines = self.source[start + 1 : start + 1 + count]
        if lines and not lines[-1].strip() and lines[-1].path != self.reading.origins.path:
            lines.pop()  # what pymdownx sees behind the last line end of an included file
        return [_cut(line, self.ws_virtual_len, self.tab_len) for line in lines]

    def _store(self, source: str, code: Any, start: int, end: int) -> None:
        lines = self._content(start, end - start - 2)
        fence = _cut(self.source[start], self.ws_virtual_len, self.tab_len)
        path = self.reading.origins.path
        block = Block(
            page=path,
            index=len(self.reading.blocks),
            line=fence.shown,
            column=fence.column if fence.path == path else self._include_column(fence.shown),
            language=self.lang or "",
            options=tuple(sorted(self.header.items())),
            text="".join(line + "\n" for line in lines),
            origins=tuple(line.position for line in lines),
            shown=tuple(line.shown for line in lines),
            fence=None if fence.path == path else fence.position,
        )
        self.reading.blocks.append(block)
        self.reading.spans.append((start, end))
        html = code if isinstance(code, str) else str(code)
        super()._store(source, self.decorate(block, html), start, end)

    def _include_column(self, shown: int) -> int:
        text = self.reading.origins.written(shown)
        return len(text) - len(text.lstrip("> \t")) + 1


def _twice(pairs: list[tuple[str, Any]]) -> bool:
    return len({key for key, _ in pairs}) < len(pairs)


def _quoted(value: str) -> str:
    """Write a value for superfences; one in single quotes may hold double ones."""
    return f"'{value}'" if '"' in value else f'"{value}"'


def _cut(line: Line, width: int, tab: int) -> Line:
    """Take the first `width` columns off, as superfences counts them; a tab may be cut in two."""
    column = count = 0
    for character in line:
        if column >= width or character not in "> \t":
            break
        column += tab - column % tab if character == "\t" else 1
        count += 1
    left = max(0, column - width)
    return line.move(" " * left + line[count:].rstrip("\r"), count - left)


class RecordingCode(SuperFencesCodeBlockProcessor):  # type: ignore[misc]
    """Indented code, which would be a way round the gate: its first line is kept."""

    reading: Reading
    text = ""

    def revert_greedy_fences(self, block: str) -> str:
        """Turn fences that are only text of the indented code back into that text."""
        self.text = super().revert_greedy_fences(block)
        return self.text

    def run(self, parent: Any, blocks: list[str]) -> bool:
        """Handle the block as superfences does and note where a run of code begins."""
        before = self.lastChild(parent)
        handled: bool = super().run(parent, blocks)
        if handled and self.lastChild(parent) is not before:
            first = next((t.strip() for t in self.text.split("\n") if t.strip()), "")
            lists = self.parser.state.count("detabbed")
            self.reading.indented.append((first, self.tab_length * (lists + 1)))
        return handled
