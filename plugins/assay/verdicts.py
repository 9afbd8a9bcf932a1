"""What the evidence says of a page as it is now. Reads only: the build runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.evidence import Record
from assay.model import Block, Capture, Page, Unit
from assay.plan import signature
from assay.project import Project
from assay.sandbox import unsafe

# The worst of a block's verdicts is the block's; what isn't known is worse than what is wrong.
RANK = ("stale", "unchecked", "failed", "blocked", "failed-as-shown", "recorded", "passed")
ACCEPTED = {
    "proven": frozenset({"passed", "failed-as-shown", "skipped"}),
    "recorded": frozenset({"passed", "failed-as-shown", "skipped", "recorded"}),
}
"""What a strict build takes, by the plugin's option `require`."""


@dataclass(frozen=True)
class BlockVerdict:
    """One block: its status and the records that say so, each with the block's place in it."""

    block: Block
    status: str
    records: tuple[tuple[Record, int], ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that judged the block, in order."""
        found = [r.check for record, n in self.records for r in record.statuses(n)]
        return tuple(dict.fromkeys(found))

    @property
    def judged(self) -> tuple[tuple[Record, int], ...]:
        """The records that judge the block; a session also runs it where only others are meant."""
        return tuple((record, n) for record, n in self.records if record.statuses(n))

    @property
    def unsandboxed(self) -> bool:
        """Whether any of the evidence was made without a box."""
        return any(record.tier == unsafe.TIER for record, _ in self.records)

    @property
    def toolchains(self) -> tuple[str, ...]:
        """The Go versions under which the block was judged, sorted."""
        return tuple(sorted({r.toolchain for r, _ in self.judged if r.toolchain}))

    @property
    def kept(self) -> Mapping[str, str]:
        """Artefacts of the block's evidence."""
        return {k: v for record, _ in self.records for k, v in record.kept.items()}


@dataclass(frozen=True)
class PageVerdict:
    """A page: its blocks, the status of the page's own checks, and what it captured."""

    page: Page
    blocks: tuple[BlockVerdict, ...]
    status: str
    captures: tuple[tuple[int, Capture], ...]
    date: str = ""
    """When the newest of the evidence was made; '' where there is none."""


class Verdicts:
    """Looks verdicts up, page by page; remembers them until told to forget."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._pages: dict[str, PageVerdict] = {}

    def forget(self) -> None:
        """Read everything again from now on."""
        self._pages = {}

    def page(self, path: str) -> PageVerdict:
        """Return the page's verdict; raises UnableError for a page that can't be read."""
        if path not in self._pages:
            self._pages[path] = self._judge(self.project.page(path))
        return self._pages[path]

    def everything(self) -> tuple[PageVerdict, ...]:
        """Every page of the site, sorted by path."""
        return tuple(self.page(p) for p in self.project.page_paths())

    def _judge(self, page: Page) -> PageVerdict:
        index = self.project.store.index(page.path)
        units = self.project.units(page)
        known = {id(u): self._record(u, index) for u in units}
        holding: dict[int, list[tuple[Unit, Record | None]]] = {b.index: [] for b in page.blocks}
        for unit in units:
            for number in {b.index for b in unit.blocks}:
                holding[number].append((unit, known[id(unit)]))
        blocks = [_block(b, holding[b.index], index is not None) for b in page.blocks]
        captures = tuple(
            (unit.blocks[place].index, capture)
            for unit in units
            for record in (known[id(unit)],)
            if record
            for place, capture in record.captures
        )
        own = next((known[id(u)] for u in units if u.kind == "page"), None)
        missing = "unchecked" if index is None else "stale"
        status = missing if own is None else _worst([r.status for r in own.results])
        if page.problems:
            status = "failed"
        date = max((r.date for r in known.values() if r), default="")
        return PageVerdict(page, tuple(blocks), status, captures, date)

    def _record(self, unit: Unit, index: Mapping[str, str] | None) -> Record | None:
        """The unit's record, if its inputs are still what they were."""
        key = (index or {}).get(signature(unit))
        record = self.project.store.load(key) if key else None
        if record is None:
            return None
        hashes, root = self.project.store.hashes, self.project.root
        fresh = all(hashes.file(root / name) == value for name, value in record.inputs)
        return record if fresh else None


def _block(block: Block, holding: list[tuple[Unit, Record | None]], checked: bool) -> BlockVerdict:
    if any(record is None for _, record in holding):
        return BlockVerdict(block, "stale" if checked else "unchecked")
    found = [(record, unit.blocks.index(block)) for unit, record in holding if record]
    statuses = [r.status for record, place in found for r in record.statuses(place)]
    status = "skipped" if block.option("skip") and "failed" not in statuses else _worst(statuses)
    return BlockVerdict(block, status, tuple(found))


def _worst(statuses: Sequence[str]) -> str:
    return next((s for s in RANK if s in statuses), "unchecked")
