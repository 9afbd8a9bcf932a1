"""Transcripts and scripts: run in the page's bash from top to bottom, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import programs
from assay.bench import Bench
from assay.model import Finding, Unit
from assay.plan import is_file
from assay.session import Session

NAME = "console"


def claims(unit: Unit) -> bool:
    """The console and bash blocks of one session."""
    return unit.kind == "session"


def tools() -> Mapping[str, str]:
    """Programs found on PATH are hashed into the key one by one."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Run the blocks in page order; the first finding ends the session."""
    programs.require(unit, bench.site.settings)
    bench.stage()
    files = {str(b.index): b.text for b in unit.blocks if is_file(b)}
    with bench.shell(files) as shell:
        session = Session(unit, bench, shell, NAME)
        for position, block in enumerate(unit.blocks):
            if block.language == "output":
                continue
            found = list(session.run(position))
            yield from found
            if found and (session.stopped or not bench.site.rewriting):
                return
