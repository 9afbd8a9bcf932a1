"""Decide what is judged together: a page becomes units. Pure, so check and build agree."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from assay.model import Block, Page, Unit

TESTING = re.compile(r'^\s*(?:import\s+)?"testing"\s*$', re.MULTILINE)
_MAIN = re.compile(r"^package\s+main\s*$", re.MULTILINE)
SESSION_LANGUAGES = ("bash", "console")
_COMPLETE = re.compile(r"(?:\s|//[^\n]*(?:\n|\Z)|/\*.*?\*/)*package\b", re.DOTALL)
# What refers to other files of its page, by language: packages, rule files, kinds of templates.
_REFERRING = {
    "proto": re.compile(r"^import\b", re.MULTILINE),
    "rego": re.compile(r"^package\b", re.MULTILINE),
    "yaml": re.compile(r"^rule_files:|^apiVersion:\s*constraints\.", re.MULTILINE),
}
# Languages whose files are compiled together, whatever their order on the page.
_FOLDERS = ("proto", "rego")
_DEFINING = re.compile(r"^kind:\s*ConstraintTemplate\b", re.MULTILINE)


def units(page: Page, toolchains: Sequence[str]) -> tuple[Unit, ...]:
    """List the page's units: fences first, then packages, programs and sessions, then the page."""
    judged = [b for b in page.blocks if not b.option("skip")]
    made = [
        Unit("block", page, (b, *_output_of(b, page)), None, (*nameable(b, page), *beside(b, page)))
        for b in page.blocks
    ]
    made += _packages(page, judged, toolchains)
    made += _programs(page, judged, toolchains)
    made += _sessions(page, judged, toolchains)
    made.append(Unit("page", page, ()))
    return tuple(made)


