"""Rewrite expected output from the real one; what an author left open stays open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assay import captures
from assay.checkers.measure import SCHEME, bound
from assay.files import write_atomically
from assay.model import Block, Capture, Page
from assay.project import Project
from assay.rounds import Options
from assay.runner import check
from assay.settled import Job
from assay.sources import transcript


@dataclass(frozen=True)
class Edit:
    """Replace the page's lines `start` to `end` (from 1, `end` not included)."""

    start: int
    end: int
    lines: tuple[str, ...]


def accept_pages(
    project: Project, selected: Iterable[str], measures: bool
) -> Iterator[tuple[str, int]]:
    """Run the pages, write real output into them, until nothing changes; yield what changed."""
    paths = tuple(selected)
    changed: dict[str, int] = {}
    for _ in range(50):  # a session ends at its first difference: one block more each time
        run = check(project, paths, Options())
        edits = {p.path: _edits(p, run.jobs) for p in run.pages}
        if not any(edits.values()):
            break
        for path, made in edits.items():
            changed[path] = changed.get(path, 0) + len(made)
            _apply(project, path, made)
    if measures:
        run = check(project, paths, Options())
        known = _captured(run.jobs)
        for page in run.pages:
            count = _measures(project, page, known)
            changed[page.path] = changed.get(page.path, 0) + count
        check(project, paths, Options())
    yield from sorted(changed.items())


def _captured(jobs: Iterable[Job]) -> dict[str, tuple[Capture, ...]]:
    found: dict[str, tuple[Capture, ...]] = {}
    for job in jobs:
        if job.record:
            values = tuple(c for _, c in job.record.captures)
            found[job.unit.page.path] = found.get(job.unit.page.path, ()) + values
    return found


def _edits(page: Page, jobs: Iterable[Job]) -> list[Edit]:
    """Where output differs: the page's lines and what to write there."""
    edits: dict[int, Edit] = {}
    for job in jobs:
        if job.unit.page.path != page.path or not job.record:
            continue
        failed = {r.block for r in job.record.results if r.status == "failed"}
        for place, outputs in job.record.outputs.items():
            block = job.unit.blocks[int(place)]
            if int(place) in failed and block.page == page.path:
                for edit in _block_edits(block, outputs):
                    edits.setdefault(edit.start, edit)
    return sorted(edits.values(), key=lambda e: e.start)


def _block_edits(block: Block, outputs: tuple[str, ...]) -> Iterator[Edit]:
    names = tuple((block.option("normalize") or "").split())
    if block.language == "output":
        wanted = transcript.shown_lines(block.text)
        yield from _edit(block, 1, wanted, transcript.shown_lines(outputs[0]), names)
        return
    for step, output in zip(transcript.steps(block), outputs, strict=False):
        if not step.background:
            real = transcript.shown_lines(output)
            yield from _edit(block, step.expected_line, step.expected, real, names)


def _edit(
    block: Block, first: int, wanted: tuple[str, ...], real: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[Edit]:
    if transcript.difference(wanted, real, names) is None:
        return
    start = block.line + first
    indent = " " * (block.column - 1)
    kept = [_kept(line, wanted, names) for line in real]
    lines = tuple((indent + line).rstrip() for line in kept)
    yield Edit(start, start + len(wanted), lines)


def _kept(line: str, wanted: tuple[str, ...], names: tuple[str, ...]) -> str:
    """The author's own line where it still matches, `...` included; else the real one."""
    for old in wanted:
        if old.strip() != "..." and transcript.matches(old, line, names):
            return old
    literal = line.replace("...", "\\...")
    return "\\" + literal if literal.startswith("$ ") else literal


def _apply(project: Project, path: str, edits: list[Edit]) -> None:
    place = project.root / path
    lines = place.read_text(encoding="utf-8").split("\n")
    for edit in reversed(edits):
        lines[edit.start - 1 : edit.end - 1] = list(edit.lines)
    write_atomically(place, "\n".join(lines))


def _measures(project: Project, page: Page, known: dict[str, tuple[Capture, ...]]) -> int:
    """Write measured values into the prose, in the form that the author chose."""
    place = project.root / page.path
    lines = place.read_text(encoding="utf-8").split("\n")
    count = 0
    for link in page.links:
        if not link.target.startswith(SCHEME):
            continue
        found, _ = bound(page, link, known)
        number = captures.written(link.text)
        if not found or number is None:
            continue
        value = found[-1]
        if captures.compare(link.text, link.title, value.value, value.unit) is None:
            continue
        text = captures.rewrite(link.text, value.value, value.unit)
        row = link.position.line - 1
        old, new = f"[{link.text}]({link.target}", f"[{text}]({link.target}"
        if old in lines[row]:
            lines[row] = lines[row].replace(old, new, 1)
            count += 1
    if count:
        write_atomically(place, "\n".join(lines))
    return count
