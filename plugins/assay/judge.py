"""Judge one unit: run its chain of checks and make the evidence from what happened."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from assay import __version__, headers, programs, yamlwraps
from assay.bench import Bench, Prepared, Site
from assay.checkers import Checker, chain
from assay.evidence import Record, Result, relative
from assay.folder import Folder
from assay.judges import Answers
from assay.model import Finding, Status, Unit
from assay.project import Project, needs_box, needs_folder

NOTHING = Folder((), "", "")
# These look at what the page has written, all others at what it means.
TEXT = ("fence", "typography")


def judge(
    project: Project,
    unit: Unit,
    site: Site,
    claimants: frozenset[str],
    prepared: Prepared | None = None,
    answers: Answers | None = None,
) -> Record:
    """Run the chain; raises UnableError where a check can't be made."""
    checks = chain(unit)
    folder = project.folder(unit.page) if needs_folder(unit) else NOTHING
    boxed = needs_box(unit, checks)
    tier = project.tier if boxed else ""
    project.warm(unit, folder)
    bench = Bench(unit, folder, project.boxes, site, claimants, prepared, answers)
    try:
        findings, results = _run(unit, checks, bench)
    finally:
        bench.close()
    if findings and prepared:  # only what the unit does by itself makes a finding
        return judge(project, unit, site, claimants, answers=answers)
    tools = {name: value for c in checks for name, value in c.tools().items()}
    if unit.toolchain:
        tools["go"] = unit.toolchain
    tools |= {p.name: p.pin for p in programs.brought(unit, project.settings)}
    return _record(project, unit, site, bench, tier, tools, findings, results)


def _record(
    project: Project, unit: Unit, site: Site, bench: Bench, tier: str,
    tools: dict[str, str], findings: list[Finding], results: list[Result],
) -> Record:  # fmt: skip
    places = {b.index: n for n, b in enumerate(unit.blocks)}
    records = bench.records
    return Record(
        key=project.key(unit, site),
        kind=unit.kind,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        tier=tier,
        toolchain=unit.toolchain,
        tools={"assay": __version__, **tools},
        inputs=project.inputs(unit),
        results=tuple(results),
        findings=tuple(relative(f, unit) for f in findings),
        commands=tuple(
            (None if n is None else places.get(n), command) for n, command in records.commands
        ),
        captures=tuple((places[n], c) for n, c in records.captures),
        outputs={str(places[n]): tuple(v) for n, v in records.outputs.items() if n in places},
        kept=dict(records.kept),
        logs=dict(records.logs),
    )


def _run(unit: Unit, checks: Iterable[Checker], bench: Bench) -> tuple[list[Finding], list[Result]]:
    results: list[Result] = []
    everything: list[Finding] = []
    for checker in checks:
        expected = _expected(unit, checker.NAME)
        if unit.kind == "block":
            bench.enter(unit.block)
        given = unit if checker.NAME in TEXT else yamlwraps.whole(unit)
        findings = list(checker.check(given, bench))
        if unit.kind == "block" and _elsewhere(unit, findings):
            return everything + findings, [*results, *_every(unit, checker.NAME, "blocked")]
        if expected is not None:
            findings, status = _as_shown(unit, checker.NAME, findings, expected)
            return everything + findings, [*results, *_every(unit, checker.NAME, status)]
        everything += findings
        results += _results(unit, checker.NAME, findings, bench)
        if findings and unit.kind != "page":
            break
    return everything, results


def _expected(unit: Unit, check: str) -> re.Pattern[str] | None:
    """The message with which the page says that this check fails here."""
    for block in unit.blocks:
        try:
            wanted = headers.fails(block)
        except ValueError:  # the fence check says so
            continue
        if wanted is None or wanted.check != check:
            continue
        only = block.option("fails_on")
        if only and not f"{unit.toolchain}.".startswith(f"{only}."):
            return None
        return wanted.pattern
    return None


def _elsewhere(unit: Unit, findings: list[Finding]) -> bool:
    """Whether all that was found is in the blocks in scope: this block isn't reached then."""
    lines = {(o.path, o.line) for b in unit.before for o in b.origins}
    return bool(findings) and all((f.position.path, f.position.line) in lines for f in findings)


def _as_shown(
    unit: Unit, check: str, findings: list[Finding], wanted: re.Pattern[str]
) -> tuple[list[Finding], Status]:
    if any(wanted.search(f.message) for f in findings):
        return [], "failed-as-shown"
    where = f" with Go {unit.toolchain}" if unit.toolchain else ""
    if findings:
        seen = findings[0].message
        message = f"fails= expects {wanted.pattern!r}, but {check} says{where}: {seen}"
    else:
        message = f"fails= expects {check} to fail with {wanted.pattern!r}, but it passes{where}"
    return [Finding(unit.block.header, check, message)], "failed"


def _every(unit: Unit, check: str, status: Status) -> list[Result]:
    if unit.kind == "page":
        return [Result(None, check, status)]
    if unit.kind == "block":
        return [Result(0, check, status)]
    return [Result(n, check, status) for n, b in enumerate(unit.blocks) if b.language == "go"]


def _results(unit: Unit, check: str, findings: list[Finding], bench: Bench) -> list[Result]:
    """The verdict on each block: where a finding stands, what ran, what was never reached."""
    if unit.kind in ("page", "block"):
        made = _every(unit, check, "failed" if findings else "passed")
        outputs = [n for n, b in enumerate(unit.blocks) if n and b.index in bench.records.judged]
        return made + [Result(n, check, "failed" if findings else "passed") for n in outputs]
    faulty = {place for f in findings for place in (_place(unit, f),)}
    if unit.kind == "package":
        return [
            Result(n, check, "failed" if n in faulty else "passed")
            for n, b in enumerate(unit.blocks)
            if b.language == "go"
        ]
    results = []
    for place, block in enumerate(unit.blocks):
        if place in faulty:
            results.append(Result(place, check, "failed"))
        elif block.index in bench.records.judged:
            results.append(Result(place, check, "passed"))
        elif findings and block.index not in bench.records.entered:
            results.append(Result(place, check, "blocked"))
        elif block.index in bench.records.entered and block.option("file"):
            results.append(Result(place, check, "passed"))
    return results


def _place(unit: Unit, finding: Finding) -> int:
    where = finding.position
    for place, block in enumerate(unit.blocks):
        if any(o.path == where.path and o.line == where.line for o in block.origins):
            return place
    heads = [(n, b.header) for n, b in enumerate(unit.blocks)]
    before = [n for n, h in heads if h.path == where.path and h.line <= where.line]
    return max(before, default=0)
