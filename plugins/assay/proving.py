"""Compare the proof lock with what was judged, and write it from what was judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from assay import captures, charts
from assay.evidence import Record
from assay.judge import TEXT
from assay.lock import FILE, RECORDED, Entry, Lock, key, named
from assay.model import Capture, Finding, Page, Position, Unit
from assay.project import Project, needs_proof
from assay.runner import Run
from assay.settled import Job

NAME = "lock"
GOOD = ("passed", "failed-as-shown")
SHOWN = ("verdict", "key", "captured", "tools")


def differences(run: Run) -> Iterator[Finding]:
    """Yield what the lock says otherwise than a run without it; the run must have judged all."""
    project, lock = run.project, Lock(run.project.root)
    there = project.page_paths()
    bound = Bound.of(project.page(path) for path in there)
    held = [(e, n) for n, e in lock.lines if e.page in run.paths or e.page not in there]
    left = dict(_numbered(held))
    made: list[tuple[Entry, int]] = []
    units: list[Unit] = []
    for job in run.jobs:
        if job.record is None:  # neither right nor wrong: its own message says so
            _forget(left, job.unit)
            continue
        found = entries(project, job.unit, job.record, bound)
        if not found and needs_proof(job.unit):
            _forget(left, job.unit)
        made += [(entry, len(units)) for entry in found]
        units.append(job.unit)
    for place, (entry, at) in _numbered(made):
        told, number = left.pop(place, (None, 0))
        if told is None:
            block = next(b for b in units[at].blocks if named(b) == entry.block)
            message = f"{entry.check} isn't in {FILE}; run assay accept {entry.page}"
            yield Finding(block.header, NAME, message)
        elif difference := _difference(told, settle(told, entry, bound)):
            yield Finding(Position(FILE, number), NAME, difference)
    for entry, number in left.values():
        message = f"nothing on {entry.page} is {entry.block!r} with this check; run assay accept"
        yield Finding(Position(FILE, number), NAME, message)


def update(run: Run) -> bool:
    """Write the lock for the pages of a run; whether it changed."""
    project, lock = run.project, Lock(run.project.root)
    bound = Bound.of(project.page(path) for path in project.page_paths())
    old: dict[str, list[Entry]] = {}
    for _, entry in lock.known:
        old.setdefault(entry.page, []).append(entry)
    pages: dict[str, list[Entry]] = {}
    for page in run.pages:
        then = dict(_numbered((e, 0) for e in old.get(page.path, ())))
        made: list[Entry] = []
        for job in run.jobs:
            if job.unit.page.path == page.path:
                made += _of(project, job, old.get(page.path, []), bound)
        order = {named(b): b.index for b in reversed(page.blocks)}
        made.sort(key=lambda e: (order.get(e.block, 0), e.toolchain))
        for place, (entry, _) in _numbered((e, 0) for e in made):
            told = then.get(place, (entry, 0))[0]
            pages.setdefault(page.path, []).append(settle(told, entry, bound))
        pages.setdefault(page.path, [])
    return lock.update(project.page_paths(), pages)


def _of(project: Project, job: Job, old: list[Entry], bound: Bound) -> list[Entry]:
    """The lines of one unit: from its record, or as they stand where it wasn't run."""
    if job.record is not None and job.record.tier != RECORDED:
        return entries(project, job.unit, job.record, bound)
    if not needs_proof(job.unit):
        return []
    same = key(project, job.unit)
    return [e for e in old if e.key == same]


def entries(project: Project, unit: Unit, record: Record, bound: Bound) -> list[Entry]:
    """Write a judged unit as lines; none where anything isn't as it should be."""
    good = all(r.status in GOOD for r in record.results)
    if not needs_proof(unit) or record.findings or not good:
        return []
    name = key(project, unit)
    tools = " ".join(f"{k}={v}" for k, v in sorted(record.tools.items()) if k != "assay")
    made = []
    for place, block in enumerate(unit.blocks):
        results = record.statuses(place)
        values = [c for n, c in record.captures if n == place and bound.on(unit.page.path, c)]
        shown = " ".join(f"{c.name}:{c.unit}={c.value:.12g}" for c in values)
        for result in (r for r in results if r.check not in TEXT):
            last = result is results[-1]
            where = (unit.page.path, named(block), unit.toolchain or "-", result.check)
            numbers = (shown if last else "") or "-"
            made.append(Entry(*where, result.status, name, numbers, tools or "-"))
    return made


@dataclass(frozen=True)
class Bound:
    """Every number that prose or a chart binds, by page and name of what was captured."""

    links: Mapping[tuple[str, str], tuple[tuple[str, str, str], ...]]

    @staticmethod
    def of(pages: Iterable[Page]) -> Bound:
        """Collect them from all pages of the site."""
        found: dict[tuple[str, str], tuple[tuple[str, str, str], ...]] = {}
        for page in pages:
            for link in charts.numbers(page):
                path, name, toolchain = captures.meant(page, link)
                there = found.get((path, name), ())
                found[path, name] = (*there, (link.text, link.title, toolchain))
        return Bound(found)

    def on(self, page: str, value: Capture) -> list[tuple[str, str]]:
        """Return text and title of the numbers that are bound to a captured value."""
        return [
            (text, title)
            for text, title, toolchain in self.links.get((page, value.name), ())
            if (value.toolchain or "").startswith(toolchain)
        ]

    def fault(self, page: str, value: Capture) -> str | None:
        """Say which bound number a value breaks."""
        faults = (captures.compare(t, n, value.value, value.unit) for t, n in self.on(page, value))
        return next((f for f in faults if f), None)


def settle(old: Entry, new: Entry, bound: Bound) -> Entry:
    """Keep a line's captured values where every number bound to them still holds."""
    then, now = old.values, new.values
    if [(n, u) for n, _, u in then] != [(n, u) for n, _, u in now]:
        return new
    toolchain = None if old.toolchain == "-" else old.toolchain
    values = [Capture(n, v, u, toolchain) for n, v, u in then]
    if any(bound.fault(old.page, v) for v in values):
        return new
    return replace(new, captured=old.captured)


def _difference(told: Entry, real: Entry) -> str | None:
    """Say which field of a line is otherwise."""
    for field in SHOWN:
        then, now = getattr(told, field), getattr(real, field)
        if then != now:
            return f"{field} is {then!r} here, a run has {now!r}; run assay accept {told.page}"
    return None


def _forget(left: dict[tuple[object, ...], tuple[Entry, int]], unit: Unit) -> None:
    """Say nothing of the lines of a unit that has findings of its own, or no verdict."""
    names = {named(b) for b in unit.blocks}
    for place, (entry, _) in list(left.items()):
        same = entry.page == unit.page.path and entry.toolchain == (unit.toolchain or "-")
        if same and entry.block in names:
            del left[place]


def _numbered(
    found: Iterable[tuple[Entry, int]],
) -> Iterator[tuple[tuple[object, ...], tuple[Entry, int]]]:
    """Tell equal blocks of a page apart by their order."""
    counts: dict[tuple[object, ...], int] = {}
    for entry, number in found:
        count = counts[entry.place] = counts.get(entry.place, 0) + 1
        yield (*entry.place, count), (entry, number)
