"""A package that has tests passes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay import diagnostics, gosource, headers
from assay.bench import Bench
from assay.model import Finding, Position, Unit

NAME = "go-test"
CRASH = re.compile(r"^((?:panic|fatal error): .*?)(?: \[recovered.*)?$", re.MULTILINE)
FRAME = re.compile(r"^\t/work/(\S+\.go):(\d+)", re.MULTILINE)
EXAMPLE = re.compile(
    r"^--- FAIL: (Example\w*).*\ngot:\n(.*?)\nwant:\n(.*?)\n(?=FAIL|---)", re.MULTILINE | re.DOTALL
)


def claims(unit: Unit) -> bool:
    """Go packages; a program that is run has no tests, and a fragment is never run."""
    ran = gosource.is_program(unit) or gosource.shows_fragment(unit)
    return gosource.is_go(unit) and not ran


def tools() -> Mapping[str, str]:
    """The toolchain's version is part of every Go unit's key."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what fails, at the line that the test names."""
    work = bench.stage(gosource.texts(unit, bench))
    limit = unit.block.option("timeout")
    timeout = ("-timeout", f"{headers.seconds(limit):g}s") if limit else ()
    for package in gosource.packages(unit, bench):
        if not any((work / package).glob("*_test.go")):
            continue
        outcome = bench.go_in_session("test", "-count=1", "-vet=off", *timeout, package)
        if outcome.verdict != "exit":
            yield Finding(unit.block.header, NAME, f"the tests were stopped: {outcome.describe()}")
        elif not outcome.ok:
            folder = package.removeprefix("./").rstrip(".")
            yield from _failures(unit, bench, f"{folder}/" if folder else "", outcome.output)


def _failures(unit: Unit, bench: Bench, prefix: str, output: str) -> Iterator[Finding]:
    sources = gosource.sources(unit, bench)
    if crash := CRASH.search(output):
        frame = FRAME.search(output, crash.end())
        name, line = (frame[1], int(frame[2])) if frame else ("", 1)
        where = diagnostics.place(sources.get(name), line, 1, unit.block)
        yield Finding(where, NAME, crash[1])
        return
    examples = list(EXAMPLE.finditer(output))
    for example in examples:
        message = f"{example[1]}: got: {example[2]} want: {example[3]}"
        yield Finding(_function(unit, example[1]), NAME, " ".join(message.split()))
    # a failing test names its file alone; the package's folder makes it a path again
    output = re.sub(r"(?m)^ +(\w[\w.-]*\.go:\d+: )", rf"{prefix}\1", output)
    failed = [line for line in output.splitlines() if ".go:" in line]
    if failed or not examples:
        text = "\n".join(failed) or output
        yield from gosource.findings(text, NAME, unit, bench)


def _function(unit: Unit, name: str) -> Position:
    """Where a page declares a function; the first fence if it doesn't."""
    for block in unit.blocks:
        if found := re.search(rf"^func {name}\(", block.text, re.MULTILINE):
            return block.at(block.text.count("\n", 0, found.start()) + 1)
    return unit.block.header
