"""Mermaid diagrams: drawn at check time, their decisions branch, their names are the page's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib.metadata import version

from assay.bench import Bench
from assay.model import Block, Finding, Page, Unit
from assay.pictures.mermaid import DiagramError, draw, labels, senses
from assay.pictures.names import identifiers, misspelt
from assay.pictures.sanitise import SvgError

NAME = "mermaid"
UNTITLED = 'the diagram has no title; write title="…" with what the picture says'


def claims(unit: Unit) -> bool:
    """Mermaid fences, and pages that have some."""
    if unit.kind == "page":
        return any(block.language == NAME for block in unit.page.blocks)
    return unit.kind == "block" and unit.block.language == NAME


@cache
def tools() -> Mapping[str, str]:
    """The engine that draws, and mermaid itself, which words and places the refusals."""
    return {name: version(name) for name in ("mermaidx", "mmdr")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield refusals and what misleads at their place; keep the drawing."""
    if unit.kind == "page":
        yield from _names(unit.page)
        return
    block = unit.block
    title = (block.option("title") or "").strip()
    if not title:
        yield Finding(block.header, NAME, UNTITLED)
    try:
        picture = draw(block.text, f"d{block.digest[:10]}", title)
    except DiagramError as error:
        yield Finding(block.at(error.line, error.column), NAME, error.message)
        return
    except SvgError as error:
        yield Finding(block.header, NAME, str(error))
        return
    for sense in senses(block.text):
        yield Finding(block.at(sense.line, sense.column), NAME, sense.message)
    bench.keep("diagram.svg", picture)


def _names(page: Page) -> Iterator[Finding]:
    """Yield labels that are spelled unlike the same name in the page's code."""
    code = identifiers(b.text for b in page.blocks if b.language not in ("diagrams", NAME))
    prose = identifiers(text for _, text in page.codes)
    for block in page.blocks:
        if block.language == NAME and not block.option("skip"):
            for error in misspelt(block.text, partial(_labels, block), code, prose):
                yield Finding(block.at(error.line, error.column), NAME, error.message)


def _labels(block: Block) -> tuple[str, ...]:
    try:
        return labels(block.text)
    except (DiagramError, SvgError):
        return ()  # a finding of the block itself
