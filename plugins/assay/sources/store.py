"""Parsed pages kept as JSON, so that an unchanged page costs no Markdown run."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

from assay.errors import UnableError
from assay.files import Hashes, write_atomically
from assay.model import Block, Finding, Link, Page, Position, Table
from assay.sources.settings import Settings


def load_page(settings: Settings, hashes: Hashes, path: str, tool: str) -> Page:
    """Return the page, parsed again only if it, an include or the extensions changed."""
    here = hashes.file(settings.root / path)
    key = hashes.text(f"{tool}\0{settings.reading}\0{path}\0{here}")
    kept = settings.root / ".cache" / "assay" / "pages" / f"{key}.json"
    page = _read(kept)
    if page and all(hashes.file(settings.root / n) == h for n, h in page.inputs):
        return page
    from assay.sources.reader import read_page  # Markdown is imported only when needed

    page = read_page(settings, path)
    if not page.problems:
        with contextlib.suppress(UnableError):  # it only saves time
            write_atomically(kept, json.dumps(dataclasses.asdict(page), ensure_ascii=False))
    return page


def _read(path: Path) -> Page | None:
    try:
        return page_from(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # absent or damaged: it is made anew


def page_from(raw: dict[str, Any]) -> Page:
    """Rebuild a page from its JSON form."""
    return Page(
        **{
            **raw,
            "blocks": tuple(_block(b) for b in raw["blocks"]),
            "links": tuple(
                Link(Position(**n["position"]), n["target"], n["text"], n["title"])
                for n in raw["links"]
            ),
            "tables": tuple(
                Table(tuple(t["lines"]), tuple(tuple(r) for r in t["rows"])) for t in raw["tables"]
            ),
            "codes": tuple((Position(**p), text) for p, text in raw["codes"]),
            "anchors": tuple(raw["anchors"]),
            "inputs": tuple((n, h) for n, h in raw["inputs"]),
            "problems": tuple(finding_from(f) for f in raw["problems"]),
        }
    )


def _block(raw: dict[str, Any]) -> Block:
    return Block(
        **{
            **raw,
            "options": tuple((k, v) for k, v in raw["options"]),
            "origins": tuple(Position(**o) for o in raw["origins"]),
            "shown": tuple(raw["shown"]),
            "fence": Position(**raw["fence"]) if raw["fence"] else None,
        }
    )


def finding_from(raw: dict[str, Any]) -> Finding:
    """Rebuild a finding from its JSON form."""
    return Finding(Position(**raw["position"]), raw["check"], raw["message"])
