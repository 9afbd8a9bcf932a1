"""Check pages: find what is already known, run the rest, tell what came out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from assay import process
from assay.bench import Site
from assay.checkers import chain
from assay.errors import UnableError
from assay.evidence import Record
from assay.judge import judge
from assay.model import Capture, Page, Unit
from assay.plan import signature
from assay.project import Project

Progress = Callable[[int, int, str], None]


def _silent(_done: int, _total: int, _page: str) -> None:
    pass


@dataclass(frozen=True)
class Job:
    """One unit with what is known of it: evidence, or why there is none."""

    unit: Unit
    record: Record | None = None
    cached: bool = False
    unable: str = ""
    blocked: bool = False


@dataclass(frozen=True)
class Run:
    """Everything that one check found out."""

    project: Project
    pages: tuple[Page, ...]
    jobs: tuple[Job, ...]
    failures: tuple[tuple[str, str], ...] = ()
    only: str | None = None


@dataclass
class Options:
    """How to run: from the command line."""

    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    use_cache: bool = True
    only: str | None = None
    progress: Progress = _silent


def check(project: Project, selected: Iterable[str], options: Options) -> Run:
    """Judge the selected pages; every other page only lends its anchors and captures."""
    chosen = set(selected)
    pages, failures = _read(project)
    site = Site(project.settings, anchors=_anchors(pages))
    units = [u for p in pages if p.path in chosen for u in project.units(p)]
    if options.only:
        units = [u for u in units if any(options.only == c.NAME for c in chain(u))]
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        try:
            jobs = _judge_all(project, units, site, options, pool)
        except BaseException:
            process.kill_all()
            pool.shutdown(cancel_futures=True)
            raise
    known = _captures(project, pages, chosen, jobs)
    site = Site(project.settings, anchors=site.anchors, captures=known)
    for place, job in enumerate(jobs):
        if job.unit.kind == "page":
            jobs[place] = _judged(project, job.unit, site, options, frozenset())
    if not options.only:
        _save(project, pages, chosen, jobs)
    project.store.hashes.save()
    read = tuple(p for p in pages if p.path in chosen)
    return Run(project, read, tuple(jobs), failures, options.only)


def _read(project: Project) -> tuple[list[Page], tuple[tuple[str, str], ...]]:
    pages: list[Page] = []
    failures: list[tuple[str, str]] = []
    for path in project.page_paths():
        try:
            pages.append(project.page(path))
        except UnableError as error:
            failures.append((path, str(error)))
    return pages, tuple(failures)


def _anchors(pages: Iterable[Page]) -> Mapping[str, tuple[str, ...]]:
    return {
        p.path: (*p.anchors, *(b.option("name") or f"block-{b.index + 1}" for b in p.blocks))
        for p in pages
    }


def _judge_all(
    project: Project, units: list[Unit], site: Site, options: Options, pool: Executor
) -> list[Job]:
    """Judge fences first: what can't be read is not run, and blocks what follows it."""
    claims = _claimants(units)
    jobs: list[Job] = [Job(u) for u in units]
    broken: set[tuple[str, int]] = set()
    for place, unit in enumerate(units):
        if unit.kind == "block" and unit.toolchain is None:
            who = claims[(unit.page.path, unit.block.index)]
            jobs[place] = _judged(project, unit, site, options, who)
            record = jobs[place].record
            if record and any(r.check == "fence" and r.status == "failed" for r in record.results):
                broken.add((unit.page.path, unit.block.index))
    waiting = {}
    for place, unit in sorted(enumerate(units), key=lambda e: e[1].kind != "session"):
        if unit.kind == "page" or (unit.kind == "block" and unit.toolchain is None):
            continue
        if any((b.page, b.index) in broken for b in (*unit.before, *unit.blocks)):
            jobs[place] = Job(unit, blocked=True)
        else:
            waiting[pool.submit(_judged, project, unit, site, options, frozenset())] = place
    for done, future in enumerate(as_completed(waiting), 1):
        place = waiting[future]
        jobs[place] = future.result()
        options.progress(done, len(waiting), units[place].page.path)
    return jobs


def _claimants(units: Iterable[Unit]) -> dict[tuple[str, int], frozenset[str]]:
    """For each block, the checks that judge it in any of its units."""
    found: dict[tuple[str, int], frozenset[str]] = {}
    for unit in units:
        names = frozenset(c.NAME for c in chain(unit)) - {"fence", "typography"}
        judged = unit.blocks[:1] if unit.kind == "block" else unit.blocks
        for block in judged:
            key = (unit.page.path, block.index)
            found[key] = found.get(key, frozenset()) | names
    return found


def _judged(
    project: Project, unit: Unit, site: Site, options: Options, claimants: frozenset[str]
) -> Job:
    """Take the evidence that holds, or make it."""
    try:
        key = project.key(unit, site)
        record = project.store.load(key) if options.use_cache else None
        if record is not None:
            return Job(unit, record, cached=True)
        made = judge(project, unit, site, claimants)
        project.store.save(made)
        return Job(unit, made)
    except process.Cancelled:
        raise
    except UnableError as error:
        return Job(unit, unable=str(error))


def _captures(
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


def _save(project: Project, pages: Iterable[Page], chosen: set[str], jobs: Iterable[Job]) -> None:
    index: dict[str, dict[str, str]] = {p.path: {} for p in pages if p.path in chosen}
    for job in jobs:
        if job.record:
            index[job.unit.page.path][signature(job.unit)] = job.record.key
    for path, units in index.items():
        project.store.save_index(path, units)
