"""A program runs to exit 0, and prints what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay import gosource, headers, outputs
from assay.bench import Bench
from assay.model import Finding, Unit
from assay.plan import chosen

NAME = "go-run"
CRASH = re.compile(r"^(?:panic|fatal error): .*", re.MULTILINE)


def claims(unit: Unit) -> bool:
    """A fence with a main package of its own."""
    return gosource.is_program(unit)


def tools() -> Mapping[str, str]:
    """The toolchain's version is part of every Go unit's key."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield a wrong exit, differing output, or a value that can't be captured."""
    block = unit.block
    limit = block.option("timeout")
    outcome = bench.execute("main", headers.seconds(limit) if limit else None)
    if not outcome.ok:
        said = _said(outcome.output)
        message = f"the program ended with {outcome.describe()}"
        yield Finding(block.header, NAME, f"{message}: {said}" if said else message)
        return
    yield from expected_output(unit, bench, outcome.output)
    yield from outputs.captured(block, bench, outcome.output, NAME)


def _said(output: str) -> str:
    """What a crash says of itself, else the end of the output."""
    crash = CRASH.search(output)
    return crash[0] if crash else " ".join(output.strip().split("\n")[-3:])[-300:]


def expected_output(unit: Unit, bench: Bench, output: str) -> Iterator[Finding]:
    """Compare with the `output` block that holds for this toolchain."""
    every = bench.boxes.toolchains.versions
    for block in unit.blocks[1:]:
        if unit.toolchain not in chosen(block, every, every):
            continue
        bench.enter(block)
        bench.show(block, output)
        yield from outputs.compare(block, output, NAME)
