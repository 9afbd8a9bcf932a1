"""Read a built site: what its pages load, where they link to, and the marks of their blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
CSS_REFERENCE = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"]*))\s*\)|@import\s+["']([^"']+)"""
)
HOST = re.compile(r"""(?:https?:|["'`])//([\w.-]+\.[a-z]+)(?![\w(])""")


@dataclass
class Mark:
    """A block's mark: its one visible line, and what it opens to."""

    summary: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    commands: str = ""


@dataclass
class Shown:
    """A block in the built page."""

    attributes: dict[str, str]
    marks: list[Mark] = field(default_factory=list)


@dataclass
class Element:
    """A start tag, with the text right inside where it is a script or style sheet."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def classes(self) -> list[str]:
        """Its class names."""
        return self.attributes.get("class", "").split()


class Document(HTMLParser):
    """One HTML file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.blocks: list[Shown] = []
        self.tables: list[list[list[str]]] = []
        self._open: list[Element] = []
        self._term = ""
        self.feed(path.read_text(encoding="utf-8"))

    @property
    def ids(self) -> set[str]:
        """Everything that a fragment may name."""
        named = {e.attributes.get("name", "") for e in self.elements if e.tag == "a"}
        return named | {e.attributes.get("id", "") for e in self.elements}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element, and what it begins."""
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)
        if "assay-block" in element.classes:
            self.blocks.append(Shown(element.attributes))
        elif tag == "details" and "assay-mark" in element.classes:
            self.blocks[-1].marks.append(Mark())
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag == "dt":
            self._term = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content, as SVG has them."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element of that name."""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        """Give the text to what it belongs to."""
        names = [e.tag for e in self._open]
        if names and names[-1] in ("script", "style"):
            self._open[-1].text += data
        if "table" in names and {"td", "th"} & set(names):
            self.tables[-1][-1][-1] += data
        if any("assay-mark" in e.classes for e in self._open):
            self._marked(names, data)

    def _marked(self, names: list[str], data: str) -> None:
        mark = self.blocks[-1].marks[-1]
        if "summary" in names:
            mark.summary += data
        elif "dt" in names:
            self._term += data
        elif "dd" in names:
            mark.rows[self._term] = mark.rows.get(self._term, "") + data
        elif "pre" in names:
            mark.commands += data

    def loaded(self) -> Iterator[str]:
        """Yield every address that a browser fetches without being asked to."""
        for element in self.elements:
            for name, value in element.attributes.items():
                if name == "srcset":
                    yield from (part.split()[0] for part in value.split(",") if part.strip())
                elif name == "style":
                    yield from style_references(value)
                elif _fetched(element, name):
                    yield value
            if element.tag == "style":
                yield from style_references(element.text)

    def clicked(self) -> Iterator[str]:
        """Yield every address that a reader may follow."""
        for element in self.elements:
            if element.tag in ("a", "area"):
                yield from (element.attributes[n] for n in _LINKS if n in element.attributes)


_LINKS = ("href", "xlink:href")
_SOURCES = frozenset({"src", "data", "poster", "action", "formaction", "background", "manifest"})


def _fetched(element: Element, name: str) -> bool:
    if name in _LINKS:
        rel = element.attributes.get("rel", "")
        return element.tag not in ("a", "area") and rel not in ("canonical", "next", "prev")
    return name in _SOURCES and element.tag != "a"


def style_references(text: str) -> Iterator[str]:
    """Yield what a style sheet refers to, `data:` left out."""
    for match in CSS_REFERENCE.finditer(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        found = next(g for g in match.groups() if g is not None).strip()
        if not found.startswith("data:"):
            yield found


def hosts(script: str) -> set[str]:
    """Return the hosts that a script names, in comments too."""
    return set(HOST.findall(script))
