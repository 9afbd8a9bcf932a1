"""What a run tells: findings and errors with their places, blocks, a summary; three renderings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assay import scrub
from assay.diagnostics import shown_at
from assay.errors import Exit
from assay.model import Finding, Position
from assay.runner import Run
from assay.settled import RANK, Job, Line


@dataclass(frozen=True)
class Report:
    """The run, ready to be rendered."""

    pages: int
    findings: tuple[Finding, ...]
    errors: tuple[Finding, ...]
    blocks: tuple[Line, ...]
    started: int
    recorded: tuple[str, ...] = ()
    """Why blocks were taken from the proof lock, each reason once."""

    @property
    def exit_code(self) -> Exit:
        """3 wins over 1: what could not be checked is worse than what is wrong."""
        if self.errors:
            return Exit.UNABLE
        return Exit.FINDINGS if self.findings else Exit.OK

    @property
    def summary(self) -> dict[str, int]:
        """Counts by status, and of pages, findings, errors and cached blocks."""
        counts = dict.fromkeys(RANK, 0)
        for block in self.blocks:
            counts[block.status] += 1
        return {
            "pages": self.pages,
            "blocks": len(self.blocks),
            "cached": sum(b.cached for b in self.blocks),
            "findings": len(self.findings),
            "errors": len(self.errors),
            "processes": self.started,
            **counts,
        }


def make(run: Run, started: int, more: Iterable[Finding] = ()) -> Report:
    """Collect a run's findings: one per cause, whatever the number of toolchains."""
    findings = [*more, *(f for p in run.pages for f in p.problems)]
    findings += [f for job in run.jobs for f in _findings(job)]
    if run.only:
        findings = [f for f in findings if f.check == run.only]
    errors = [Finding(Position(path, 1), "read", text) for path, text in run.failures]
    errors += [_error(job) for job in run.jobs if job.unable]
    return Report(
        pages=len(run.paths),
        findings=_once(findings),
        errors=_once_per_message(errors),
        blocks=run.lines,
        started=started,
        recorded=tuple(dict.fromkeys(j.recorded for j in run.jobs if j.recorded)),
    )


def _findings(job: Job) -> Iterator[Finding]:
    if job.record:
        for finding in job.record.located(job.unit):
            yield shown_at(finding, job.unit.blocks)


def _error(job: Job) -> Finding:
    from assay.checkers import chain

    unit = job.unit
    where = unit.block.header if unit.blocks else Position(unit.page.path, 1)
    names = [c.NAME for c in chain(unit) if c.NAME != "fence"]
    return Finding(where, names[0] if names else "fence", job.unable)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    first: dict[tuple[Position, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.position, finding.check), finding)
    return tuple(sorted(first.values(), key=lambda f: (_order(f.position), f.check)))


def _once_per_message(errors: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same inability on many blocks is told once, at the first."""
    first: dict[str, Finding] = {}
    for error in sorted(errors, key=lambda e: _order(e.position)):
        first.setdefault(error.message, error)
    return tuple(first.values())


def _order(position: Position) -> tuple[str, int, int]:
    return position.path, position.line, position.column


def lines(report: Report, style: str, root: Path) -> Iterator[str]:
    """The report in one of its three renderings."""
    if style == "json":
        yield as_json(report)
    else:
        yield from as_github(report) if style == "github" else as_text(report, root)


def as_json(report: Report) -> str:
    """The report as one object, kept by report.schema.json."""
    made = {
        "findings": [_place(f) for f in report.findings],
        "errors": [_place(f) for f in report.errors],
        "blocks": [
            {
                "page": b.page, "line": b.line, "language": b.language, "status": b.status,
                "checks": list(b.checks), "cached": b.cached,
            }
            for b in report.blocks
        ],
        "summary": report.summary,
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False, indent=1)


def _place(finding: Finding) -> dict[str, object]:
    where = finding.position
    return {
        "path": where.path, "line": where.line, "column": where.column,
        "check": finding.check, "message": finding.message,
    }  # fmt: skip


def as_text(report: Report, root: Path) -> Iterator[str]:
    """Findings with the source line and a caret, then the summary."""
    for finding in (*report.findings, *report.errors):
        yield _told(finding)
        yield from _excerpt(root, finding.position)
    yield summary_line(report)
    for reason in report.recorded:
        yield f"recorded in evidence.lock and not judged here: {reason}"


def _excerpt(root: Path, where: Position) -> Iterator[str]:
    try:
        path = (root / where.path).resolve(strict=True)
        if root.resolve() not in path.parents or not path.is_file():
            return  # a link that leaves the repository, or a pipe
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, RuntimeError, UnicodeDecodeError):
        return
    if 0 < where.line <= len(lines):
        line = lines[where.line - 1].rstrip("\r")
        before = line[: where.column - 1]
        pad = "".join("\t" if c == "\t" else "　" if ord(c) > 0x2E80 else " " for c in before)
        yield f"  | {line}"
        yield f"  | {pad}^"


def summary_line(report: Report) -> str:
    """One line for the end."""
    counts = report.summary
    shown = [f"{counts[s]} {s}" for s in reversed(RANK) if counts[s]]
    fresh = counts["blocks"] - counts["cached"]
    return (
        f"{counts['pages']} pages, {counts['blocks']} blocks: {', '.join(shown) or 'none'}; "
        f"{counts['findings']} findings, {counts['errors']} errors; {fresh} judged now, "
        f"{report.started} processes"
    )


def as_github(report: Report) -> Iterator[str]:
    """Workflow commands: GitHub shows ten a step, so the first ten, then the summary."""
    every = (*report.findings, *report.errors)
    for finding in every[:10]:
        where = finding.position
        place = f"file={_escaped(where.path, ':,')},line={where.line},col={where.column}"
        yield f"::error {place},title={finding.check}::{_escaped(finding.message)}"
    yield from (_told(finding) for finding in every[10:])
    yield summary_line(report)


def _told(finding: Finding) -> str:
    """One line that no CI runner takes for a command."""
    where = finding.position
    message = " ".join(finding.message.split("\n"))
    line = f"{where.path}:{where.line}:{where.column}: {message} [{finding.check}]"
    return scrub.github(line)


def _escaped(text: str, more: str = "") -> str:
    """Escape as actions/toolkit does: data, and `more` in a property."""
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
