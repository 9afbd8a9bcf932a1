"""Go programs built from a folder with a go.mod: once, in the compile box, kept by content.

assay's own judges are such programs, and so are the servers that a site brings for its pages.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from assay.boxes import Boxes
from assay.errors import UnableError
from assay.files import write_atomically
from assay.sandbox import Limits, own, scratch
from assay.toolchains import say

_SOURCES = (".go", ".mod", ".sum")
# What the linker would leave out isn't made: a sixth of the compiler's time.
_PLAIN = ("-ldflags=-s -w", "-gcflags=all=-dwarf=false")
_TOOLS = re.compile(r"^tool\s+(?:\(([^)]*)\)|(\S+))", re.MULTILINE)
_MAJOR = re.compile(r"/v\d+$")
_building: dict[str, threading.Lock] = {}
_failed: dict[Path, str] = {}


@dataclass(frozen=True)
class Program:
    """A main package in `folder`, or the tool of its go.mod that is called `name`."""

    name: str
    folder: Path
    tags: str = ""
    """Build tags: what the program leaves out of the libraries that it is built from."""

    def files(self) -> list[Path]:
        """What it is built from, sorted; raises UnableError for a folder without a go.mod."""
        if not (self.folder / "go.mod").is_file():
            raise UnableError(
                f"the program {self.name!r} has no go.mod in {self.folder.name!r}; "
                "mend its module in assay.toml"
            )
        return sorted(p for p in self.folder.iterdir() if p.suffix in _SOURCES and p.is_file())

    @property
    def pin(self) -> str:
        """Identify it by its sources and everything that they are built from."""
        parts = [f"{p.name}\0{p.read_text(encoding='utf-8')}" for p in self.files()]
        if len(self.tools) > 1:
            parts.append(self.name)
        text = "\0".join((*parts, self.tags))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def tools(self) -> list[str]:
        """The packages that the go.mod's tool lines name."""
        text = (self.folder / "go.mod").read_text(encoding="utf-8")
        return [line for pair in _TOOLS.findall(text) for line in "".join(pair).split()]

    @property
    def package(self) -> str:
        """What is built; raises UnableError where the go.mod names no tool of this name."""
        if any(p.suffix == ".go" for p in self.files()):
            return "."
        for tool in self.tools:
            if _MAJOR.sub("", tool).rpartition("/")[2] == self.name:
                return tool
        named = ", ".join(repr(t) for t in self.tools) or "none"
        raise UnableError(f"{self.folder.name}/go.mod has no tool {self.name!r}; it has {named}")


def binary(boxes: Boxes, program: Program) -> Path:
    """Return the built program, building it on first need."""
    place = _place(boxes, program)
    with _building.setdefault(str(place), threading.Lock()):
        if place in _failed:  # it took minutes to fail, and would again
            raise UnableError(_failed[place])
        if not place.is_file():
            try:
                _build(boxes, program, place)
            except UnableError as error:
                _failed[place] = str(error)
                raise
    return place


def built(boxes: Boxes, program: Program) -> bool:
    """Whether the program can be run without building it first."""
    return _place(boxes, program).is_file()


def seconds(boxes: Boxes, program: Program) -> float | None:
    """How long the program took to build here; None where it isn't built."""
    try:
        place = _place(boxes, program).with_name("seconds")
        return float(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _place(boxes: Boxes, program: Program) -> Path:
    key = hashlib.sha256(f"{boxes.toolchains.bundled} {program.pin}".encode()).hexdigest()[:24]
    return boxes.toolchains.cache / "tools" / key / program.name


def _roomy(limits: Limits) -> Limits:
    """What building a program of thousands of packages takes at most.

    go keeps every archive in /tmp until it has linked: 3.8 GB for Kubernetes' control plane.
    """
    return replace(limits, wall_s=2400.0, cpu_s=4800, memory_mb=8192, file_mb=512, tmp_mb=6144)


def _build(boxes: Boxes, program: Program, place: Path) -> None:
    began = time.monotonic()
    version = boxes.toolchains.bundled
    name, files = program.name, program.files()
    heavy = (program.folder / "go.sum").is_file()
    what = ("-tags", program.tags, program.package)
    if heavy:
        boxes.toolchains.fetch(files, what)
        say(f"building {name} (once, minutes)")
    unit = scratch.room(boxes.scratch(), "tool")
    try:
        for folder in ("work", "out"):
            (unit / folder).mkdir()
        for path in files:
            shutil.copyfile(path, unit / "work" / path.name)
        own(unit)
        argv = ("go", "build", "-trimpath", *_PLAIN, "-o", f"/out/{name}", *what)
        spec = boxes.compile(version, unit, argv)
        limits = _roomy(spec.limits) if heavy else spec.limits
        outcome = boxes.run(replace(spec, limits=limits))
        if not outcome.ok:
            said = outcome.output.strip()[-300:]
            raise UnableError(f"can't build the Go program {name!r}: {outcome.describe()}: {said}")
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place.with_name("seconds"), f"{time.monotonic() - began:.0f}")
        built = unit / "out" / name
        # two runs at once may both come here: each moves a whole file into place
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as new:
            shutil.copyfile(built, new.name)
        os.chmod(new.name, 0o755)  # noqa: S103 - boxes run as another user
        os.replace(new.name, place)
    finally:
        shutil.rmtree(unit, ignore_errors=True)
