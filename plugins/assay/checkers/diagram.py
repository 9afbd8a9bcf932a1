"""Architecture pictures: the `diagrams` code runs in a box, its SVG is made fit for the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version

from assay.bench import Bench
from assay.errors import UnableError
from assay.model import Finding, Unit
from assay.outcome import Verdict
from assay.pictures.diagrams import NO_LIBRARY, SCRIPT, embed
from assay.pictures.sanitise import SvgError

NAME = "diagram"
UNTITLED = 'the diagram has no title; write title="…" with what the picture says'
FAULT = re.compile(r"^assay-diagram:(\d+):(.+)$", re.MULTILINE)


def claims(unit: Unit) -> bool:
    """Fences with Python code for the `diagrams` library."""
    return unit.kind == "block" and unit.block.language == "diagrams"


@cache
def tools() -> Mapping[str, str]:
    """The library, and the layout engine that it calls as `dot`."""
    return {name: version(name) for name in ("diagrams", "graphviz-pure")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield faults of the code at their line; keep the drawing."""
    block = unit.block
    title = (block.option("title") or "").strip()
    if not title:
        yield Finding(block.header, NAME, UNTITLED)
    ran = bench.run(
        ("python3", "-P", "-s", "driver.py", "picture.py", "picture.svg"),
        files={"driver.py": SCRIPT, "picture.py": block.text},
        fetch=("picture.svg",),
        python=True,
    )
    fault = FAULT.search(ran.outcome.output)
    if fault:
        yield Finding(block.at(int(fault[1])), NAME, fault[2])
        return
    if ran.outcome.verdict is Verdict.SANDBOX_ERROR or ran.outcome.code == NO_LIBRARY:
        raise UnableError(f"the diagram can't be drawn: {ran.outcome.output.strip()[-300:]}")
    if not ran.outcome.ok or "picture.svg" not in ran.files:
        ended = f"the code ended with {ran.outcome.describe()} and left no picture; simplify it"
        yield Finding(block.header, NAME, ended)
        return
    try:
        picture = ran.files["picture.svg"].decode()
        bench.keep("diagram.svg", embed(picture, f"d{block.digest[:10]}", title))
    except (SvgError, UnicodeError) as error:
        yield Finding(block.header, NAME, str(error))
