"""Judge the units of some pages, fences first; what is known of other pages grows with it."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace

from assay import process
from assay.batch import Batch
from assay.bench import Site
from assay.bulk import Bulk
from assay.captured import captured, lost, names, takes_times
from assay.checkers import chain
from assay.errors import UnableError
from assay.evidence import audit
from assay.folder import lab_fault
from assay.judge import TEXT, judge
from assay.judges import Answers
from assay.lock import Lock
from assay.model import Page, Unit
from assay.project import Project, needs_folder, view
from assay.settled import Job, Settled

# What these checks refuse isn't what the author means: running it would tell nothing more.
UNREAD = (*TEXT, "shell", "command-flags")
Progress = Callable[[int, int, str], None]


def _silent(_done: int, _total: int, _page: str) -> None:
    pass


@dataclass
class Options:
    """How to run: from the command line."""

    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    use_cache: bool = True
    only: str | None = None
    audit: float = 0.0
    """Percent of the evidence at hand that is made again and compared."""
    progress: Progress = _silent
    prove: bool = False
    """Whether everything has to be judged here: the proof lock is compared, never used."""
    every: bool = False
    """Whether each unit is looked at, also of pages on which all is known and well."""
    rewriting: bool = False
    """Whether sessions go on after output that differs, so that all of it can be accepted."""


class Round:
    """The judging of one check: what is known of other pages grows with it."""

    def __init__(
        self, project: Project, options: Options, chosen: set[str], known: dict[str, Settled]
    ) -> None:
        self.project, self.options, self.chosen, self.known = project, options, chosen, known
        self.anchors = {path: s.anchors for path, s in known.items()}
        self.captures = {path: s.captures for path, s in known.items()}
        self.lost: dict[str, frozenset[str]] = {}
        self.lock = Lock(project.root)
        self.answers = Answers(project.boxes)

    def site(self) -> Site:
        """What page checks see now."""
        settings = self.project.settings
        return Site(
            settings, self.anchors, self.captures, self.lost, rewriting=self.options.rewriting
        )

    def judge(self, pages: list[Page]) -> list[Job]:
        """Judge pages: their units first, then what looks at the whole page."""
        self.anchors |= _anchors(pages)
        units = [u for p in pages if p.path in self.chosen for u in self.project.units(p)]
        with ThreadPoolExecutor(max_workers=self.options.jobs) as pool:
            try:
                jobs = self._judge_all(units, self.site(), pool)
            except BaseException:
                process.kill_all()
                pool.shutdown(cancel_futures=True)
                raise
        _excuse(jobs)
        self.captures |= captured(self.project, pages, self.chosen, jobs)
        self.lost |= lost(jobs)
        for place, job in enumerate(jobs):
            if job.unit.kind == "page":
                jobs[place] = self._judged(job.unit, self.site(), frozenset())
        return jobs

    def _judge_all(self, units: list[Unit], site: Site, pool: Executor) -> list[Job]:
        """Judge fences first: what can't be read is not run, and blocks what follows it."""
        claims = _claimants(units)
        units = [u for u in units if _wanted(u, self.options.only)]
        jobs: list[Job] = [Job(u) for u in units]
        use_cache, prove = self.options.use_cache, self.options.prove
        batch = Batch(self.project, self.lock, self.answers, site, use_cache, prove)
        batch.ask(units, self.options.jobs)
        broken: set[tuple[str, int]] = set()
        plain = [n for n, u in enumerate(units) if u.kind == "block" and u.toolchain is None]
        whose = [claims[(units[n].page.path, units[n].block.index)] for n in plain]
        judged = pool.map(lambda n, who: self._judged(units[n], site, who), plain, whose)
        for place, job in zip(plain, judged, strict=True):
            jobs[place] = job
            if job.record and any(
                r.check in UNREAD and r.status == "failed" for r in job.record.results
            ):
                broken.add((job.unit.page.path, job.unit.block.index))
        ready: list[int] = []
        for place, unit in sorted(enumerate(units), key=lambda e: e[1].kind != "session"):
            if unit.kind == "page" or (unit.kind == "block" and unit.toolchain is None):
                continue
            nowhere = needs_folder(unit) and lab_fault(unit.page, self.project.settings)
            if nowhere or any((b.page, b.index) in broken for b in (*unit.before, *unit.blocks)):
                jobs[place] = Job(unit, blocked=True)
            else:
                ready.append(place)
        with self._bulk([units[n] for n in ready], site) as bulk:
            ended = 0
            for group in _side_by_side(ready, units):
                waiting = {
                    pool.submit(self._judged, units[n], site, frozenset(), bulk): n for n in group
                }
                for future in as_completed(waiting):
                    place = waiting[future]
                    jobs[place] = future.result()
                    ended += 1
                    self.options.progress(ended, len(ready), units[place].page.path)
        return jobs

    def _bulk(self, units: list[Unit], site: Site) -> Bulk:
        return Bulk(self.project, units, site, self.options.use_cache)

    def _judged(
        self, unit: Unit, site: Site, claimants: frozenset[str], bulk: Bulk | None = None
    ) -> Job:
        """Take the evidence that holds, or make it, or take what the proof lock has."""
        try:
            key = self.project.key(unit, site)
            kept = self._kept(key, unit, site, claimants)
            lacking = "" if kept or self.options.prove else self.project.lacking(unit)
            told = self._recorded(unit, lacking) if lacking else None
            return kept or told or self._made(unit, site, claimants, bulk)
        except process.Cancelled:
            raise
        except UnableError as error:
            reason = str(error)
        except OSError as error:  # the machine refuses: a full disk, no descriptors left
            reason = f"can't work: {error.strerror or str(error)[:200]}; mend that and check again"
        with suppress(UnableError):  # the first reason tells more
            told = None if self.options.prove else self._recorded(unit, reason)
            if told:
                return told
        return Job(unit, unable=reason)

    def _recorded(self, unit: Unit, reason: str) -> Job | None:
        """Take what the proof lock has."""
        record = self.lock.record(self.project, unit)
        if record is None:
            return None
        self.project.store.save(record)
        return Job(unit, record, cached=True, recorded=reason)

    def _kept(self, key: str, unit: Unit, site: Site, claimants: frozenset[str]) -> Job | None:
        """Take the evidence at hand; a sample of it is made again."""
        record = self.project.store.load(key) if self.options.use_cache else None
        if record is None:
            return None
        if random.random() * 100 < self.options.audit:  # noqa: S311 - a sample, not a secret
            audit(record, judge(self.project, unit, site, claimants))
        return Job(unit, record, cached=True)

    def _made(self, unit: Unit, site: Site, claimants: frozenset[str], bulk: Bulk | None) -> Job:
        """Judge the unit."""
        with bulk.prepared(unit) if bulk else nullcontext() as prepared:
            made = judge(self.project, unit, site, claimants, prepared, self.answers)
        self.project.store.save(made)
        return Job(unit, made)

    def unsettled(self) -> set[str]:
        """Take back the settled pages to which other pages now look different."""
        site = self.site()
        changed = {p for p, s in self.known.items() if s.view != view(s.refers, site)}
        self.known = {p: s for p, s in self.known.items() if p not in changed}
        return changed


