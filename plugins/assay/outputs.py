"""Compare real output with the page, and take numbers out of it."""

from __future__ import annotations

from collections.abc import Iterator

from assay import captures
from assay.bench import Bench
from assay.model import Block, Finding
from assay.sources import transcript


def compare(block: Block, output: str, check: str) -> Iterator[Finding]:
    """Yield the first line of an `output` block that differs from the real output."""
    wanted = transcript.shown_lines(block.text)
    names = tuple((block.option("normalize") or "").split())
    found = transcript.difference(wanted, transcript.shown_lines(output), names)
    if found:
        index, seen = found
        where, message = block.header, f"the real output goes on with {seen}"
        if index < len(wanted) and seen == "nothing more":
            message = f"the real output ends before {wanted[index]!r}"
        elif index < len(wanted):
            where, message = block.at(index + 1), f"the real output has {seen} here"
        yield Finding(where, check, f"{message}; run assay accept to take it")


def captured(block: Block, bench: Bench, output: str, check: str) -> Iterator[Finding]:
    """Take the block's captures out of the output."""
    for spec in captures.specs(block.option("capture") or "") if block.option("capture") else ():
        value = captures.take(spec, output)
        if value is None:
            message = f"capture {spec.name!r} found nothing for {spec.pattern.pattern!r}"
            yield Finding(block.header, check, message)
        else:
            bench.capture(block, spec.name, value, spec.unit)


def compare_step(block: Block, step: transcript.Step, output: str, check: str) -> Iterator[Finding]:
    """Yield where a command's output differs: on the page's line, or on the command."""
    names = tuple((block.option("normalize") or "").split())
    real = transcript.shown_lines(output)
    found = transcript.difference(step.expected, real, names)
    if not found:
        return
    index, seen = found
    if index >= len(step.expected):
        message = f"the real output goes on with {seen}; run assay accept to take it"
        yield Finding(block.at(step.line), check, message)
    elif seen == "nothing more":
        message = f"the real output ends before {step.expected[index]!r}"
        yield Finding(block.at(step.line), check, f"{message}; run assay accept to take it")
    else:
        message = f"the real output has {seen} here; run assay accept to take it"
        yield Finding(block.at(step.expected_line + index), check, message)
