"""The definitions of custom resources: files in Go modules, fetched once, kept by content.

The list names each module with its sum. The program `kubecheck`, which judges by them, condenses
them in a box.
"""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from assay import gohelper
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.files import folder_made
from assay.sandbox import Mount, own, scratch
from assay.toolchains import say

NAME = "crds"
LIST = Path(__file__).parent / "go" / "kubecheck" / "crds.txt"
OWN = Path(__file__).parent / "data"
_making = threading.Lock()
_failed: dict[Path, str] = {}


@dataclass(frozen=True)
class Source:
    """A folder or file in a module's zip; `total` is the module's sum as in go.sum."""

    module: str
    version: str
    total: str
    path: str


def sources() -> tuple[Source, ...]:
    """What the list names."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return tuple(Source(*line.split()) for line in lines if line and line[0] != "#")


@functools.cache
def pin() -> str:
    """Identify the definitions by the list, our own files, and the program that condenses them."""
    parts = [p.read_text(encoding="utf-8") for p in (LIST, *_own())]
    text = "\0".join((*parts, gohelper.pin("kubecheck")))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def built(boxes: Boxes) -> bool:
    """Whether the definitions are here."""
    return _place(boxes).is_dir()


def folder(boxes: Boxes) -> Path:
    """Return the folder with a GROUP/KIND.json each, making it on first need."""
    place = _place(boxes)
    with _making:
        if place in _failed:
            raise UnableError(_failed[place])
        if not place.is_dir():
            try:
                _make(boxes, place)
            except UnableError as error:
                _failed[place] = str(error)
                raise
    return place


def mounts(boxes: Boxes) -> tuple[Mount, ...]:
    """What `kubecheck` is given to judge custom resources."""
    return (Mount(folder(boxes), "/crds", "ro"),)


def summary(boxes: Boxes) -> str:
    """How many kinds of how many groups are known."""
    groups = [g for g in folder(boxes).iterdir() if g.is_dir()]
    return f"{sum(len(list(g.iterdir())) for g in groups)} kinds of {len(groups)} groups"


def _place(boxes: Boxes) -> Path:
    return boxes.toolchains.cache / NAME / pin()


def _own() -> list[Path]:
    return sorted(OWN.glob("*.crd.yaml"))


def _make(boxes: Boxes, place: Path) -> None:
    binary = gohelper.binary(boxes, "kubecheck")
    say("fetching definitions of custom resources (once, a minute)")
    unit = scratch.room(boxes.scratch(), NAME)
    try:
        for name in ("in", "out"):
            (unit / name).mkdir()
        for number, source in enumerate(sources()):
            for name, text in _files(boxes, source):
                (unit / "in" / f"{number:02}-{name}").write_bytes(text)
        for path in _own():
            shutil.copyfile(path, unit / "in" / path.name)
        own(unit)
        spec = boxes.program(binary, "kubecheck", None)
        extra = (Mount(unit / "in", "/in", "ro"), Mount(unit / "out", "/out", "rw"))
        argv = (*spec.argv, "condense", "/in", "/out")
        spec = replace(spec, argv=argv, mounts=(*spec.mounts, *extra), limits=gohelper.JUDGE)
        outcome = boxes.run(spec)
        if not outcome.ok:
            said = outcome.output.strip()[-300:]
            raise UnableError(f"can't condense the definitions: {outcome.describe()}: {said}")
        # not moved: what is kept belongs to this user, not to the box's
        with folder_made(place) as new:
            shutil.copytree(unit / "out", new, dirs_exist_ok=True)
            new.chmod(0o755)  # the copy takes the rights of what was copied
    finally:
        shutil.rmtree(unit, ignore_errors=True)


def _files(boxes: Boxes, source: Source) -> Iterator[tuple[str, bytes]]:
    """Fetch a module's zip and yield the files in it that the list means."""
    name = f"{source.module}@{source.version}"
    tools = boxes.toolchains
    said = tools.trusted(["mod", "download", "-json", name], boxes.scratch(), {})
    try:
        about = json.loads(said[said.index("{") :])
    except ValueError as error:
        raise UnableError(f"go mod download {name}: {said.strip()[-300:]}") from error
    if about.get("Sum") != source.total:
        raise UnableError(f"{name} has the sum {about.get('Sum')}, not {source.total}")
    with zipfile.ZipFile(about["Zip"]) as archive:
        wanted = f"{name}/{source.path}"
        for entry in sorted(archive.namelist()):
            parent = entry[: entry.rindex("/") + 1] if "/" in entry else ""
            if wanted in (entry, parent) and entry.endswith((".yaml", ".yml")):
                yield entry.rpartition("/")[2], archive.read(entry)
