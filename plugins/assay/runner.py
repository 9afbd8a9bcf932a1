"""Check pages: find what is already known, run the rest, tell what came out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from assay import process, settled
from assay.bench import Site
from assay.checkers import chain
from assay.errors import UnableError
from assay.judge import judge
from assay.model import Capture, Page, Unit
from assay.plan import signature
from assay.project import Project, view
from assay.settled import Job, Line, Settled

# What these checks refuse isn't what the author means: running it would tell nothing more.
TEXT = ("fence", "typography")
Progress = Callable[[int, int, str], None]


def _silent(_done: int, _total: int, _page: str) -> None:
    pass


@dataclass(frozen=True)
class Run:
    """Everything that one check found out."""

    project: Project
    pages: tuple[Page, ...]
    jobs: tuple[Job, ...]
    lines: tuple[Line, ...]
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
    process.resume()
    chosen = set(selected)
    now = _world(project, options)
    known = {p: s for p in project.page_paths() if now and (s := settled.load(project, p, now))}
    pages, failures = _read(project, set(known))
    run = _Round(project, options, chosen, known)
    jobs = run.judge(pages)
    changed = run.unsettled()  # what they refer to came out differently: only that is new
    more, _ = _read(project, set(project.page_paths()) - changed)
    jobs += run.judge(more)
    pages = [p for p in (*pages, *more) if p.path in chosen]
    lines = [n for path, s in run.known.items() if path in chosen for n in s.lines]
    lines += [n for p in pages for n in settled.lines(p, [j for j in jobs if j.unit.page is p])]
    if not options.only:
        _save(project, pages, jobs, run.site(), now)
    project.store.hashes.save()
    order = {path: n for n, path in enumerate(project.page_paths())}
    lines.sort(key=lambda n: (order[n.page], n.line))
    return Run(project, tuple(pages), tuple(jobs), tuple(lines), failures, options.only)


def _world(project: Project, options: Options) -> str:
    """What every settled page depends on; '' where nothing may be taken as settled."""
    if options.only or not options.use_cache:
        return ""
    try:
        return settled.world(project)
    except UnableError:
        return ""  # no box here: the units that need one will say so


class _Round:
    """The judging of one check: what is known of other pages grows with it."""

    def __init__(
        self, project: Project, options: Options, chosen: set[str], known: dict[str, Settled]
    ) -> None:
        self.project, self.options, self.chosen, self.known = project, options, chosen, known
        self.anchors = {path: s.anchors for path, s in known.items()}
        self.captures = {path: s.captures for path, s in known.items()}

    def site(self) -> Site:
        """What page checks see now."""
        return Site(self.project.settings, anchors=self.anchors, captures=self.captures)

    def judge(self, pages: list[Page]) -> list[Job]:
        """Judge pages: their units first, then what looks at the whole page."""
        self.anchors |= _anchors(pages)
        units = [u for p in pages if p.path in self.chosen for u in self.project.units(p)]
        only = self.options.only
        units = [u for u in units if not only or any(only == c.NAME for c in chain(u))]
        with ThreadPoolExecutor(max_workers=self.options.jobs) as pool:
            try:
                jobs = _judge_all(self.project, units, self.site(), self.options, pool)
            except BaseException:
                process.kill_all()
                pool.shutdown(cancel_futures=True)
                raise
        self.captures |= _captures(self.project, pages, self.chosen, jobs)
        for place, job in enumerate(jobs):
            if job.unit.kind == "page":
                site = self.site()
                jobs[place] = _judged(self.project, job.unit, site, self.options, frozenset())
        return jobs

    def unsettled(self) -> set[str]:
        """Take back the settled pages to which other pages now look different."""
        site = self.site()
        changed = {p for p, s in self.known.items() if s.view != view(s.refers, site)}
        self.known = {p: s for p, s in self.known.items() if p not in changed}
        return changed


def _read(project: Project, left_out: set[str]) -> tuple[list[Page], tuple[tuple[str, str], ...]]:
    pages: list[Page] = []
    failures: list[tuple[str, str]] = []
    for path in project.page_paths():
        if path in left_out:
            continue
        try:
            pages.append(project.page(path))
        except UnableError as error:
            failures.append((path, str(error)))
    return pages, tuple(failures)


def _anchors(pages: Iterable[Page]) -> dict[str, tuple[str, ...]]:
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
            if record and any(r.check in TEXT and r.status == "failed" for r in record.results):
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


def _save(
    project: Project, pages: Iterable[Page], jobs: Iterable[Job], site: Site, now: str
) -> None:
    """Write which record holds for each unit, and which pages are settled."""
    of_page: dict[str, list[Job]] = {}
    for job in jobs:
        of_page.setdefault(job.unit.page.path, []).append(job)
    for page in pages:
        made = of_page.get(page.path, [])
        units = {signature(j.unit): j.record.key for j in made if j.record}
        project.store.save_index(page.path, units)
        if now:
            settled.save(project, page, made, site, now)
