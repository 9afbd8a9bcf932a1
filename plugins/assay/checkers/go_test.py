"""A package that has tests passes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay import diagnostics, gosource
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "go-test"


def claims(unit: Unit) -> bool:
    """Go packages; a program that is run has no tests."""
    return gosource.is_go(unit) and not gosource.is_program(unit)


def tools() -> Mapping[str, str]:
    """The toolchain's version is part of every Go unit's key."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what fails, at the line that the test names."""
    work = bench.stage(gosource.texts(unit))
    packages = gosource.packages(unit, bench)
    if not any(list((work / p).glob("*_test.go")) for p in packages):
        return
    outcome = bench.go_in_session("test", "-count=1", *packages)
    if outcome.ok:
        return
    if outcome.verdict != "exit":
        yield Finding(unit.block.header, NAME, f"the tests were stopped: {outcome.describe()}")
        return
    folder = packages[0].removeprefix("./").rstrip(".")
    prefix = f"{folder}/" if folder else ""
    # a failing test names its file alone; the package's folder makes it a path again
    output = re.sub(r"(?m)^ +(\w[\w.-]*\.go:\d+: )", rf"{prefix}\1", outcome.output)
    failed = [line for line in output.splitlines() if ".go:" in line] or [output]
    sources = gosource.sources(unit, bench)
    yield from diagnostics.findings("\n".join(failed), NAME, sources, unit.block)