def signature(unit: Unit) -> str:
    """Name a unit by what the page says: block contents, order, toolchain (not positions)."""
    parts = [
        unit.kind,
        unit.toolchain or "",
        unit.page.lab or "",
        [b.digest for b in unit.blocks],
        [b.digest for b in unit.before],
        [unit.page.digest, unit.page.inputs] if unit.kind == "page" else "",
        unit.block.index if unit.kind == "block" and unit.toolchain else "",
        _followed(unit),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def _followed(unit: Unit) -> str:
    """What an `output` block stands behind: its verdict depends on it."""
    if unit.kind != "block" or unit.block.language != "output":
        return ""
    last = _before(unit.block, unit.page)
    return last.digest if last else ""


def chosen(block: Block, toolchains: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """Resolve the block's `go=` against the pinned versions, in their order."""
    names = (block.option("go") or "").split()
    if not names:
        return tuple(default)
    return tuple(t for t in toolchains if any(t == n or t.startswith(n + ".") for n in names))


def is_file(block: Block) -> bool:
    """Whether the fence is a file of the page's folder."""
    return bool(block.option("file"))


def inside(name: str) -> bool:
    """Whether a path stays in the folder that it starts from."""
    path = PurePosixPath(name)
    return bool(name.strip()) and not path.is_absolute() and ".." not in path.parts


def is_region(block: Block) -> bool:
    """Whether the fence shows code of a Go file of the repository."""
    return block.language == "go" and any(n.endswith(".go") for n in block.included)


def is_fragment(block: Block) -> bool:
    """Whether the fence is a part of a Go file: it has no package clause."""
    if block.language != "go" or is_file(block) or is_region(block):
        return False
    return not _COMPLETE.match(block.text)


def nameable(block: Block, page: Page) -> tuple[Block, ...]:
    """The blocks that `context=` can mean: earlier Go blocks with a name, the last of each."""
    if not block.option("context"):
        return ()
    earlier = page.blocks[: block.index]
    named = {b.option("name"): b for b in earlier if b.language == "go" and b.option("name")}
    return tuple(sorted(named.values(), key=lambda b: b.index))


def beside(block: Block, page: Page) -> tuple[Block, ...]:
    """The blocks that a configuration is judged with: files that it may refer to.

    The earlier ones; of a language whose compiler reads a whole folder the later ones too, where
    no earlier block is that file.
    """
    wanted = _REFERRING.get(block.language)
    alone = block.language == "rego" and not is_file(block)
    if alone or wanted is None or not wanted.search(block.text):
        return ()
    others = [
        b for b in page.blocks
        if b.language == block.language and b is not block
        and (inside(b.option("file") or "") or _DEFINING.search(b.text))
        and not {"fails", "skip"} & {*dict(b.options)}
    ]  # fmt: skip
    found = [b for b in others if b.index < block.index]
    if block.language in _FOLDERS:
        names = {b.option("file") for b in found}
        found += [b for b in others if b.index > block.index and b.option("file") not in names]
    return tuple(found)


def together(unit: Unit) -> dict[str, Any]:
    """Name the files that a compiler reads with the unit's block, the last of each name."""
    own = unit.block.option("file") or f"block.{unit.block.language}"
    later = [b for b in unit.before if b.index > unit.block.index]
    earlier = [b for b in unit.before if b.index < unit.block.index]
    texts = {str(b.option("file")): b.text for b in (*reversed(later), *earlier)}
    texts[own] = unit.block.text
    return {"file": own, "files": [{"name": n, "text": t} for n, t in sorted(texts.items())]}


def context(block: Block, page: Page) -> tuple[Block, ...]:
    """The blocks in scope: those that `context=` names, with what is in scope for them."""
    found: dict[int, Block] = {}
    todo = [block]
    while todo:
        reader = todo.pop()
        names = (reader.option("context") or "").split()
        new = [b for b in nameable(reader, page) if b.option("name") in names]
        todo += [b for b in new if b.index not in found]
        found.update((b.index, b) for b in new)
    return tuple(found[n] for n in sorted(found))


def in_session(block: Block) -> bool:
    """Whether the fence runs in a bash session."""
    return block.language in SESSION_LANGUAGES and not is_file(block)


def is_program(block: Block) -> bool:
    """Whether the fence is a Go program that is run by itself."""
    if block.language != "go" or is_file(block) or is_region(block) or is_fragment(block):
        return False
    return bool(_MAIN.search(block.text)) and not TESTING.search(block.text)


def compared(block: Block, page: Page, toolchains: Sequence[str]) -> tuple[str, ...] | None:
    """The toolchains under which the program before an `output` block is run to its end.

    None where no program is before it: a file of the folder is run by the session only.
    """
    program = _before(block, page)
    if program is None or not (is_program(program) or is_script(program)):
        return None
    script = program.language == "bash"
    ran = chosen(program, toolchains, toolchains[-1:] if script else toolchains)
    only = program.option("fails_on")
    if program.option("fails"):
        ran = tuple(t for t in ran if only and not f"{t}.".startswith(f"{only}."))
    return ran


def is_script(block: Block) -> bool:
    """Whether the fence is a script that the session runs."""
    return block.language == "bash" and in_session(block)


def _before(output: Block, page: Page) -> Block | None:
    """The block that an `output` block stands behind."""
    before = reversed(page.blocks[: output.index])
    return next((b for b in before if b.language != "output"), None)


def _output_of(block: Block, page: Page) -> tuple[Block, ...]:
    """The `output` blocks right after a program or script, one per toolchain set."""
    found: list[Block] = []
    for later in page.blocks[block.index + 1 :]:
        if later.language != "output" or block.language not in ("go", "bash"):
            break
        found.append(later)
    return tuple(found)


def _programs(page: Page, judged: list[Block], toolchains: Sequence[str]) -> Iterator[Unit]:
    for block in judged:
        if block.language == "go" and not is_file(block) and not is_region(block):
            for toolchain in chosen(block, toolchains, toolchains):
                together = (block, *_output_of(block, page))
                yield Unit("block", page, together, toolchain, context(block, page))


def _packages(page: Page, judged: list[Block], toolchains: Sequence[str]) -> Iterator[Unit]:
    regions: dict[str, list[Block]] = {}
    for block in judged:
        if is_region(block) and not is_file(block):
            regions.setdefault(block.included[0].rpartition("/")[0], []).append(block)
    for group in regions.values():
        for toolchain in chosen(group[0], toolchains, toolchains):
            yield Unit("package", page, tuple(group), toolchain)
    before: list[Block] = []
    now: list[Block] = []
    for place in [*judged, None]:
        if place is not None and is_file(place):
            now.append(place)
            continue
        if place is None or in_session(place):
            if any(b.language == "go" for b in now):
                first = next(b for b in now if b.language == "go")
                for toolchain in chosen(first, toolchains, toolchains):
                    yield Unit("package", page, tuple(now), toolchain, tuple(before))
            before, now = before + now, []


def _sessions(page: Page, judged: list[Block], toolchains: Sequence[str]) -> Iterator[Unit]:
    names = {b.option("session") or "" for b in judged if in_session(b)}
    for name in sorted(names):
        own = [b for b in judged if in_session(b) and (b.option("session") or "") == name]
        steps: list[Block] = []
        for block in judged:
            if block in own:
                steps += [block, *(_output_of(block, page) if block.language == "bash" else ())]
            elif is_file(block) and not block.option("fails"):
                steps.append(block)
        newest = toolchains[-1:]
        used = {t for b in own for t in chosen(b, toolchains, newest)}
        for toolchain in toolchains:
            if toolchain in used:
                yield Unit("session", page, tuple(steps), toolchain)
