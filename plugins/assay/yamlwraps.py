"""The named documents that a YAML fragment can stand in: judged closed, found where it is.

The templates are in data/wraps.txtar, which says how they are written.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from assay import txtar
from assay.model import Block, Position, Unit

TEMPLATES = Path(__file__).parent / "data" / "wraps.txtar"
_HOLE = re.compile(r"^( *)@\n", re.MULTILINE)
_BESIDE = re.compile(r"( *)([\w.-]+):.*?(?:# or: (.*))?")
_KEY = re.compile(r"[\"']?([\w.-]+)[\"']?:(?:\s|$)")
_NEXT = re.compile(r"---(?:\s.*)?")
Line = tuple[str, Position, int]
"""A line's text, where its first character stands, and the page's line that shows it."""


@functools.cache
def table() -> Mapping[str, str]:
    """Every template by its name."""
    return dict(txtar.parse(TEMPLATES.read_text(encoding="utf-8")).files)


def closed(block: Block) -> Block:
    """Return the block within the document that its `wrap=` names, otherwise the block itself.

    Its lines keep their positions; the template's lines are at the opening fence.
    """
    template = table().get(block.option("wrap") or "") if block.language == "yaml" else None
    if template is None or not block.text.strip():
        return block
    lines: list[Line] = []
    for document in _documents(block):
        if lines:
            lines.append(("---", block.header, block.line))
        lines += _within(template, document, block)
    text = "".join(f"{line}\n" for line, _, _ in lines)
    left = tuple((k, v) for k, v in block.options if k != "wrap")
    origins, shown = tuple(o for _, o, _ in lines), tuple(n for _, _, n in lines)
    return replace(block, options=left, text=text, origins=origins, shown=shown)


def whole(unit: Unit) -> Unit:
    """Return the unit with its fragments closed."""
    blocks, before = (tuple(closed(b) for b in bs) for bs in (unit.blocks, unit.before))
    return replace(unit, blocks=blocks, before=before)


def _documents(block: Block) -> Iterator[list[Line]]:
    """The fragments of a block, one between each pair of `---`."""
    found: list[Line] = []
    for line in zip(block.text.splitlines(), block.origins, block.shown, strict=False):
        if _NEXT.fullmatch(line[0]):
            if any(n.strip() and not n.lstrip().startswith("#") for n, _, _ in found):
                yield found
            found = []
        else:
            found.append(line)
    yield found


def _within(template: str, fragment: list[Line], block: Block) -> Iterator[Line]:
    """Put a fragment in the template's hole, as deep as that is."""
    hole = _HOLE.search(template)
    depth = len(hole[1]) if hole else 0
    code = [n for n, _, _ in fragment if n.strip() and not n.lstrip().startswith("#")]
    common = min((len(n) - len(n.lstrip(" ")) for n in code), default=0)
    keys = {m[1] for n in code if (m := _KEY.match(n[common:]))}
    for line in template[: hole.start() if hole else 0].splitlines():
        beside = _BESIDE.fullmatch(line)
        given = {beside[2], *(beside[3] or "").split(", ")} if beside else set()
        if not (beside and len(beside[1]) == depth and keys & given):
            yield line, block.header, block.line
    for line, at, shown in fragment:
        own = line[common:] if not line[:common].strip() else line.lstrip()
        moved = Position(at.path, at.line, at.column + common - depth)
        yield " " * depth * bool(own) + own, moved, shown
