"""Check pages: find what is already known, run the rest, tell what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assay import process, settled
from assay.bench import Site
from assay.errors import UnableError
from assay.files import Hashes
from assay.model import Page
from assay.plan import signature
from assay.project import Project
from assay.rounds import Options, Round
from assay.settled import Job, Line


@dataclass(frozen=True)
class Run:
    """Everything that one check found out."""

    project: Project
    paths: tuple[str, ...]
    pages: tuple[Page, ...]
    jobs: tuple[Job, ...]
    lines: tuple[Line, ...]
    failures: tuple[tuple[str, str], ...] = ()
    only: str | None = None


def check(project: Project, selected: Iterable[str], options: Options) -> Run:
    """Judge the selected pages; every other page only lends its anchors and captures."""
    process.resume()
    chosen = set(selected)
    now = _world(project, options)
    known = {p: s for p in project.page_paths() if now and (s := settled.load(project, p, now))}
    pages, failures = _read(project, set(known))
    run = Round(project, options, chosen, known)
    jobs = run.judge(pages)
    changed = run.unsettled()  # what they refer to came out differently: only that is new
    more, _ = _read(project, set(project.page_paths()) - changed)
    jobs += run.judge(more)
    pages = [p for p in (*pages, *more) if p.path in chosen]
    lines = [n for path, s in run.known.items() if path in chosen for n in s.lines]
    paths = {p.path for p in pages} | (set(run.known) & chosen)
    judged: dict[str, list[Job]] = {p.path: [] for p in pages}
    for job in jobs:
        judged[job.unit.page.path].append(job)
    lines += [n for p in pages for n in settled.lines(p, judged[p.path])]
    try:
        if not options.only and not options.rewriting:
            _save(project, pages, judged, run.site(), now)
        project.store.hashes.save()
    except UnableError as error:  # what was found is told all the same
        failures += ((".cache/assay", str(error)),)
    order = {path: n for n, path in enumerate(project.page_paths())}
    lines.sort(key=lambda n: (order[n.page], n.line))
    everything = (tuple(sorted(paths)), tuple(pages), tuple(jobs), tuple(lines))
    return Run(project, *everything, failures, options.only)


def _world(project: Project, options: Options) -> str:
    """What every settled page depends on; '' where nothing may be taken as settled."""
    if options.audit:
        project.store.hashes = Hashes()  # every file is read again, whatever its time stamp
    based = project.toolchains.base is not None  # units ask it about their modules
    units = options.only or options.audit or options.prove or options.every or options.rewriting
    if units or based or not options.use_cache:
        return ""
    try:
        return settled.world(project)
    except UnableError:
        return ""  # no box here: the units that need one will say so


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


def _save(
    project: Project, pages: Iterable[Page], judged: Mapping[str, list[Job]], site: Site, now: str
) -> None:
    """Write which record holds for each unit, and which pages are settled."""
    for page in pages:
        jobs = judged[page.path]
        units = {signature(j.unit): j.record.key for j in jobs if j.record}
        project.store.save_index(page.path, units)
        if now:
            settled.save(project, page, jobs, site, now)
