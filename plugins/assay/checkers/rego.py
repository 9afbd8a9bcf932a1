"""Rego policies: compiled strictly, and their tests run, by Open Policy Agent's own packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import gohelper, kinds, plan
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "rego"
PROGRAMS = ("regocheck",)
MEASURE = "coverage"


def claims(unit: Unit) -> bool:
    """Rego fences."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The release of Open Policy Agent that is built in, and the program around it."""
    release = gohelper.required("regocheck", "github.com/open-policy-agent/opa")
    return {"opa": release.removeprefix("v"), "regocheck": gohelper.pin("regocheck")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what `opa check --strict` refuses and the tests that fail; keep their coverage."""
    block = unit.block
    answer = bench.judge("regocheck", plan.together(unit))
    for fault in answer["faults"]:
        place = block.at(fault["line"], fault["column"])
        yield Finding(place, NAME, fault["message"])
    if answer["tests"] and not answer["faults"]:
        bench.capture(block, MEASURE, answer["coverage"], "%")
