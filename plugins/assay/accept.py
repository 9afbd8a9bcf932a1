"""Rewrite expected output from the real one; what an author left open stays open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assay import alignment, captures, charts, pagetext, proving
from assay.checkers.measure import bound
from assay.lock import FILE
from assay.model import Block, Capture, Finding, Link, Page
from assay.pagetext import Edit, Text
from assay.project import Project, refers
from assay.rounds import Options, Progress
from assay.runner import Run, check
from assay.settled import Job
from assay.sources import transcript
from assay.verdicts import Verdicts

NAME = "accept"


@dataclass(frozen=True)
class Shown:
    """One expected output: its lines in the block, and what came under each toolchain."""

    block: Block
    first: int
    """The line of the block's text where the output begins, from 1."""
    wanted: tuple[str, ...]
    real: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The noise that the block takes out."""
        return tuple((self.block.option("normalize") or "").split())

    def agrees(self, lines: Sequence[str]) -> bool:
        """Whether the lines are right under every toolchain."""
        every = self.real.values()
        return all(transcript.difference(tuple(lines), r, self.names) is None for r in every)


@dataclass(frozen=True)
class Accepted:
    """What was rewritten, what couldn't be, and the check of the pages as they are now."""

    changed: Mapping[str, int]
    refused: tuple[Finding, ...]
    run: Run


def accept_pages(
    project: Project, selected: Iterable[str], measures: bool, show: Progress
) -> Accepted:
    """Run the pages, write real output into them, and check them again."""
    paths = tuple(selected)
    changed: dict[str, int] = {}
    refused: list[Finding] = []
    run = check(project, paths, Options(every=True, progress=show))
    wrong = {j.unit.page.path for j in run.jobs if j.record and j.record.findings}
    if wrong:  # sessions of these go on behind output that differs
        run = check(project, sorted(wrong), Options(rewriting=True, progress=show))
    for page in run.pages:
        own = [j for j in run.jobs if j.unit.page.path == page.path]
        made = list(_edits(project, page, own))
        edits = [e for e in made if isinstance(e, Edit)]
        refused += [e for e in made if isinstance(e, Finding)]
        if edits:
            pagetext.apply(project.root, page.path, edits)
            changed[page.path] = len(edits)
    if wrong:
        run = check(project, paths, Options(every=True, progress=show))
    if measures:
        for path in run.paths:
            count, left = _numbers(project, path)
            refused += left
            if count:
                changed[path] = changed.get(path, 0) + count
        run = check(project, paths, Options(every=True, progress=show))
    if proving.update(run):
        changed[FILE] = 1
    return Accepted(dict(sorted(changed.items())), tuple(refused), run)


def _edits(project: Project, page: Page, jobs: Iterable[Job]) -> Iterator[Edit | Finding]:
    """Say for each output that differs what to write, or why it can't be written."""
    found: dict[tuple[int, int], Shown] = {}
    for job in jobs:
        for shown, output in _outputs(job):
            kept = found.setdefault((shown.block.index, shown.first), shown)
            kept.real[job.unit.toolchain or ""] = transcript.shown_lines(output)
    text = pagetext.read(project.root, page.path)
    for _, shown in sorted(found.items()):
        if not shown.agrees(shown.wanted):
            yield _edit(page, text, shown)


def _outputs(job: Job) -> Iterator[tuple[Shown, str]]:
    """The outputs that were compared in a unit, with what really came."""
    if not job.record:
        return
    for place, outputs in job.record.outputs.items():
        block = job.unit.blocks[int(place)]
        verdicts = {r.status for r in job.record.statuses(int(place)) if r.check != "fence"}
        if not verdicts & {"passed", "failed"} or block.option("skip"):
            continue
        if block.language == "output":
            yield Shown(block, 1, transcript.shown_lines(block.text)), outputs[0]
            continue
        for step, output in zip(transcript.steps(block), outputs, strict=False):
            if not step.background:
                yield Shown(block, step.expected_line, step.expected), output


def _edit(page: Page, text: Text, shown: Shown) -> Edit | Finding:
    block, count = shown.block, len(shown.wanted)
    start = pagetext.row(page, block, shown.first, count)
    if start is None:
        source = block.included[0] if block.included else page.path
        return _refusal(block, f"the output comes from {source!r}; edit that file")
    console = block.language == "console"
    for real in shown.real.values():
        pieces = alignment.merged(shown.wanted, real, shown.names, console)
        if shown.agrees([shown.wanted[p] if isinstance(p, int) else p for p in pieces]):
            break
    else:
        versions = " and ".join(sorted(shown.real))
        message = f"the output differs between Go {versions}; give each a block with its own go="
        return _refusal(block, message)
    fence = text.fence(block)
    if any(isinstance(p, str) and p.rstrip() == fence for p in pieces):
        return _refusal(block, f"the output holds the line {fence!r}; write a longer fence")
    before = text.prefix(block)
    lines = tuple(
        text.lines[start - 1 + p] if isinstance(p, int) else (before + p).rstrip() for p in pieces
    )
    return Edit(start, start + count, lines)


def _refusal(block: Block, message: str) -> Finding:
    return Finding(block.header, NAME, message)


def _numbers(project: Project, path: str) -> tuple[int, list[Finding]]:
    """Write measured values into prose and charts, in the form that the author chose."""
    page = project.page(path)
    known = _captured(project, page)
    text = pagetext.read(project.root, path)
    count = 0
    refused: list[Finding] = []
    bindings = charts.numbers(page)
    places = sorted(bindings, key=lambda n: (n.position.line, n.position.column), reverse=True)
    for link in places:  # from the end, so that the columns before still hold
        found, _ = bound(page, link, known)
        new = _rewritten(link, found)
        if new is None or new == link.text:
            continue
        if link.position.path == path and _written(text, link, new):
            count += 1
        else:
            message = f"{link.text!r} can't be found as plain text on its line; write {new!r}"
            refused.append(Finding(link.position, NAME, message))
    if count:
        text.write(project.root)
    return count, refused


def _written(text: Text, link: Link, new: str) -> bool:
    """Replace a number of the prose, or a figure of a chart, whose unit isn't beside it."""
    prose = f"[{link.text}]({link.target}", f"[{new}]({link.target}"
    figure = link.text.split(maxsplit=1)[0], new.split(maxsplit=1)[0]
    return any(text.replace(link.position, *both) for both in (prose, figure))


def _captured(project: Project, page: Page) -> dict[str, tuple[Capture, ...]]:
    """What the pages that the page refers to have captured, itself included."""
    verdicts = Verdicts(project)
    named = set(refers(page)) & set(project.page_paths())
    return {path: tuple(c for _, c in verdicts.page(path).captures) for path in named}


def _rewritten(link: Link, found: tuple[Capture, ...]) -> str | None:
    """The text of a bound number with the newest value; None where nothing is to be done."""
    faults = [captures.compare(link.text, link.title, c.value, c.unit) for c in found]
    if not any(faults):
        return None
    value = found[-1]
    new = captures.rewrite(link.text, value.value, value.unit)
    agrees = all(captures.compare(new, link.title, c.value, c.unit) is None for c in found)
    return new if agrees else None
