"""Python-Markdown extension: the blocks' marks and bound numbers, read from the evidence."""

from __future__ import annotations

import logging
import re
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
from assay.sources.recorder import Recorder, rendered
from assay.sources.settings import find_root
from assay.verdicts import BlockVerdict, PageVerdict, Verdicts

# Below `mkdocs.`, or `--strict` would not count what is said here.
LOG = logging.getLogger("mkdocs.plugins.assay")


class Marks(Postprocessor):
    """Puts each block's mark below it, when the whole page is known."""

    def __init__(self, extension: AssayExtension) -> None:
        super().__init__(extension.md)
        self.extension = extension

    def run(self, text: str) -> str:
        """Replace the recorder's brackets by the marked block."""
        blocks = rendered(self.extension, text)
        old = [b.index for b in self.extension.blocks if self._kept(b, text)]
        for block, number in zip(blocks, old, strict=True):
            verdict = self.extension.verdict(block, blocks)
            found = _bracket(number).search(text)
            if found:
                marked = marks.render(verdict, found[1], self.extension.path)
                text = text[: found.start()] + marked + text[found.end() :]
        return _ANY.sub(r"\1", text)

    def _kept(self, block: Block, text: str) -> bool:
        visible = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        return f'data-assay-block="{block.index}"' in visible


def _bracket(number: int) -> re.Pattern[str]:
    end = f'<a data-assay-end="{number}"></a></div>'
    return re.compile(f'<div data-assay-block="{number}">(.*?){end}', re.DOTALL)


_ANY = re.compile(r'<div data-assay-block="\d+">(.*?)<a data-assay-end="\d+"></a></div>', re.DOTALL)


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

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Start a page: watch the extensions that are registered, and add the marks."""
        self.forget()
        super().extendMarkdown(md)
        md.treeprocessors.register(Measures(self), "assay_measures", 2)
        md.postprocessors.register(Marks(self), "assay_marks", 5)

    def decorate(self, block: Block, html: str) -> str:
        """Bracket the block's HTML until its verdict is known."""
        end = f'<a data-assay-end="{block.index}"></a>'
        return f'<div data-assay-block="{block.index}">{html}{end}</div>'

    def page_verdict(self) -> PageVerdict | None:
        """The verdict on the current page, None where the page isn't known."""
        try:
            return self.verdicts.page(self.path) if self.path else None
        except AssayError:
            return None

    def verdict(self, block: Block, blocks: tuple[Block, ...]) -> BlockVerdict:
        """Find the block on its page, by content and order; without a page, anywhere."""
        page = self.page_verdict()
        same = [b for b in blocks if b.digest == block.digest]
        nth = same.index(block)
        if page is not None:
            hits = [v for v in page.blocks if v.block.digest == block.digest]
            return hits[nth] if nth < len(hits) else marks.unknown(block)
        for known in self.verdicts.everything():
            for verdict in known.blocks:
                if verdict.block.digest == block.digest:
                    return BlockVerdict(block, verdict.status, verdict.records)
        return marks.unknown(block)

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
