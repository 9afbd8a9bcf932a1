"""assay's own Go programs: built once in the compile box, kept by content, run in a box.

They read what a page shows with Go's own packages. They are part of assay: their sources are in
every key of evidence, and nothing of a page runs when they do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay.boxes import Boxes
from assay.errors import UnableError
from assay.outcome import Outcome
from assay.sandbox import Mount, Spec, own, run, scratch

SOURCES = Path(__file__).parent / "go"
# The answer holds the text of every closed file; a page's own limits don't bind assay's programs.
ANSWER_KB = 8192
_building = threading.Lock()


def fed(spec: Spec, text: str) -> Outcome:
    """Run one program in one box with `text` on its standard input."""
    return run(spec, text.encode())


def ask(boxes: Boxes, version: str, unit: Path, name: str, request: Mapping[str, Any]) -> Any:
    """Put a request to the program `name` about the unit's staged folder.

    `version` is the toolchain that judges; the program sees its sources at /go.
    """
    spec = boxes.compile(version, unit, (f"/assay/{name}",))
    mounts = (*spec.mounts, Mount(binary(boxes, name), f"/assay/{name}", "ro"))
    limits = replace(spec.limits, output_kb=ANSWER_KB)
    asked = {"goroot": "/go", "folder": "/work", "modules": "/gopath/pkg/mod", **request}
    outcome = fed(replace(spec, mounts=mounts, limits=limits), json.dumps(asked))
    if not outcome.ok:
        said = outcome.output.strip()[-300:]
        raise UnableError(f"the Go program {name!r} failed: {outcome.describe()}: {said}")
    return json.loads(outcome.output)


def binary(boxes: Boxes, name: str) -> Path:
    """Return the built program, building it on first need."""
    version = boxes.toolchains.bundled
    place = boxes.toolchains.cache / "tools" / _key(name, version) / name
    with _building:
        if not place.is_file():
            _build(boxes, name, version, place)
    return place


def _key(name: str, version: str) -> str:
    text = "\0".join([version, *(f"{p.name}\0{p.read_text()}" for p in _files(name))])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _files(name: str) -> list[Path]:
    return sorted(p for p in (SOURCES / name).iterdir() if p.suffix in (".go", ".mod"))


def _build(boxes: Boxes, name: str, version: str, place: Path) -> None:
    unit = scratch.room(boxes.scratch(), "tool")
    try:
        for folder in ("work", "out"):
            (unit / folder).mkdir()
        for path in _files(name):
            shutil.copyfile(path, unit / "work" / path.name)
        own(unit)
        argv = ("go", "build", "-trimpath", "-ldflags=-s -w", "-o", f"/out/{name}", ".")
        spec = boxes.compile(version, unit, argv)
        limits = replace(spec.limits, wall_s=900, cpu_s=1800)
        outcome = boxes.run(replace(spec, limits=limits))
        if not outcome.ok:
            said = outcome.output.strip()[-300:]
            raise UnableError(f"can't build the Go program {name!r}: {outcome.describe()}: {said}")
        place.parent.mkdir(parents=True, exist_ok=True)
        built = unit / "out" / name
        # two runs at once may both come here: each moves a whole file into place
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as new:
            shutil.copyfile(built, new.name)
        os.chmod(new.name, 0o755)  # noqa: S103 - boxes run as another user
        os.replace(new.name, place)
    finally:
        shutil.rmtree(unit, ignore_errors=True)
