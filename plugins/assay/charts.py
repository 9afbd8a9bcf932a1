"""Figures of charts: the numbers that a Mermaid xychart draws, each bound to what was captured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assay.captures import SCHEME, tolerance
from assay.model import Block, Link, Page, Position

OPTION = "measures"
_DATA = re.compile(r"^[ \t]*(?:bar|line)\b[^\[\n]*\[(?P<figures>[^\]\n]*)\]", re.MULTILINE)
_FIGURE = re.compile(r"[^\s,]+")
_SERIES = re.compile(
    r"(?:(?P<unit>[^=\s]+)=)?(?P<names>[\w-]+(?:\s+[\w-]+)*)(?:\s+(?P<title>±\S+))?"
)


@dataclass(frozen=True, slots=True)
class Series:
    """The names that one `bar` or `line` draws, the unit of its axis ('' if none), a tolerance."""

    unit: str
    names: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn number and where it stands."""

    text: str
    position: Position


def numbers(page: Page) -> Iterator[Link]:
    """Yield every bound number of a page: those of its prose, then those that its charts draw."""
    yield from (link for link in page.links if link.target.startswith(SCHEME))
    for block in page.blocks:
        if block.option(OPTION) is not None and not block.option("skip"):
            yield from _bound(block)


def series(option: str) -> tuple[Series, ...]:
    """Read `ms=p10 p20 ±30%; ms=q10 q20 ±40%`; raises ValueError with what is wrong."""
    return tuple(_series(part.strip()) for part in option.split(";"))


def _series(part: str) -> Series:
    match = _SERIES.fullmatch(part)
    if not match:
        raise ValueError(f'measures={part!r} can\'t be read; write "unit=name name ±30%"')
    title = match["title"] or ""
    if title and tolerance(title) is None:
        raise ValueError(f'the tolerance {title!r} can\'t be read; write "±30%"')
    return Series(match["unit"] or "", tuple(match["names"].split()), title)


def pairs(block: Block) -> tuple[tuple[Series, tuple[Figure, ...]], ...]:
    """Give each series its figures; raises ValueError where they can't be matched."""
    named, drawn = series(block.option(OPTION) or ""), tuple(_drawn(block))
    if len(named) != len(drawn):
        raise ValueError(
            f"measures= names {len(named)} series, the chart draws {len(drawn)} as bar or line; "
            "write one entry for each, in their order, with ';' between them"
        )
    for number, (one, figures) in enumerate(zip(named, drawn, strict=True), 1):
        if len(one.names) != len(figures):
            raise ValueError(
                f"measures= has {len(one.names)} names for series {number}, which draws "
                f"{len(figures)} figures; write one name for each"
            )
    return tuple(zip(named, drawn, strict=True))


def _drawn(block: Block) -> Iterator[tuple[Figure, ...]]:
    for match in _DATA.finditer(block.text):
        line = block.text.count("\n", 0, match.start("figures")) + 1
        begin = block.text.rfind("\n", 0, match.start("figures")) + 1
        places = _FIGURE.finditer(block.text, match.start("figures"), match.end("figures"))
        yield tuple(Figure(p[0], block.at(line, p.start() - begin + 1)) for p in places)


def _bound(block: Block) -> Iterator[Link]:
    try:
        found = pairs(block)
    except ValueError:  # the fence check says so
        return
    for one, figures in found:
        for name, figure in zip(one.names, figures, strict=True):
            text = f"{figure.text} {one.unit}".rstrip()
            yield Link(figure.position, SCHEME + name, text, one.title)
