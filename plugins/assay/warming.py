"""Compile what pages import, once and outside any page's limits.

A page's time limit must not pay for the standard library or for the modules of its lab, and what a
session compiles is thrown away.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from assay.boxes import Boxes
from assay.errors import UnableError
from assay.files import Hashes, write_atomically
from assay.process import Outcome
from assay.sandbox import own, scratch
from assay.toolchains import say

_ROOMY_S = 1800
_TAUGHT = 2  # grows when warming learns to do more, so that older caches catch up
_MODULES = "{{if .Module}}{{if not .Module.Main}}{{.ImportPath}}{{end}}{{end}}"
_working: dict[Path, threading.Lock] = {}


def standard_library(boxes: Boxes, version: str) -> None:
    """Compile the standard library, with and without cgo; raises UnableError."""
    stamp = boxes.toolchains.cache / "warm" / version
    with _working.setdefault(stamp, threading.Lock()):
        if stamp.is_file():
            return
        say(f"compiling the standard library of Go {version} (once, about a minute)")
        with _room(boxes) as unit:
            own(unit)
            for cgo in ("0", "1"):
                outcome = _go(boxes, version, unit, cgo, "build", "std")
                if not outcome.ok and cgo == "0":
                    said = outcome.output[-300:]
                    raise UnableError(f"go build std: {outcome.describe()}: {said}")
        write_atomically(stamp, "")


def modules(boxes: Boxes, version: str, folder: Path, hashes: Hashes) -> None:
    """Fetch and compile the modules that the module in `folder` imports; raises UnableError.

    A package that doesn't compile is told where a page imports it.
    """
    boxes.toolchains.download(folder, hashes)
    stamp = _stamp(boxes, version, folder, hashes)
    with _working.setdefault(stamp, threading.Lock()):
        if stamp.is_file():
            return
        with _room(boxes) as unit:
            shutil.copytree(folder, unit / "work", dirs_exist_ok=True)
            own(unit)
            listing = ("list", "-e", "-deps", "-test", "-f", _MODULES, "./...")
            imported = _go(boxes, version, unit, "0", *listing)
            packages = sorted({*imported.output.split()}) if imported.ok else []
            if packages:
                say(f"compiling {len(packages)} packages for {folder.name}, Go {version} (once)")
                outcome = _go(boxes, version, unit, "0", "build", *packages)
                if outcome.verdict == "timeout":
                    raise UnableError(f"go build of {folder.name}'s modules: {outcome.describe()}")
            if version == boxes.toolchains.newest:  # what `go test` has vet learn of every module
                _go(boxes, version, unit, "0", "test", "-exec", "true", "./...")
        write_atomically(stamp, "")


def warm(boxes: Boxes, version: str, folder: Path, hashes: Hashes) -> bool:
    """Whether the modules that the module in `folder` imports are here, and compiled."""
    return _stamp(boxes, version, folder, hashes).is_file()


def _stamp(boxes: Boxes, version: str, folder: Path, hashes: Hashes) -> Path:
    key = boxes.toolchains.module_key(folder, hashes)
    return boxes.toolchains.cache / "warm" / f"{version}-{key}-{_TAUGHT}"


@contextmanager
def _room(boxes: Boxes) -> Iterator[Path]:
    unit = scratch.room(boxes.scratch(), "warm")
    try:
        for name in ("work", "out"):
            (unit / name).mkdir()
        yield unit
    finally:
        shutil.rmtree(unit, ignore_errors=True)


def _go(boxes: Boxes, version: str, unit: Path, cgo: str, *arguments: str) -> Outcome:
    spec = boxes.compile(version, unit, ("go", *arguments))
    limits = replace(spec.limits, wall_s=_ROOMY_S, cpu_s=2 * _ROOMY_S, output_kb=1024)
    return boxes.run(replace(spec, env=(*spec.env, ("CGO_ENABLED", cgo)), limits=limits))
