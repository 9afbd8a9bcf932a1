"""The programs that a session's commands name: the machine's, and those that the site brings.

A program of the machine is looked up where the box will find it. One that assay.toml names is
built from the site's own folder, and stands on the session's PATH before the machine's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from assay import goprogram
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.files import Hashes
from assay.goprogram import Program
from assay.model import Unit
from assay.plan import in_session
from assay.sandbox import Mount, Spec
from assay.sources import transcript
from assay.sources.settings import Settings

SEARCHED = ("/usr/local/bin", "/usr/bin", "/bin")
PLACE = "/programs"


def needed(unit: Unit) -> tuple[str, ...]:
    """The names in front matter's `needs:`."""
    listed = unit.page.meta.get("needs") or []
    return tuple(str(n) for n in listed) if isinstance(listed, list) else (str(listed),)


def find(name: str, settings: Settings) -> str | None:
    """Return where a session finds a program of the machine."""
    return shutil.which(name, path=":".join((*SEARCHED, *settings.path)))


def site(settings: Settings) -> tuple[Program, ...]:
    """Return the programs that the site brings."""
    given = settings.programs.items()
    return tuple(Program(name, settings.root / place, tags) for name, (place, tags) in given)


def brought(unit: Unit, settings: Settings) -> tuple[Program, ...]:
    """Return those of the site's programs that the unit's session has on its PATH."""
    names = needed(unit) if unit.kind == "session" else ()
    return tuple(p for p in site(settings) if p.name in names)


def beside(spec: Spec, unit: Unit, boxes: Boxes) -> Spec:
    """Add the site's programs to a session, built on first need; raises UnableError."""
    every = brought(unit, boxes.settings)
    if base := boxes.toolchains.base:
        for program in every:
            base.unchanged(program.files())
    mounts = [Mount(goprogram.binary(boxes, p), f"{PLACE}/{p.name}", "ro") for p in every]
    path = ":".join((*[PLACE] * bool(every), dict(spec.env)["PATH"], *boxes.settings.path))
    return replace(spec, mounts=(*spec.mounts, *mounts), env=(*spec.env, ("PATH", path)))


def require(unit: Unit, settings: Settings) -> None:
    """Raise UnableError if a program that the page says it needs isn't here."""
    known = {"go", *(p.name for p in brought(unit, settings))}
    missing = [n for n in needed(unit) if n not in known and not find(n, settings)]
    if missing:
        names = ", ".join(repr(n) for n in missing)
        raise UnableError(f"needs {names}, which this machine doesn't have; install it")


def hashes(unit: Unit, settings: Settings, known: Hashes) -> tuple[tuple[str, str], ...]:
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
    return look_up(words, settings, known)


def look_up(words: Iterable[str], settings: Settings, known: Hashes) -> tuple[tuple[str, str], ...]:
    """Hash the programs that the words stand for; '' where there is none.

    A program of the site counts on every page: one that doesn't need it isn't harmed.
    """
    own = {p.name: p for p in site(settings)}
    found = []
    for word in sorted(words):
        if word in own:
            found.append((word, own[word].pin))
            continue
        path = find(word, settings) if "/" not in word else None
        found.append((word, known.file(Path(path).resolve()) if path else ""))
    return tuple(found)
