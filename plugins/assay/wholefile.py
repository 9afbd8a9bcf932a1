"""In a region's mark: the names that it doesn't declare, and the whole file one click away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from assay.declared import KEPT
from assay.verdicts import BlockVerdict


def rows(verdict: BlockVerdict) -> Iterator[tuple[str, str]]:
    """Yield the list of names declared elsewhere, each with its file and line."""
    entry, whole = _entry(verdict)
    names = [(n, p, line) for n, p, line in entry.get("names", ()) if p]
    if names:
        items = "".join(f"<li>{_name(n, p, line, whole)}</li>" for n, p, line in names)
        yield "别处声明", f'<ul class="assay-names">{items}</ul>'
    path = entry.get("path", "")
    if path and "text" not in entry:
        yield "整个文件", f'<a href="#{_anchor(path)}">{escape(path)}</a>'


def folded(verdict: BlockVerdict) -> str:
    """Return the file's text behind a summary; '' where an earlier block has it."""
    entry, _ = _entry(verdict)
    if "text" not in entry:
        return ""
    path, wanted = entry["path"], set(entry["lines"])
    lines = [
        (f'<span id="{_anchor(path, n)}"></span>' if n in wanted else "") + escape(text)
        for n, text in enumerate(entry["text"].split("\n"), 1)
    ]
    summary = f"<summary>整个文件 {escape(path)}</summary>"
    return (
        f'<details class="assay-whole" id="{_anchor(path)}">{summary}'
        f'<pre tabindex="0"><code>{chr(10).join(lines)}</code></pre></details>'
    )


def _name(name: str, path: str, line: int, whole: set[str]) -> str:
    place = f"{escape(path)}:{line}"
    if path in whole:
        place = f'<a href="#{_anchor(path, line)}">{place}</a>'
    return f"<code>{escape(name)}</code> {place}"


def _entry(verdict: BlockVerdict) -> tuple[Mapping[str, Any], set[str]]:
    """The block's entry, and the files whose text some block of the unit shows."""
    for record, place in verdict.records:
        if KEPT in record.kept:
            made = json.loads(record.kept[KEPT])
            return made.get(str(place), {}), {e["path"] for e in made.values() if "text" in e}
    return {}, set()


def _anchor(path: str, line: int | None = None) -> str:
    digest = hashlib.sha256(path.encode()).hexdigest()[:8]
    return f"source-{digest}" + (f"-{line}" if line else "")
