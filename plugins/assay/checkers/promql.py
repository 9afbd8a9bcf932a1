"""PromQL, read and typed by Prometheus' own parser; Grafana's variables are filled in first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay import gohelper, kinds, variables
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "promql"
PROGRAMS = ("promcheck",)
# A query ends at a blank line; lines that are only a comment belong to what follows.
_QUERY = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
_CODE = re.compile(r"^\s*[^#\s]", re.MULTILINE)


def claims(unit: Unit) -> bool:
    """PromQL fences."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The Prometheus release whose parser is built in, and the program around it."""
    release = gohelper.required("promcheck", "github.com/prometheus/prometheus")
    return {"prometheus": release.removeprefix("v"), "promcheck": gohelper.pin("promcheck")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what isn't a query, at the character that the parser names."""
    text = unit.block.text
    found = [m for m in _QUERY.finditer(text) if _CODE.search(m[0])]
    if not found:
        told = "the block has no query, only comments; write one, or delete the block"
        yield Finding(unit.block.header, NAME, told)
        return
    asked = {"kind": "queries", "texts": [variables.filled(m[0].rstrip()) for m in found]}
    for fault in bench.judge("promcheck", asked)["faults"]:
        at = found[fault["query"]].start() + max(fault["offset"], 0)
        line = text.count("\n", 0, at) + 1
        place = unit.block.at(line, at - text.rfind("\n", 0, at))
        yield Finding(place, NAME, fault["message"])
