"""Python-Markdown extension: the blocks' marks and bound numbers, read from the evidence."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from assay import marks
from assay.checkers.measure import SCHEME, bound
from assay.errors import AssayError
from assay.model import Block, Link, Position
from assay.project import Project
from assay.sources.fences import Reading
from assay.sources.recorder import RAW, Recorder, rendered
from assay.sources.settings import find_root
from assay.verdicts import BlockVerdict, PageVerdict, Verdicts

# Below `mkdocs.`, or `--strict` would not count what is said here.
LOG = logging.getLogger("mkdocs.plugins.assay")


class Marks(Postprocessor):
    """Puts each block's mark below it, when the whole page is known."""

    def __init__(self, extension: AssayExtension, reading: Reading) -> None:
        super().__init__(extension.md)
        self.extension, self.reading = extension, reading

    def run(self, text: str) -> str:
        """Replace the recorder's brackets by the marked block."""
        extension = self.extension
        if extension.word not in text:  # a heading, or another part that holds no block
            extension.raw = len(RAW.findall(text))
            return text
        reached = [*extension.reached(text)]
        known = extension.verdicts_of(rendered(self.reading, reached))
        text = "".join(self._marked(text, dict(zip(reached, known, strict=True))))
        extension.raw = len(RAW.findall(text))
        return text

    def _marked(self, text: str, verdicts: dict[int, BlockVerdict]) -> Iterator[str]:
        """Yield the page piece by piece; blocks of different toolchains wait for their tabs."""
        group: list[tuple[Block, str]] = []
        end = 0
        for found in self.extension.bracket.finditer(text):
            between = text[end : found.start()]
            end = found.end()
            verdict = verdicts.get(int(found[1]))
            if verdict is None:  # in a comment
                yield f"{marks.tabs(group)}{between}{found[2]}"
                group = []
                continue
            near = group and not between.strip()
            if not near or not marks.side_by_side(group[-1][0], verdict.block):
                yield f"{marks.tabs(group)}{between}"
                group = []
            mark = self.extension.placed(marks.mark(verdict, self.extension.path))
            html = marks.render(verdict, found[2], mark)
            group.append((verdict.block, html))
        yield marks.tabs(group) + text[end:]


class Measures(Treeprocessor):
    """Turns a bound number into a link to the block that it was captured from."""

    def __init__(self, extension: AssayExtension) -> None:
        super().__init__(extension.md)
        self.extension = extension

    def run(self, root: Any) -> None:
        """Rewrite every `measure:` link."""
        for element in root.iter("a"):
            target = element.get("href") or ""
            if not target.startswith(SCHEME):
                continue
            where, said = self.extension.captured(target)
            element.set("href", where)
            element.set("class", "assay-measure")
            if said:
                element.set("title", said)
            elif "title" in element.attrib:
                del element.attrib["title"]


class AssayExtension(Recorder):
    """Records a page's blocks and marks them. With the plugin, `path` names the page."""

    def __init__(self, **options: Any) -> None:
        given: Verdicts | None = options.pop("verdicts", None)
        self.verdicts = given or Verdicts(Project(find_root(Path.cwd())))
        super().__init__(self.verdicts.project.root, "")
        self.raw = 0
        """How much code was on the last page when it left Markdown."""
        self.late: dict[str, str] | None = None
        """The marks that `completed` puts in, by the comment in their place; None: at once."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Start a page: watch the extensions that are registered, and add the marks."""
        super().extendMarkdown(md)
        self.md = md
        md.treeprocessors.register(Measures(self), "assay_measures", 2)
        md.postprocessors.register(Marks(self, self.reading), "assay_marks", 5)

    def placed(self, mark: str) -> str:
        """Return the mark, or what stands in its place until `completed` puts it in."""
        if self.late is None:
            return mark
        name = f"<!--{self.word}-{len(self.late)}-->"
        self.late[name] = mark
        return name

    def completed(self, html: str) -> str:
        """Put the marks in their places."""
        late = self.late or {}
        return re.sub(f"<!--{self.word}-\\d+-->", lambda found: late.get(found[0], ""), html)

    def page_verdict(self) -> PageVerdict | None:
        """The verdict on the current page, None where the page isn't known."""
        try:
            return self.verdicts.page(self.path) if self.path else None
        except AssayError:
            return None

    def verdicts_of(self, blocks: tuple[Block, ...]) -> list[BlockVerdict]:
        """Find the blocks on their page, by content and order; without a page, anywhere."""
        page = self.page_verdict()
        pages = [page] if page else self.verdicts.everything() if blocks else []
        known: dict[str, list[BlockVerdict]] = {}
        for verdict in (v for p in pages for v in p.blocks):
            known.setdefault(verdict.block.digest, []).append(verdict)
        found = []
        for block in blocks:
            hits = known.get(block.digest, [])
            if page:
                found.append(hits.pop(0) if hits else marks.unknown(block))
            else:
                hit = hits[0] if hits else marks.unknown(block)
                found.append(BlockVerdict(block, hit.status, hit.records))
        return found

    def captured(self, target: str) -> tuple[str, str]:
        """Where a bound number comes from: a link to the block, and the captured value."""
        page = self.page_verdict()
        if page is None:
            return "#", ""
        other = target.removeprefix(SCHEME).partition("@")[0].rpartition("#")[0]
        link = Link(Position(self.path, 1), target, "", "")
        path = self.path
        if other:
            path = str(Path(self.path).parent / other)
            page = self.verdicts.page(path)
        values = {path: tuple(c for _, c in page.captures)}
        found, _ = bound(page.page, link, values | {self.path: values[path]})
        if not found:
            return "#", ""
        number = next(n for n, c in page.captures if c == found[0])
        value = f"{found[0].value:,.6g} {found[0].unit}".rstrip()
        go = f"（Go {found[0].toolchain}）" if found[0].toolchain else ""
        return f"{other}#block-{number + 1}", f"测得 {value}{go}"


def makeExtension(**options: Any) -> AssayExtension:  # noqa: N802 - Python-Markdown's name
    """Make the extension, as Python-Markdown asks for it."""
    return AssayExtension(**options)
