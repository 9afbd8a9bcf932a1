"""go vet has nothing to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import gosource
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "go-vet"


def claims(unit: Unit) -> bool:
    """Go code, under each toolchain."""
    return gosource.is_go(unit)


def tools() -> Mapping[str, str]:
    """The toolchain's version is part of every Go unit's key."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield vet's diagnostics on the author's lines."""
    if bench.proven(NAME):
        return
    bench.stage(gosource.texts(unit, bench))
    outcome = bench.go("vet", *gosource.packages(unit, bench))
    if not outcome.ok:
        yield from gosource.findings(outcome.output, NAME, unit, bench)
