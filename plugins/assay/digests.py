"""Which of assay's own program text is in a verdict's key."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from assay.files import Hashes

HERE = Path(__file__).parent
# Modules that show, write or prepare what was judged, and can't change how it comes out.
SHOWING = frozenset({
    "accept", "alignment", "cli", "doctor", "explain", "export", "home", "markdown_ext", "marks",
    "new", "pagetext", "plugin", "progress", "proving", "report", "verdicts", "watching",
    "wholefile",
})  # fmt: skip


@functools.cache
def source(hashes: Hashes, part: str) -> str:
    """Hash `sources`, a check's module, or `core` (all that is neither a check nor a judge)."""
    check = HERE / "checkers" / f"{part.replace('-', '_')}.py"
    if part == "sources":
        files = sorted((HERE / "sources").glob("*.py"))
    elif part == "core":
        files = [
            p
            for p in sorted(HERE.rglob("*"))
            if p.is_file() and "__pycache__" not in p.parts and p.stem not in SHOWING
            and (p.parent.name != "checkers" or p.name == "__init__.py")
            and not (p.parent / "go.sum").is_file()  # a judge, in the key of what it judges
        ]  # fmt: skip
    else:
        files = [check]
    return _joined(hashes, files)


def _joined(hashes: Hashes, files: Iterable[Path]) -> str:
    """Hash several files into one."""
    parts = [f"{p.relative_to(HERE).as_posix()}:{hashes.file(p)}" for p in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
