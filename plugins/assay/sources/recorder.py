"""The one parser: superfences, watched. Check and build see the same blocks through it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from pymdownx.superfences import (
    RE_OPTIONS,
    SuperFencesBlockPreprocessor,
    SuperFencesCodeBlockProcessor,
    SuperFencesCodeExtension,
    get_attrs,
)

from assay.model import BROKEN, CHECK_OPTIONS, HIGHLIGHT_OPTIONS, Block
from assay.sources.tracking import Line, Origins, at, track

FENCE = re.compile(r"^[>\s]*(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")


class _Header:
    """A matched fence header that shows superfences only the options it understands."""

    def __init__(self, match: re.Match[str], **groups: str | None) -> None:
        self._match, self._groups = match, groups

    def group(self, name: str | int = 0) -> Any:
        if isinstance(name, str) and name in self._groups:
            return self._groups[name]
        return self._match.group(name)


class RecordingFences(SuperFencesBlockPreprocessor):  # type: ignore[misc]
    """superfences' own preprocessor; additionally notes each block that it stores."""

    def __init__(self, md: Markdown, recorder: Recorder) -> None:
        super().__init__(md)
        self.recorder = recorder
        self.header: dict[str, str] = {}
        self.source: list[Line] = []

    def search_nested(self, lines: list[str]) -> list[str]:
        """Find fences as superfences does, with the tracked lines at hand."""
        tracked = self.recorder.origins.lines
        # normalize_whitespace adds empty lines at the end, nothing else changes the count
        spare = [at("", self.recorder.origins.path, 1)] * max(0, len(lines) - len(tracked))
        self.source = tracked + spare
        self.recorder.spans = []
        found: list[str] = super().search_nested(lines)
        return found

    def parse_options(self, m: Any) -> bool:
        """Keep the checks' options for ourselves, pass the highlighter's on."""
        string = m.group("options") or ""
        pairs = [(o.group("key"), o.group("value")) for o in RE_OPTIONS.finditer(string)]
        if any(value is None for _, value in pairs):
            return self.handle_unrecognized(m)  # a bare word breaks superfences
        self.header = {k: v for k, v in pairs if v is not None}
        passed = self._passed(m.group("lang") or "")
        text = "".join(f' {k}="{v}"' if '"' not in v else f" {k}='{v}'" for k, v in passed)
        okay: bool = super().parse_options(_Header(m, options=text or None))
        return okay or self.handle_unrecognized(m)

    def handle_attrs(self, m: Any) -> bool:
        """The same for a header in braces."""
        attributes = get_attrs(m.group("attrs").replace("\t", " " * self.tab_len))
        if any(k == v and k not in ("id", ".") for k, v in attributes):
            return self.handle_unrecognized(m)
        self.header = {k: v for k, v in attributes if k not in ("id", ".")}
        classes = [v for k, v in attributes if k == "."]
        names = [f"#{v}" for k, v in attributes if k == "id"] + [f".{c}" for c in classes]
        passed = self._passed(m.group("lang") or (classes[0] if classes else ""))
        text = " ".join(names + [f'{k}="{v}"' for k, v in passed])
        okay: bool = super().handle_attrs(_Header(m, attrs=text))
        return okay or self.handle_unrecognized(m)

    def handle_unrecognized(self, m: Any) -> bool:
        """Keep a header that can't be read as a block of its own, for `fence` to report.

        superfences would drop it, and the text after it would be read as code.
        """
        info = str(m.group(0))[len(m.group("fence")) :].strip()
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
        return "\n".join(self._content(self.begin, len(lines))[0])

    def process_nested_block(self, ws: str, content: str, start: int, end: int) -> None:
        """Remember where the block stands while superfences formats it."""
        self.begin = start
        super().process_nested_block(ws, content, start, end)

    def _content(self, start: int, count: int) -> tuple[list[str], list[Line]]:
        """The block's lines without the indentation of list, quote or tab."""
        lines = self.source[start + 1 : start + 1 + count]
        cut = [_prefix(line, self.ws_virtual_len, self.tab_len) for line in lines]
        moved = [line.move(line[n:], n) for line, n in zip(lines, cut, strict=True)]
        return [str(line).rstrip("\r") for line in moved], moved

    def _store(self, source: str, code: Any, start: int, end: int) -> None:
        first = self.source[start]
        texts, lines = self._content(start, end - start - 2)
        block = Block(
            page=first.path,
            index=len(self.recorder.blocks),
            line=first.shown,
            column=first.column + _prefix(first, self.ws_virtual_len, self.tab_len),
            language=self.lang or "",
            options=tuple(sorted(self.header.items())),
            text="".join(t + "\n" for t in texts),
            origins=tuple(line.position for line in lines),
            shown=tuple(line.shown for line in lines),
        )
        self.recorder.blocks.append(block)
        self.recorder.spans.append((start, end))
        html = code if isinstance(code, str) else str(code)
        super()._store(source, self.recorder.decorate(block, html), start, end)


