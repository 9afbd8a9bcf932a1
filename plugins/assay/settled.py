"""Pages on which everything is known and nothing is wrong: one small file each.

A second check of an unchanged site reads only these. What a page's verdicts depend on is
compared here exactly as the units' keys do it; where anything differs, the page is judged unit
by unit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from assay import programs
from assay.bench import Site
from assay.checkers import CHECKERS
from assay.evidence import Record
from assay.files import write_atomically
from assay.model import Block, Capture, Page, Unit
from assay.project import Project, refers, view

# The worst verdict of a block's units is the block's.
RANK = ("failed", "unable", "blocked", "failed-as-shown", "recorded", "skipped", "passed")
GOOD = frozenset({"passed", "failed-as-shown", "skipped"})


@dataclass(frozen=True)
class Job:
    """One unit with what is known of it: evidence, or why there is none."""

    unit: Unit
    record: Record | None = None
    cached: bool = False
    unable: str = ""
    recorded: str = ""
    """Why the evidence is the proof lock's, and not from here."""
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What one block came to."""

    page: str
    line: int
    language: str
    status: str
    checks: tuple[str, ...]
    cached: bool


@dataclass(frozen=True)
class Settled:
    """A page's outcome with everything that it depends on."""

    path: str
    content: str
    world: str
    view: str
    refers: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    programs: tuple[tuple[str, str], ...]
    anchors: tuple[str, ...]
    captures: tuple[Capture, ...]
    lines: tuple[Line, ...]


def world(project: Project) -> str:
    """Hash what every verdict depends on beside the page; raises UnableError without a box."""
    settings = project.settings
    parts: list[Any] = [
        project.source("core"),
        project.source("sources"),
        [(c.NAME, project.source(c.NAME), dict(c.tools())) for c in CHECKERS],
        project.tier,
        settings.toolchains,
        settings.limits,
        settings.path,
        settings.required,
        settings.reading,
        project.store.hashes.tree(settings.snippets),
    ]
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def load(project: Project, path: str, now: str) -> Settled | None:
    """Return the page's outcome if nothing on it changed; its view is the caller's to compare."""
    try:
        kept = project.store.settled(path)
        raw = json.loads(kept.read_text(encoding="utf-8"))
        made = Settled(
            **{
                **raw,
                "refers": tuple(raw["refers"]),
                "inputs": tuple((n, h) for n, h in raw["inputs"]),
                "programs": tuple((n, h) for n, h in raw["programs"]),
                "anchors": tuple(raw["anchors"]),
                "captures": tuple(Capture(**c) for c in raw["captures"]),
                "lines": tuple(_known(n) for n in raw["lines"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    hashes = project.store.hashes
    fresh = made.world == now and made.content == hashes.file(project.root / path)
    fresh = fresh and all(hashes.file(project.root / n) == h for n, h in made.inputs)
    fresh = (
        fresh
        and programs.look_up((n for n, _ in made.programs), project.settings, hashes)
        == made.programs
    )
    return made if fresh else None


def _known(raw: dict[str, Any]) -> Line:
    return Line(**{**raw, "checks": tuple(raw["checks"]), "cached": True})


def save(project: Project, page: Page, jobs: Iterable[Job], site: Site, now: str) -> None:
    """Keep the page's outcome, if it is good; forget the one before."""
    kept = project.store.settled(page.path)
    jobs = tuple(jobs)
    made = tuple(lines(page, jobs))
    findings = page.problems or any(j.record is None or j.record.findings for j in jobs)
    if findings or any(n.status not in GOOD for n in made):
        kept.unlink(missing_ok=True)
        return
    hashes = project.store.hashes
    words = {
        n
        for j in jobs
        if j.unit.kind == "session"
        for n, _ in programs.hashes(j.unit, project.settings, hashes)
    }
    paths = refers(page)
    settled = Settled(
        path=page.path,
        content=hashes.file(project.root / page.path),
        world=now,
        view=view(paths, site),
        refers=paths,
        inputs=tuple(
            sorted({*page.inputs, *(i for j in jobs if j.record for i in j.record.inputs)})
        ),
        programs=programs.look_up(words, project.settings, hashes),
        anchors=site.anchors[page.path],
        captures=site.captures.get(page.path, ()),
        lines=made,
    )
    write_atomically(kept, json.dumps(asdict(settled), ensure_ascii=False))


def lines(page: Page, jobs: Iterable[Job]) -> Iterable[Line]:
    """Say what each block of the page came to; with `--only` some weren't looked at."""
    holding: dict[int, list[tuple[Job, int]]] = {}
    for job in jobs:
        for place, block in enumerate(job.unit.blocks):
            holding.setdefault(block.index, []).append((job, place))
    for block in page.blocks:
        if block.index in holding:
            yield _line(block, page, holding[block.index])


def _line(block: Block, page: Page, holding: list[tuple[Job, int]]) -> Line:
    statuses: set[str] = set()
    checks: dict[str, None] = {}
    for job, place in holding:
        if job.unable:
            statuses.add("unable")
        if job.blocked:
            statuses.add("blocked")
        for result in job.record.statuses(place) if job.record else ():
            statuses.add(result.status)
            checks[result.check] = None
    status = next((s for s in RANK if s in statuses), "unable")
    if block.option("skip") and status == "passed":
        status = "skipped"
    cached = all(job.cached for job, _ in holding)
    return Line(page.path, block.line, block.language, status, tuple(checks), cached)
