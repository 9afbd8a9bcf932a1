"""The catalogue: chapters, courses and navigation, made from the pages' front matter."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assay.model import Page


@dataclass(frozen=True)
class Entry:
    """A page in the catalogue; `path` is relative to the docs folder."""

    path: str
    title: str
    weight: int
    page: Page

    @property
    def folder(self) -> str:
        """The docs folder that the page is in, '' at the top."""
        return posixpath.dirname(self.path)

    @property
    def is_index(self) -> bool:
        """Whether the page stands for its folder."""
        return posixpath.basename(self.path) == "index.md"


@dataclass(frozen=True)
class Chapter:
    """A folder with an index page, and its pages in order."""

    title: str
    index: Entry | None
    entries: tuple[Entry, ...]
    folder: str


def entries(pages: Iterable[Page], docs: str) -> tuple[Entry, ...]:
    """Turn pages into entries, by weight and then by path."""
    made = []
    for page in pages:
        path = page.path.removeprefix(f"{docs}/")
        weight = page.meta.get("weight")
        title = str(page.meta.get("title") or posixpath.splitext(posixpath.basename(path))[0])
        made.append(Entry(path, title, weight if isinstance(weight, int) else 1000, page))
    return tuple(sorted(made, key=lambda e: (e.weight, e.path)))


def chapters(listed: tuple[Entry, ...]) -> tuple[Chapter, ...]:
    """Group entries by their first folder; its index page gives title and order.

    A page beside the folder that has its name is its index too.
    """
    groups: dict[str, list[Entry]] = {}
    beside = {e.path: e for e in listed if not e.folder}
    for entry in listed:
        if entry.folder:
            groups.setdefault(entry.folder.split("/")[0], []).append(entry)
    made = []
    for folder, group in groups.items():
        own = (e for e in group if e.path == f"{folder}/index.md")
        index = next(own, beside.get(f"{folder}.md"))
        rest = tuple(e for e in group if e is not index)
        made.append(Chapter(index.title if index else folder, index, rest, folder))
    return tuple(sorted(made, key=lambda c: (c.index.weight if c.index else 1000, c.folder)))


def navigation(listed: tuple[Entry, ...]) -> list[Any]:
    """Write MkDocs' nav: the top pages, then a section for each folder."""
    made = chapters(listed)
    taken = {c.index.path for c in made if c.index}
    nav: list[Any] = [{e.title: e.path} for e in listed if not e.folder and e.path not in taken]
    for chapter in made:
        section: list[Any] = [chapter.index.path] if chapter.index else []
        section += [{e.title: e.path} for e in chapter.entries]
        nav.append({chapter.title: section})
    return nav