def _side_by_side(places: list[int], units: list[Unit]) -> Iterator[list[int]]:
    """Split the work: what takes times or rates runs alone, after all else."""
    alone = {n for n in places if any(takes_times(b) for b in units[n].blocks)}
    yield [n for n in places if n not in alone]
    yield from ([n] for n in places if n in alone)


def _anchors(pages: Iterable[Page]) -> dict[str, tuple[str, ...]]:
    return {
        p.path: (*p.anchors, *(b.option("name") or f"block-{b.index + 1}" for b in p.blocks))
        for p in pages
    }


def _excuse(jobs: list[Job]) -> None:
    """Take back what a session says about a file that its own checks refuse: one cause."""
    refused = {
        (job.unit.page.path, job.unit.toolchain, job.unit.blocks[result.block].index)
        for job in jobs
        if job.record and job.unit.kind == "package"
        for result in job.record.results
        if result.status == "failed" and result.block is not None
    }
    for place, job in enumerate(jobs):
        record, unit = job.record, job.unit
        if record is None or unit.kind != "session" or not record.findings:
            continue
        failed = [r.block or 0 for r in record.results if r.status == "failed"]
        first = min((unit.blocks[n].index for n in failed), default=0)
        if any((unit.page.path, unit.toolchain, n) in refused for n in range(first)):
            results = tuple(
                replace(r, status="blocked") if r.status == "failed" else r for r in record.results
            )
            jobs[place] = replace(job, record=replace(record, findings=(), results=results))


def _wanted(unit: Unit, only: str | None) -> bool:
    """Whether `--only` means the unit; numbers need the blocks that they were captured from."""
    captures = only == "measure" and any(names(b) for b in unit.blocks)
    return not only or captures or any(only == c.NAME for c in chain(unit))


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
