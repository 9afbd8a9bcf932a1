"""Which versions still get fixes: the table data/versions.yml, and when it was looked up."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay import yamltree
from assay.model import Finding, Position

CHECK = "versions"
FILE = Path(__file__).parent / "data" / "versions.yml"
_NUMBER = re.compile(r"v?(\d+(?:\.\d+)*)")
_HUB = re.compile(r"(?:(?:index\.)?docker\.io/)?(?:library/)?")
_HOST = re.compile(r"[^/]*[.:][^/]*/|localhost/")
Row = Mapping[str, Any]


@functools.cache
def rows() -> tuple[Row, ...]:
    """Every row of the table."""
    (document,) = yamltree.documents(FILE.read_text(encoding="utf-8"))
    return tuple(document.data)


def image(reference: str) -> str | None:
    """Say what is old in an image's reference; None where nothing is known to be."""
    bare = reference.partition("@")[0]
    path, colon, tag = bare.rpartition(":")
    if not colon or "/" in tag:
        path, tag = bare, ""
    names = _names(path)
    for row in rows():
        found = re.fullmatch(row["repositories"], path) if "repositories" in row else None
        if found and (told := _old(row, found[1])):
            return f"{bare}: {told}"
        number = _NUMBER.match(tag)
        if names & set(row.get("images", ())) and number and (told := _old(row, number[1])):
            return f"{bare}: {told}"
        for version in _beside(row, tag, bool(names & set(row.get("images", ())))):
            if told := _old(row, version):
                return f"{bare}: {told}"
    return None


def action(reference: str, comment: str) -> str | None:
    """Say that `owner/name@ref` is old; a commit counts as the version in its comment."""
    name, _, ref = reference.partition("@")
    number = re.fullmatch(_NUMBER, ref) or re.match(r"#\s*(?:tag=)?v?(\d+(?:\.\d+)*)", comment)
    for row in rows():
        if row.get("action") == name and number and (told := _old(row, number[1], "v")):
            return f"{reference}: {told}"
    return None


def given(uses: str, name: str, value: str) -> str | None:
    """Say that the version that an action is given in its input is old."""
    number = re.fullmatch(r"[v^~]?(\d+(?:\.\d+)*)(?:\.x)?", value)
    for row in rows():
        wanted = row.get("inputs", {}).get(uses.partition("@")[0])
        if wanted == name and number and (told := _old(row, number[1])):
            return f"{name} {value}: {told}"
    return None


def runner(label: str) -> str | None:
    """Say that a runner's label names an image that is gone."""
    for row in rows():
        found = re.match(rf"{row.get('runner', '-')}-(\d+(?:\.\d+)?)", label)
        if found and (told := _old(row, found[1], f"{row['runner']}-")):
            return f"{label}: {told}"
    return None


def stale(days: int | None, root: Path) -> Iterator[Finding]:
    """Yield every row that nobody has looked up for more than `days` days; none for None."""
    if days is None:
        return
    today = dt.datetime.now(dt.UTC).date()
    place = FILE.relative_to(root) if FILE.is_relative_to(root) else Path("assay/data", FILE.name)
    (document,) = yamltree.documents(FILE.read_text(encoding="utf-8"))
    for number, row in enumerate(document.data):
        age = (today - row["looked"]).days
        if age > days:
            line, column = document.place((number, "looked"))
            message = f"{row['what']} was looked up {age} days ago; look at {row['source']} again"
            yield Finding(Position(place.as_posix(), line, column), CHECK, message)


def _names(path: str) -> set[str]:
    """What a repository may be called in the table: mirrors keep the names of Docker Hub."""
    names = {path, _HUB.sub("", path, count=1)}
    mirrored = _HOST.sub("", path, count=1)
    if mirrored != path:
        names |= {n for n in (mirrored, mirrored.rpartition("library/")[2]) if "/" not in n}
    return names


def _beside(row: Row, tag: str, own: bool) -> Iterator[str]:
    """Versions of the base that a tag names after its own, as in `1.27-alpine3.19`."""
    for word in tag.split("-")[0 if own else 1 :] if tag else ():
        if version := row.get("codenames", {}).get(word):
            yield version
        found = re.fullmatch(rf"{row.get('suffix', '-')}(\d+\.\d+)", word)
        if found:
            yield found[1]


def _old(row: Row, version: str, sign: str = "") -> str | None:
    parts, oldest = _parts(version), _parts(row["oldest"])
    short = min(len(parts), len(oldest))
    gone = any(_parts(g) == parts[: len(_parts(g))] for g in row.get("gone", ()))
    if parts[:short] >= oldest[:short] and not gone:
        return None
    named = "" if row["what"] in row.get("action", "") or "runner" in row else f"{row['what']} "
    return (
        f"{named}{sign}{version} is past its end ({row['why']}); use {sign}{row['use']}, at least "
        f"{sign}{row['oldest']} ({row['source']}, looked up {row['looked']})"
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(p) for p in version.split("."))
