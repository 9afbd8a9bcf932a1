"""Collect what blocks captured: the numbers that prose is bound to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assay.captures import specs, timed
from assay.model import BROKEN, Block, Capture, Page
from assay.project import Project
from assay.settled import Job


def captured(
    project: Project, pages: Iterable[Page], chosen: set[str], jobs: Iterable[Job]
) -> dict[str, tuple[Capture, ...]]:
    """Collect captured values of every page: from this run, else from its last one."""
    found: dict[str, tuple[Capture, ...]] = {}
    for job in jobs:
        if job.record and job.record.captures:
            values = tuple(c for _, c in job.record.captures)
            found[job.unit.page.path] = found.get(job.unit.page.path, ()) + values
    for page in pages:
        if page.path not in chosen:
            for key in (project.store.index(page.path) or {}).values():
                record = project.store.load(key)
                if record and record.captures:
                    values = tuple(c for _, c in record.captures)
                    found[page.path] = found.get(page.path, ()) + values
    return found


def lost(jobs: Iterable[Job]) -> dict[str, frozenset[str]]:
    """Collect the names that blocks which failed or weren't reached would have captured.

    Every word of their headers counts: a header that can't be read may have meant any.
    """
    found: dict[str, frozenset[str]] = {}
    for job in jobs:
        if job.unit.kind == "page" or (job.record and not job.record.findings):
            continue
        for block in job.unit.blocks:
            found[block.page] = found.get(block.page, frozenset()) | names(block)
    return found


def takes_times(block: Block) -> bool:
    """Whether the block captures times or rates: another one beside it would change them."""
    try:
        return any(timed(spec.unit) for spec in specs(block.option("capture") or ""))
    except ValueError:  # the fence check says so
        return False


def names(block: Block) -> frozenset[str]:
    """Name what the block may capture: what its header says, and what its language brings."""
    header = f"{block.option('capture') or ''} {block.option(BROKEN) or ''}"
    brought = {"coverage"} if block.language == "rego" else set()
    return frozenset({*re.findall(r"[\w-]+", header), *brought})
