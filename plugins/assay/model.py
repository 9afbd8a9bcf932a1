"""Plain, frozen data that every other module shares; no I/O happens here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CHECK_OPTIONS = frozenset(
    {
        "file", "name", "fails", "fails_on", "exit", "ready", "kind",
        "normalize", "capture", "go", "timeout", "hidden", "session", "skip", "context", "wrap",
        "schema", "measures",
    }
)  # fmt: skip
# The option under which a header that superfences can't read is handed to the fence check.
BROKEN = "!"
HIGHLIGHT_OPTIONS = frozenset({"title", "linenums", "linenums_start", "hl_lines"})

Status = Literal["passed", "failed", "failed-as-shown", "recorded", "blocked", "unable", "skipped"]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file of the repository: POSIX path, line and column, both from 1."""

    path: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in the content, where an author can mend it."""

    position: Position
    check: str
    message: str


@dataclass(frozen=True, slots=True)
class Block:
    """A fence of a page, as the site's own Markdown extensions read it.

    `origins` has one position per line of `text`: where the line's first character stands.
    `shown` has the page's line for each of them (the include line for included code). `fence`
    is where the opening fence stands if not on the page itself.
    """

    page: str
    index: int
    line: int
    column: int
    language: str
    options: tuple[tuple[str, str], ...]
    text: str
    origins: tuple[Position, ...]
    shown: tuple[int, ...]
    fence: Position | None = None

    def option(self, name: str) -> str | None:
        """Return the option's value, or None where the header doesn't have it."""
        return dict(self.options).get(name)

    @property
    def header(self) -> Position:
        """The opening fence: where findings about the block as a whole sit."""
        return self.fence or Position(self.page, self.line, self.column)

    def at(self, line: int, column: int = 1) -> Position:
        """Map a 1-based line and column of `text` to the file that supplied it."""
        if not self.origins:
            return self.header
        origin = self.origins[min(max(line, 1), len(self.origins)) - 1]
        return Position(origin.path, origin.line, max(1, origin.column + column - 1))

    @property
    def included(self) -> tuple[str, ...]:
        """Files other than the page that supplied lines, sorted."""
        return tuple(sorted({o.path for o in self.origins} - {self.page}))

    @property
    def digest(self) -> str:
        """Identify the block by what is in it, wherever it stands."""
        parts = [self.language, *(f"{k}={v}" for k, v in self.options), self.text]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the rendered page; `title` is the Markdown title, '' where absent."""

    position: Position
    target: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table's header and rows as rendered text, with the line of each row."""

    lines: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Page:
    """A Markdown page: front matter, blocks in order, and what the page checks read."""

    path: str
    digest: str
    meta: Mapping[str, Any]
    meta_lines: Mapping[str, int]
    blocks: tuple[Block, ...]
    links: tuple[Link, ...] = ()
    tables: tuple[Table, ...] = ()
    codes: tuple[tuple[Position, str], ...] = ()
    anchors: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    problems: tuple[Finding, ...] = field(default=())

    @property
    def lab(self) -> str | None:
        """The lab's directory beneath the snippets folder."""
        value = self.meta.get("lab")
        return value if isinstance(value, str) else None

    def include_faults(self, block: Block) -> tuple[Finding, ...]:
        """Return the problems of include lines that stand in the block."""
        last = max((block.line, *block.shown)) + 1  # at the latest, the closing fence
        return tuple(
            f
            for f in self.problems
            if f.position.path in block.included
            or (f.position.path == self.path and block.line < f.position.line <= last)
        )


@dataclass(frozen=True)
class Unit:
    """What one chain of checks judges together.

    kind `block`: one fence (with the `output` block that follows it), `before` being the blocks
    in scope; `package`: the Go fences that are files of the page's folder, as it stands before
    the next console block, `before` being the files written earlier; `session`: the console
    blocks of one session with the files written between them; `page`: the page as a whole.
    """

    kind: Literal["block", "package", "session", "page"]
    page: Page
    blocks: tuple[Block, ...]
    toolchain: str | None = None
    before: tuple[Block, ...] = ()

    @property
    def block(self) -> Block:
        """The unit's first block (its only one for kind `block`)."""
        return self.blocks[0]


@dataclass(frozen=True, slots=True)
class Command:
    """A command that ran: what the evidence and the reader see of it."""

    argv: tuple[str, ...]
    exit_code: int
    output: str


@dataclass(frozen=True, slots=True)
class Capture:
    """A value taken out of real output: `name`, the number, its unit ('' if none)."""

    name: str
    value: float
    unit: str
    toolchain: str | None = None
