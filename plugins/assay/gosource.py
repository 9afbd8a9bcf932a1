"""How Go blocks become files: names, packages, and the way back to the author's line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import diagnostics, fragments, plan
from assay.bench import Bench
from assay.model import Block, Finding, Unit
from assay.plan import TESTING, is_file, is_fragment, is_region


def file_of(block: Block) -> str:
    """Where the block's text stands in the folder; a block without file= is its own package."""
    named = block.option("file")
    if named:
        return named
    name = "main_test.go" if TESTING.search(block.text) else "main.go"
    return f"block{block.index + 1}/{name}"


def texts(unit: Unit, bench: Bench) -> Mapping[str, str]:
    """The files that the unit's fences supply; a later fence replaces an earlier one."""
    if shows_fragment(unit):
        return fragments.closed(unit, bench).files
    fences = [b for b in (*unit.before, *unit.blocks) if is_file(b) or b is unit.block]
    return {file_of(b): b.text for b in fences if not (is_region(b) and not is_file(b))}


def sources(unit: Unit, bench: Bench) -> diagnostics.Sources:
    """Map folder paths to what supplied them: a fence, a file of the repository, or assay."""
    found: dict[str, Block | str] = {t: s for t, s, _ in bench.folder.files}
    if shows_fragment(unit):
        return {**found, **fragments.sources(unit)}
    for block in (*unit.before, *unit.blocks):
        if is_file(block) or (block is unit.block and not is_region(block)):
            found[file_of(block)] = block
    return found


def findings(output: str, check: str, unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Turn what the toolchain printed into findings on the author's lines."""
    known = sources(unit, bench)
    if shows_fragment(unit):
        output = fragments.tidied(output)
        if not output:
            return
        found = diagnostics.findings(output, check, known, unit.block)
        yield from fragments.explained(found, unit, bench)
    else:
        yield from diagnostics.findings(output, check, known, unit.block)


def judged_files(unit: Unit, bench: Bench) -> tuple[str, ...]:
    """The Go files of the folder that this unit's fences show, sorted."""
    if shows_fragment(unit):
        return (fragments.file_of(unit),)
    found: set[str] = set()
    for block in unit.blocks:
        if block.language != "go":
            continue
        if is_region(block) and not is_file(block):
            targets = (bench.folder.target(n) for n in block.included if n.endswith(".go"))
            found.update(t for t in targets if t)
        else:
            found.add(file_of(block))
    return tuple(sorted(found))


def packages(unit: Unit, bench: Bench) -> tuple[str, ...]:
    """The package patterns of those files, for the go command."""
    folders = {name.rpartition("/")[0] for name in judged_files(unit, bench)}
    return tuple(f"./{f}" if f else "." for f in sorted(folders))


def is_program(unit: Unit) -> bool:
    """Whether the unit is one fence with a main package of its own, to be run."""
    return unit.kind == "block" and unit.toolchain is not None and plan.is_program(unit.block)


def is_go(unit: Unit) -> bool:
    """Whether the unit is Go code under one toolchain."""
    return unit.kind in ("block", "package") and unit.toolchain is not None


def shows_fragment(unit: Unit) -> bool:
    """Whether the unit is a part of a Go file under one toolchain: closed, and never run."""
    return unit.kind == "block" and unit.toolchain is not None and is_fragment(unit.block)
