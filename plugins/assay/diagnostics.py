"""Turn what Go prints about files of the folder into findings on the author's lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay.model import Block, Finding, Position

LINE = re.compile(
    r"^(?:vet: )?(?P<file>[^\s:][^:\n]*\.go):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<text>.*)"
)


Sources = Mapping[str, Block | str]


def findings(output: str, check: str, sources: Sources, anchor: Block) -> Iterator[Finding]:
    """Yield one finding per diagnostic; `sources` maps folder paths to a fence or a repo path.

    Output without a position that can be mapped becomes one finding at the anchor's fence.
    """
    found: list[tuple[Position, str]] = []
    for line in output.splitlines():
        match = LINE.match(line)
        if match:
            name = match["file"].removeprefix("./").removeprefix("/work/")
            where = place(sources.get(name), int(match["line"]), int(match["column"] or 1), anchor)
            found.append((where, match["text"]))
        elif found and line.startswith(("\t", "        ")):
            where, text = found[-1]
            found[-1] = (where, f"{text} {line.strip()}")
    if not found:
        text = " ".join(t for t in output.split("\n") if t and not t.startswith("# "))
        found = [(anchor.header, text[:500] or "failed without a message")]
    for where, text in dict.fromkeys(found):
        yield Finding(where, check, text)


def place(source: Block | str | None, line: int, column: int, anchor: Block) -> Position:
    """Map a line and a byte column of a compiled file to where the author wrote it."""
    if source is None:
        return anchor.header
    if isinstance(source, str):
        return Position(source, line, column)
    lines = source.text.split("\n")
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    characters = len(text.encode()[: column - 1].decode(errors="ignore"))
    return source.at(line, characters + 1)


def shown_at(finding: Finding, blocks: tuple[Block, ...]) -> Finding:
    """For a fault in an included file, name the page's line that includes it."""
    for block in blocks:
        if finding.position.path in block.included:
            line = block.shown[0]
            for origin, shown in zip(block.origins, block.shown, strict=True):
                if origin.line == finding.position.line:
                    line = shown
            message = f"{finding.message} (shown at {block.page}:{line})"
            return Finding(finding.position, finding.check, message)
    return finding
