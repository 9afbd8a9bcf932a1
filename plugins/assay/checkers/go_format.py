"""Go code is formatted as gofmt formats it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import diagnostics, fragments, gosource
from assay.bench import Bench
from assay.model import Block, Finding, Unit

NAME = "go-format"


def claims(unit: Unit) -> bool:
    """Go code, under each toolchain (gofmt changes with Go)."""
    return gosource.is_go(unit)


def tools() -> Mapping[str, str]:
    """The toolchain's version is part of every Go unit's key."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield syntax errors, else the first line that gofmt would write differently."""
    if bench.proven(NAME):
        return
    if gosource.shows_fragment(unit):
        yield from _part(unit, bench)
        return
    work = bench.stage(gosource.texts(unit, bench))
    sources = gosource.sources(unit, bench)
    for name in gosource.judged_files(unit, bench):
        outcome = bench.gofmt(name)
        if outcome.verdict != "exit":
            yield Finding(unit.block.header, NAME, f"gofmt was stopped: {outcome.describe()}")
            return
        if not outcome.ok:
            found = diagnostics.findings(outcome.output, NAME, sources, unit.block)
            yield next(found)  # what the parser says after it is mostly of the same cause
            continue
        real = (work / name).read_text(encoding="utf-8")
        yield from _compared(real, outcome.output, sources.get(name), unit)


def _part(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Judge a fragment as it stands, whatever it is closed with."""
    unread = list(fragments.unclosed(unit, bench, NAME))
    if unread:
        yield from unread
        return
    lead = fragments.lead(unit, bench)
    outcome = bench.gofmt_part(lead + unit.block.text)
    if outcome.ok:
        wanted = outcome.output.removeprefix(lead)
        yield from _compared(unit.block.text, wanted, unit.block, unit)
    else:
        yield Finding(unit.block.header, NAME, f"gofmt can't read it: {outcome.output.strip()}")


def _compared(real: str, wanted: str, source: Block | str | None, unit: Unit) -> Iterator[Finding]:
    seen, right = real.split("\n"), wanted.split("\n")
    line = _first_difference(seen, right)
    if line is not None:
        where = diagnostics.place(source, line, 1, unit.block)
        shown = repr(right[line - 1]) if line <= len(right) else "nothing more"
        yield Finding(where, NAME, f"not formatted; gofmt writes {shown} here")


def _first_difference(real: list[str], wanted: list[str]) -> int | None:
    for number, (seen, right) in enumerate(zip(real, wanted, strict=False), 1):
        if seen != right:
            return number
    return None if len(real) == len(wanted) else min(len(real), len(wanted)) + 1