def _prefix(line: str, width: int, tab: int) -> int:
    """Count the characters of `line` that fill `width` columns, as superfences counts them."""
    column = count = 0
    for character in line:
        if column >= width or character not in "> \t":
            break
        column += tab - column % tab if character == "\t" else 1
        count += 1
    return count


class RecordingCode(SuperFencesCodeBlockProcessor):  # type: ignore[misc]
    """Indented code, which would be a way round the gate: its first line is kept."""

    recorder: Recorder

    def run(self, parent: Any, blocks: list[str]) -> bool:
        """Handle the block as superfences does and note it."""
        text = blocks[0]
        handled: bool = super().run(parent, blocks)
        if handled:
            first = next((t.strip() for t in text.split("\n") if t.strip()), "")
            self.recorder.indented.append(first)
        return handled


class Tree(Treeprocessor):
    """Keeps what the page checks read of the finished tree."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder.md)
        self.recorder = recorder

    def run(self, root: Any) -> None:
        """Collect links, tables and anchors in document order."""
        for element in root.iter():
            text = "".join(element.itertext())
            if element.get("id"):
                self.recorder.anchors.append(element.get("id"))
            if element.tag == "a" and element.get("href"):
                self.recorder.links.append((element.get("href"), text, element.get("title") or ""))
            elif element.tag == "img" and element.get("src"):
                self.recorder.links.append((element.get("src"), element.get("alt") or "", ""))
            elif element.tag == "table":
                rows = tuple(
                    tuple(_shown(cell) for cell in row if cell.tag[0] == "t")
                    for row in element.iter("tr")
                )
                self.recorder.tables.append(rows)


def _shown(cell: Any) -> str:
    """The text of a cell; an image or another element without text is content too."""
    text = "".join(cell.itertext()).strip()
    return text or " ".join(part.get("alt") or part.tag for part in cell)


class Recorder(Extension):
    """Python-Markdown extension that watches superfences, snippets and the finished tree."""

    def __init__(self, root: Path, path: str, first_line: int = 1) -> None:
        super().__init__()
        self.root, self.path, self.first_line = root, path, first_line
        self.forget()

    def forget(self) -> None:
        """Start a page."""
        self.blocks: list[Block] = []
        self.spans: list[tuple[int, int]] = []
        self.indented: list[str] = []
        self.links: list[tuple[str, str, str]] = []
        self.tables: list[tuple[tuple[str, ...], ...]] = []
        self.anchors: list[str] = []

    def decorate(self, block: Block, html: str) -> str:
        """Mark the block's HTML so that one can tell whether it reached the page."""
        return f'<div data-assay-block="{block.index}">{html}</div>'

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Wrap the extensions that are already registered."""
        self.md = md
        self.origins: Origins
        self.origins, self.readers = track(md, self.root, self.path, self.first_line)
        for extension in list(md.registeredExtensions):
            if isinstance(extension, SuperFencesCodeExtension):
                self._watch(md, extension)
        md.treeprocessors.register(Tree(self), "assay_tree", 1)

    def _watch(self, md: Markdown, extension: Any) -> None:
        fences = RecordingFences(md, self)
        code = RecordingCode(md.parser)
        code.recorder = self
        for watcher in (fences, code):
            watcher.config, watcher.extension = extension.getConfigs(), extension
        for entry in extension.superfences:
            if entry["name"] == "superfences":
                entry["formatter"] = fences.highlight
        md.preprocessors.register(fences, "fenced_code_block", 25)
        md.parser.blockprocessors.register(code, "code", 80)


def rendered(recorder: Recorder, html: str) -> tuple[Block, ...]:
    """Return the blocks that reached the page (one in an HTML comment doesn't), renumbered."""
    visible = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    seen = {int(n) for n in re.findall(r'data-assay-block="(\d+)"', visible)}
    kept = [b for b in recorder.blocks if b.index in seen]
    return tuple(replace(b, index=n) for n, b in enumerate(kept))
