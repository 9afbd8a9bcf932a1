"""The one parser: the site's own extensions, watched. Check and build see the same blocks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from pymdownx.superfences import SuperFencesCodeExtension

from assay.model import Block
from assay.sources.fences import Reading, RecordingCode, RecordingFences
from assay.sources.tracking import Origins, track

# Elements that show their content as it stands: code that no fence holds.
RAW = re.compile(r"<(?:listing|plaintext|pre|textarea|xmp)\b", re.IGNORECASE)


class Tree(Treeprocessor):
    """Keeps what the page checks read of the finished tree."""

    def __init__(self, md: Markdown, reading: Reading) -> None:
        super().__init__(md)
        self.reading = reading

    def run(self, root: Any) -> None:
        """Collect links, tables and anchors in document order."""
        for element in root.iter():
            text = "".join(element.itertext())
            if element.get("id"):
                self.reading.anchors.append(element.get("id"))
            if element.tag == "a" and element.get("href"):
                self.reading.links.append((element.get("href"), text, element.get("title") or ""))
            elif element.tag == "img" and element.get("src"):
                self.reading.links.append((element.get("src"), element.get("alt") or "", ""))
            elif element.tag == "table":
                rows = tuple(
                    tuple(_shown(cell) for cell in row if cell.tag[0] == "t")
                    for row in element.iter("tr")
                )
                self.reading.tables.append(rows)


def _shown(cell: Any) -> str:
    """The text of a cell; an image or another element without text is content too."""
    text = "".join(cell.itertext()).strip()
    return text or " ".join(part.get("alt") or part.tag for part in cell)


class Recorder(Extension):
    """Python-Markdown extension that watches superfences, snippets and the finished tree.

    `reading` belongs to the Markdown object made last: extensions that convert text of their
    own make another one and don't disturb it.
    """

    reading: Reading

    def __init__(self, root: Path, path: str, first_line: int = 1) -> None:
        super().__init__()
        self.root, self.path, self.first_line = root, path, first_line
        # A page can't write brackets of its own: it doesn't know the word in them.
        self.word = secrets.token_hex(8)
        self.bracket = re.compile(
            rf'<div data-{self.word}="(\d+)">(.*?)<a data-{self.word}="\1"></a></div>', re.DOTALL
        )

    def decorate(self, block: Block, html: str) -> str:
        """Bracket the block's HTML, so that one can tell what of it reached the page."""
        opened = f'<div data-{self.word}="{block.index}">'
        return f'{opened}{html}<a data-{self.word}="{block.index}"></a></div>'

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Wrap the extensions that are already registered."""
        origins = Origins(md, self.path, self.first_line)
        self.reading = reading = Reading(origins)
        origins.begin = reading.forget
        self.readers = track(md, self.root, origins)
        if not any(isinstance(e, SuperFencesCodeExtension) for e in md.registeredExtensions):
            md.registerExtensions(["pymdownx.superfences"], {})
        for extension in list(md.registeredExtensions):
            if isinstance(extension, SuperFencesCodeExtension):
                self._watch(md, extension, reading)
        md.treeprocessors.register(Tree(md, reading), "assay_tree", 1)

    def _watch(self, md: Markdown, extension: Any, reading: Reading) -> None:
        fences = RecordingFences(md, reading, self.decorate)
        code = RecordingCode(md.parser)
        code.reading = reading
        for watcher in (fences, code):
            watcher.config, watcher.extension = extension.getConfigs(), extension
        for entry in extension.superfences:
            if entry["name"] == "superfences":
                entry["formatter"] = fences.highlight
        md.preprocessors.register(fences, "fenced_code_block", 25)
        md.parser.blockprocessors.register(code, "code", 80)

    def reached(self, html: str) -> Iterator[int]:
        """The recorded blocks that readers see, in page order: one in a comment isn't seen."""
        there = {int(m[1]) for m in self.bracket.finditer(html)}
        return iter(sorted(there - self._unseen(html)))

    def lost(self, reading: Reading, html: str) -> set[int]:
        """The recorded blocks that are nowhere in the HTML: text of an indented code block."""
        return {b.index for b in reading.blocks} - {int(m[1]) for m in self.bracket.finditer(html)}

    def loose(self, html: str) -> int:
        """Count code that no recorded block holds: raw HTML, or another extension's work."""
        outside = self.bracket.sub("", html)
        return _Comments(outside, RAW).outside if RAW.search(outside) else 0

    def _unseen(self, html: str) -> set[int]:
        if "<!--" not in html:
            return set()
        short = self.bracket.sub(rf"{self.word}=\1;", html)
        inside = _Comments(short, RAW).inside
        return {int(n) for n in re.findall(rf"{self.word}=(\d+);", inside)}


class _Comments(HTMLParser):
    """What stands in comments, as a browser reads them; how much of `wanted` stands outside."""

    def __init__(self, html: str, wanted: re.Pattern[str]) -> None:
        super().__init__()
        self.inside, self.outside, self.wanted = "", 0, wanted
        self.feed(html)
        self.close()

    def handle_comment(self, data: str) -> None:
        self.inside += data

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser's own
        self.outside += bool(self.wanted.match(f"<{tag}"))


def rendered(reading: Reading, reached: Iterable[int]) -> tuple[Block, ...]:
    """Return the blocks that reached the page, renumbered."""
    seen = set(reached)
    kept = [b for b in reading.blocks if b.index in seen]
    return tuple(replace(b, index=n) for n, b in enumerate(kept))
