"""Go code is formatted as gofmt formats it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import diagnostics, gosource
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "go-format"


def claims(unit: Unit) -> bool:
    """Go code, under each toolchain (gofmt changes with Go)."""
    return gosource.is_go(unit)


def tools() -> Mapping[str, str]:
    """The toolchain's version is part of every Go unit's key."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield syntax errors, else the first line that gofmt would write differently."""
    work = bench.stage(gosource.texts(unit))
    sources = gosource.sources(unit, bench)
    for name in gosource.judged_files(unit, bench):
        outcome = bench.gofmt(name)
        if not outcome.ok:
            found = diagnostics.findings(outcome.output, NAME, sources, unit.block)
            yield next(found)  # what the parser says after it is mostly of the same cause
            continue
        real = (work / name).read_text(encoding="utf-8").split("\n")
        wanted = outcome.output.split("\n")
        line = _first_difference(real, wanted)
        if line is not None:
            where = diagnostics.place(sources.get(name), line, 1, unit.block)
            shown = repr(wanted[line - 1]) if line <= len(wanted) else "nothing more"
            yield Finding(where, NAME, f"not formatted; gofmt writes {shown} here")


def _first_difference(real: list[str], wanted: list[str]) -> int | None:
    for number, (seen, right) in enumerate(zip(real, wanted, strict=False), 1):
        if seen != right:
            return number
    return None if len(real) == len(wanted) else min(len(real), len(wanted)) + 1
