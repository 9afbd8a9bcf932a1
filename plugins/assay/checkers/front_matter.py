"""Front matter is readable and has the keys that assay.toml asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatch

from assay.bench import Bench
from assay.folder import lab_fault
from assay.model import Finding, Position, Unit

NAME = "front-matter"
SHAPES: Mapping[str, tuple[type, ...]] = {
    "title": (str,), "description": (str,), "lab": (str,), "chapter": (str,), "level": (str,),
    "minutes": (int,), "weight": (int,), "needs": (list,), "teaches": (list,),
    "capability": (list,), "sources": (list,),
}  # fmt: skip
LEVELS = ("入门", "进阶", "高级")


def claims(unit: Unit) -> bool:
    """Every page."""
    return unit.kind == "page"


def tools() -> Mapping[str, str]:
    """Judged by assay itself."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield missing keys at the top, wrong values at their line."""
    page = unit.page
    if any(f.check == NAME for f in page.problems):
        return  # unreadable: already a finding
    settings = bench.site.settings
    asked = [k for pattern, keys in settings.required if fnmatch(page.path, pattern) for k in keys]
    missing = [key for key in dict.fromkeys(asked) if not page.meta.get(key)]
    if missing:
        names = ", ".join(repr(key) for key in missing)
        lines = " and a line ".join(f"{key}: …" for key in missing)
        message = f"no {names} in front matter; add a line {lines}"
        yield Finding(Position(page.path, 1), NAME, message)
    for key, value in page.meta.items():
        allowed = SHAPES.get(key)
        if allowed and not isinstance(value, allowed):
            where = Position(page.path, page.meta_lines.get(key, 1))
            seen, wanted = type(value).__name__, allowed[0].__name__
            yield Finding(where, NAME, f"{key!r} is a {seen}; write a {wanted}")
    if fault := lab_fault(page, settings):
        yield Finding(Position(page.path, page.meta_lines.get("lab", 1)), NAME, fault)
    level = page.meta.get("level")
    if isinstance(level, str) and level not in LEVELS:
        where = Position(page.path, page.meta_lines.get("level", 1))
        allowed_levels = ", ".join(repr(name) for name in LEVELS)
        yield Finding(where, NAME, f"level {level!r} is unknown; allowed are {allowed_levels}")
