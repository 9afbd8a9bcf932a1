"""What `check` judges and what readers see are the same blocks, whatever the Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assay.model import Block, Page, Position
from assay.project import Project
from checkout import Checkout
from odd_pages import PAGES, Odd, Seen

SITE = """\
site_name: odd
theme:
  name: mkdocs
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - tables
  - pymdownx.details
  - pymdownx.superfences
  - pymdownx.tabbed:
      alternate_style: true
  - pymdownx.snippets:
      base_path: [snippets]
plugins: [assay]
"""


@dataclass(frozen=True)
class Built:
    """One site with every odd page: what check said, and what was built."""

    root: Path
    report: Any
    project: Project

    def page(self, name: str) -> Page:
        return self.project.page(f"docs/{name}.md")

    def shown(self, name: str) -> str:
        return (self.root / "site" / name / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("odd")
    files = {f"docs/{odd.name}.md": odd.text for odd in PAGES}
    files |= {name: text for odd in PAGES for name, text in odd.files.items()}
    files |= {"mkdocs.yml": SITE, "docs/index.md": "# Index\n"}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    checkout = Checkout(root)
    checked = checkout.assay("check", "--format", "json")
    assert checked.code == 1, checked.error
    made = checkout.run("mkdocs", "build", "--quiet")
    assert made.code == 0, made.error
    return Built(root, checked.json, Project(root))


@pytest.mark.parametrize("odd", PAGES, ids=lambda odd: odd.name)
def test_blocks_are_read_as_written(odd: Odd, built: Built) -> None:
    page = built.page(odd.name)
    wanted = [seen if isinstance(seen, Seen) else Seen(seen) for seen in odd.blocks]
    assert [_header(b) for b in page.blocks] == [seen.header for seen in wanted]
    for block, seen in zip(page.blocks, wanted, strict=True):
        assert block.text == seen.text
        places = seen.lines or tuple(_below(block))
        assert [_place(block.at(n), page) for n in range(1, len(places) + 1)] == list(places)
        assert len(block.origins) == len(block.shown) == block.text.count("\n")


@pytest.mark.parametrize("odd", PAGES, ids=lambda odd: odd.name)
def test_findings_stand_where_the_fault_is(odd: Odd, built: Built) -> None:
    path = f"docs/{odd.name}.md"
    files = {path, *odd.files}
    found = [f for f in built.report["findings"] if f["path"] in files]
    seen = [_finding(f, path) for f in found]
    assert len(seen) == len(odd.findings), seen
    for wanted, line in zip(odd.findings, seen, strict=True):
        place, _, message = wanted.partition(" ")
        assert line.startswith(f"{place} "), line
        assert message in line


@pytest.mark.parametrize("odd", PAGES, ids=lambda odd: odd.name)
def test_readers_see_the_blocks_that_are_checked(odd: Odd, built: Built) -> None:
    page = built.page(odd.name)
    reported = [
        (b["line"], b["language"]) for b in built.report["blocks"] if b["page"] == page.path
    ]
    assert reported == [(b.line, b.language) for b in page.blocks]
    shown = dict(_shown(built.shown(odd.name)))
    assert sorted(shown) == list(range(1, len(page.blocks) + 1))
    for number, block in enumerate(page.blocks, 1):
        status, digest, text = shown[number]
        assert digest == block.digest  # language, options and text
        assert text.strip("\n") == block.text.strip("\n")
        assert status != "unchecked"


def test_there_are_many_of_them() -> None:
    names = [odd.name for odd in PAGES]
    assert len(names) == len(set(names)) >= 60


def _header(block: Block) -> str:
    options = " ".join(f"{k}={v}" for k, v in block.options)
    return f"{block.line}:{block.column} {block.language or '-'} {options}".rstrip()


def _below(block: Block) -> Iterator[str]:
    for number in range(1, block.text.count("\n") + 1):
        yield f"{block.line + number}:{block.column}"


def _place(where: Position, page: Page) -> str:
    path = "" if where.path == page.path else f"{where.path}:"
    return f"{path}{where.line}:{where.column}"


def _finding(found: Any, page: str) -> str:
    path = "" if found["path"] == page else f"{found['path']}:"
    return f"{path}{found['line']}:{found['column']} {found['message']}"


def _shown(text: str) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Each marked block of a built page: its number, status, digest and the code shown."""
    mark = re.compile(
        r'<div class="assay-block" id="block-(\d+)" data-assay-status="([\w-]+)"'
        r' data-assay-digest="(\w+)">'
    )
    found = list(mark.finditer(text))
    for start in found:
        code = re.compile(r"<code[^>]*>(.*?)</code>", re.DOTALL).search(text, start.end())
        plain = html.unescape(re.sub(r"<[^>]*>", "", code[1])) if code else ""
        yield int(start[1]), (start[2], start[3], plain)
