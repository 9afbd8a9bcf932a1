"""Go code compiles, and programs link, under each toolchain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import declared, fragments, gosource
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "go-build"


def claims(unit: Unit) -> bool:
    """Go code, under each toolchain."""
    return gosource.is_go(unit)


def tools() -> Mapping[str, str]:
    """The toolchain's version is part of every Go unit's key."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield the compiler's and linker's errors on the author's lines."""
    if bench.proven(NAME):
        return
    if gosource.shows_fragment(unit) and (open_ := list(fragments.unclosed(unit, bench, NAME))):
        yield from open_
        return
    bench.stage(gosource.texts(unit, bench))
    packages = gosource.packages(unit, bench)
    if gosource.shows_fragment(unit):
        outcome = bench.go(*fragments.compiling(unit), *packages)
    elif gosource.is_program(unit):
        outcome = bench.go("build", "-ldflags=-s -w", "-o", "/out/main", *packages)
    else:  # test files too: `go build` doesn't read them, `go list` alone doesn't link them
        outcome = bench.go("build", "-ldflags=-s -w", "-o", "/dev/null", *packages)
        if (
            outcome.ok and any(n.endswith("_test.go") for n in gosource.judged_files(unit, bench))
        ) or "no non-test Go files" in outcome.output:
            outcome = bench.go("list", "-export", "-test", "-f", "{{.ImportPath}}", *packages)
    if outcome.ok:
        declared.note(unit, bench)
        return
    if outcome.verdict != "exit":
        message = f"the compiler was stopped: {outcome.describe()}"
        yield Finding(unit.block.header, NAME, message)
        return
    yield from gosource.findings(outcome.output, NAME, unit, bench)
