"""assay's own Go programs: built once in the compile box, kept by content, run in a box.

They read what a page shows with Go's own packages, or judge configurations with those of the
software that reads them. Their sources are in the key of what they judge; nothing of a page runs
when they do.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay import goprogram
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.goprogram import Program
from assay.outcome import Outcome
from assay.sandbox import Limits, Mount, Spec, run

SOURCES = Path(__file__).parent / "go"
# The answer holds the text of every closed file; a page's own limits don't bind assay's programs.
ANSWER_KB = 8192
JUDGE = Limits(wall_s=180.0, cpu_s=120, memory_mb=2048, output_kb=ANSWER_KB)
# Every service discovery of Prometheus brings the SDK of a cloud; these are the common ones.
_DISCOVERY = "remove_all_sd,enable_kubernetes_sd,enable_dns_sd,enable_consul_sd"
# What programs leave out of the libraries that they are built from.
TAGS: Mapping[str, str] = {"promcheck": _DISCOVERY, "promtool": _DISCOVERY}


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
    return goprogram.binary(boxes, program(name))


def built(boxes: Boxes, name: str) -> bool:
    """Whether the program can be run without building it first."""
    return goprogram.built(boxes, program(name))


def program(name: str) -> Program:
    """Return what one of assay's own programs is built from."""
    return Program(name, SOURCES / name, TAGS.get(name, ""))


@functools.cache
def pin(name: str) -> str:
    """Identify the program by its sources and everything that they are built from."""
    return program(name).pin


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
