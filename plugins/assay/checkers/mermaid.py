"""Mermaid diagrams: drawn at check time, and their decisions branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version

from assay.bench import Bench
from assay.model import Finding, Unit
from assay.pictures.mermaid import DiagramError, draw, senses
from assay.pictures.sanitise import SvgError

NAME = "mermaid"
UNTITLED = 'the diagram has no title; write title="…" with what the picture says'


def claims(unit: Unit) -> bool:
    """Mermaid fences."""
    return unit.kind == "block" and unit.block.language == "mermaid"


def tools() -> Mapping[str, str]:
    """The engine that draws, and mermaid itself, which words and places the refusals."""
    return {name: version(name) for name in ("mermaidx", "mmdr")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield refusals and what misleads at their place; keep the drawing."""
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
