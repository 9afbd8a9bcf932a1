"""assay's own Go programs: built once in the compile box, kept by content, run in a box.

They read what a page shows with Go's own packages, or judge configurations with those of the
software that reads them. Their sources are in the key of what they judge; nothing of a page runs
when they do.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay.boxes import Boxes
from assay.errors import UnableError
from assay.files import write_atomically
from assay.outcome import Outcome
from assay.sandbox import Limits, Mount, Spec, own, run, scratch
from assay.toolchains import say

SOURCES = Path(__file__).parent / "go"
# The answer holds the text of every closed file; a page's own limits don't bind assay's programs.
ANSWER_KB = 8192
JUDGE = Limits(wall_s=180.0, cpu_s=120, memory_mb=2048, output_kb=ANSWER_KB)
# Every service discovery of Prometheus brings the SDK of a cloud; these are the common ones.
_DISCOVERY = "remove_all_sd,enable_kubernetes_sd,enable_dns_sd,enable_consul_sd"
# What programs leave out of the libraries that they are built from.
TAGS: Mapping[str, str] = {"promcheck": _DISCOVERY, "promtool": _DISCOVERY}
_building: dict[str, threading.Lock] = {}
_failed: dict[Path, str] = {}


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


def judged(boxes: Boxes, name: str, requests: Sequence[Any], beside: Sequence[Mount] = ()) -> Any:
    """Put requests to one process of the program `name`, which sees itself and what is `beside`."""
    spec = boxes.program(binary(boxes, name), name, None)
    spec = replace(spec, limits=JUDGE, mounts=(*spec.mounts, *beside))
    outcome = fed(spec, json.dumps({"requests": requests}))
    with contextlib.suppress(ValueError, KeyError, TypeError):
        if outcome.ok:
            return json.loads(outcome.output)["answers"]
    said = outcome.output.strip()[-300:]
    raise UnableError(f"the Go program {name!r} failed: {outcome.describe()}: {said}")


def binary(boxes: Boxes, name: str) -> Path:
    """Return the built program, building it on first need."""
    place = _place(boxes, name)
    with _building.setdefault(name, threading.Lock()):
        if place in _failed:  # it took minutes to fail, and would again
            raise UnableError(_failed[place])
        if not place.is_file():
            try:
                _build(boxes, name, place)
            except UnableError as error:
                _failed[place] = str(error)
                raise
    return place


def built(boxes: Boxes, name: str) -> bool:
    """Whether the program can be run without building it first."""
    return _place(boxes, name).is_file()


@functools.cache
def pin(name: str) -> str:
    """Identify the program by its sources and everything that they are built from."""
    parts = [f"{p.name}\0{p.read_text(encoding='utf-8')}" for p in _files(name)]
    text = "\0".join((*parts, TAGS.get(name, "")))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@functools.cache
def required(name: str, module: str) -> str:
    """Return the version of a module that the program is built from."""
    text = (SOURCES / name / "go.mod").read_text(encoding="utf-8")
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if found is None:
        raise UnableError(f"the go.mod of {name!r} requires no {module!r}")
    return found[1]


@functools.cache
def names() -> tuple[str, ...]:
    """Every Go program that assay brings, sorted."""
    return tuple(sorted(p.name for p in SOURCES.iterdir() if (p / "go.mod").is_file()))


def seconds(boxes: Boxes, name: str) -> float | None:
    """How long the program took to build here; None where it isn't built."""
    try:
        return float((_place(boxes, name).parent / "seconds").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _place(boxes: Boxes, name: str) -> Path:
    key = hashlib.sha256(f"{boxes.toolchains.bundled} {pin(name)}".encode()).hexdigest()[:24]
    return boxes.toolchains.cache / "tools" / key / name


def _roomy(limits: Limits) -> Limits:
    """What building a program of thousands of packages takes at most."""
    return replace(limits, wall_s=2400.0, cpu_s=4800, memory_mb=8192, file_mb=512, tmp_mb=4096)


def _files(name: str) -> list[Path]:
    suffixes = (".go", ".mod", ".sum")
    return sorted(p for p in (SOURCES / name).iterdir() if p.suffix in suffixes)


def _package(name: str) -> str:
    """What is built: the folder's own program, or the tool that its go.mod names."""
    if any(p.suffix == ".go" for p in _files(name)):
        return "."
    text = (SOURCES / name / "go.mod").read_text(encoding="utf-8")
    return text.partition("\ntool ")[2].partition("\n")[0].strip()


def _build(boxes: Boxes, name: str, place: Path) -> None:
    began = time.monotonic()
    version = boxes.toolchains.bundled
    heavy = (SOURCES / name / "go.sum").is_file()
    what = ("-tags", TAGS.get(name, ""), _package(name))
    if heavy:
        boxes.toolchains.fetch(_files(name), what)
        say(f"building {name} (once, minutes)")
    unit = scratch.room(boxes.scratch(), "tool")
    try:
        for folder in ("work", "out"):
            (unit / folder).mkdir()
        for path in _files(name):
            shutil.copyfile(path, unit / "work" / path.name)
        own(unit)
        argv = ("go", "build", "-trimpath", "-ldflags=-s -w", "-o", f"/out/{name}", *what)
        spec = boxes.compile(version, unit, argv)
        limits = _roomy(spec.limits) if heavy else spec.limits
        outcome = boxes.run(replace(spec, limits=limits))
        if not outcome.ok:
            said = outcome.output.strip()[-300:]
            raise UnableError(f"can't build the Go program {name!r}: {outcome.describe()}: {said}")
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place.parent / "seconds", f"{time.monotonic() - began:.0f}")
        built = unit / "out" / name
        # two runs at once may both come here: each moves a whole file into place
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as new:
            shutil.copyfile(built, new.name)
        os.chmod(new.name, 0o755)  # noqa: S103 - boxes run as another user
        os.replace(new.name, place)
    finally:
        shutil.rmtree(unit, ignore_errors=True)
