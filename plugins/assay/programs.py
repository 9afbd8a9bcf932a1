"""The programs that a session's commands name, looked up where the box will find them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from assay.errors import UnableError
from assay.files import Hashes
from assay.model import Unit
from assay.plan import in_session
from assay.sources import transcript

SEARCHED = "/usr/local/bin:/usr/bin:/bin"


def needed(unit: Unit) -> tuple[str, ...]:
    """The names in front matter's `needs:`."""
    listed = unit.page.meta.get("needs") or []
    return tuple(str(n) for n in listed) if isinstance(listed, list) else (str(listed),)


def require(unit: Unit) -> None:
    """Raise UnableError if a program that the page says it needs isn't here."""
    missing = [n for n in needed(unit) if n != "go" and not shutil.which(n, path=SEARCHED)]
    if missing:
        names = ", ".join(repr(n) for n in missing)
        raise UnableError(f"needs {names}, which this machine doesn't have; install it")


def hashes(unit: Unit, known: Hashes) -> tuple[tuple[str, str], ...]:
    """Hash what the first words of the commands, and `needs:`, stand for on this machine."""
    words = set(needed(unit))
    for block in unit.blocks:
        if in_session(block) and block.language == "console":
            commands = [s.command for s in transcript.steps(block)]
        elif in_session(block):
            commands = block.text.split("\n")
        else:
            continue
        words.update(c.split()[0] for c in commands if c.split())
    return look_up(words, known)


def look_up(words: Iterable[str], known: Hashes) -> tuple[tuple[str, str], ...]:
    """Hash the programs that the words stand for; '' where there is none."""
    found = []
    for word in sorted(words):
        path = shutil.which(word, path=SEARCHED) if "/" not in word else None
        found.append((word, known.file(Path(path).resolve()) if path else ""))
    return tuple(found)
