"""Protocol Buffers: compiled with what they import, and held against the official style guide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import gohelper, kinds, plan
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "proto"
PROGRAMS = ("protocheck",)


def claims(unit: Unit) -> bool:
    """Proto fences."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The compiler that is built in, and the program around it."""
    release = gohelper.required("protocheck", "github.com/bufbuild/protocompile")
    return {"protocompile": release.removeprefix("v"), "protocheck": gohelper.pin("protocheck")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what doesn't compile; in what does, what the style guide forbids."""
    for fault in bench.judge("protocheck", plan.together(unit))["faults"]:
        place = unit.block.at(fault["line"], fault["column"])
        yield Finding(place, NAME, fault["message"])
