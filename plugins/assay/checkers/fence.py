"""Header, options, language, and whether anything checks the block at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from assay import fragments, headers, kinds
from assay.bench import Bench
from assay.model import BROKEN, Finding, Unit

NAME = "fence"
LANGUAGES = tuple(sorted({
    "diagrams", "go", "json", "mermaid", "output", "text", "toml", "yaml", *kinds.LANGUAGES,
}))  # fmt: skip


def claims(unit: Unit) -> bool:
    """Every fence, once."""
    return unit.kind == "block" and unit.toolchain is None


def tools() -> Mapping[str, str]:
    """Judged by assay itself."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield the first thing that is wrong with the header: one cause, one finding."""
    if broken := unit.page.include_faults(unit.block):
        yield broken[0]  # already a finding of the page: the block fails with it
        return
    for message in _faults(unit, bench):
        yield Finding(unit.block.header, NAME, message)
        return


def _faults(unit: Unit, bench: Bench) -> Iterator[str]:
    block = unit.block
    broken = block.option(BROKEN)
    if broken is not None:
        yield f'header {broken!r} can\'t be read; write lang key="value" …'
        return
    yield from headers.faults(block)
    if block.option("skip"):
        return
    if block.language not in LANGUAGES:
        yield f"unknown language {block.language!r}; allowed are {_quoted(LANGUAGES)}, or skip="
    named = (block.option("fails") or "").partition(":")[0].strip()
    judges = {*bench.claimants, NAME, "typography"}
    if named and named not in judges:
        yield f"fails= names {named!r}, which doesn't judge this block; {_quoted(judges)} do"
    yield from fragments.faults(unit)
    pinned = bench.boxes.toolchains.versions
    yield from headers.versions(block, pinned)
    yield from _kind(unit, bench)
    yield from headers.compared(block, unit.page, pinned)
    if block.language == "text" and not block.option("file") and not bench.claimants:
        yield 'text is checked by nothing; write file="…" or skip="reason"'
    if not block.text.strip():
        yield "the block is empty; delete it or give it content"


def _kind(unit: Unit, bench: Bench) -> Iterator[str]:
    block, kind = unit.block, unit.block.option("kind")
    if kind is not None and kind not in kinds.NAMES:
        yield f"unknown kind {kind!r}; allowed are {_quoted(kinds.NAMES)}"
    elif (
        block.language == "yaml"
        and {kind, block.option("schema")} == {None}
        and bench.claimants == {"data"}
    ):
        yield (
            f"no check recognises this YAML; it could be {kinds.recognisable()}; add what is "
            f"missing, or name its kind= {_quoted(kinds.NAMES)}, its schema=, or what it is a part "
            "of, wrap="
        )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(n) for n in sorted(names))
