"""What Prometheus reads: rule files, their tests, server configurations, metrics as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import gohelper, kinds, ruletests, yamlplaces, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "prometheus"
PROGRAMS = ("promcheck", "promtool")


def claims(unit: Unit) -> bool:
    """Rule files, rule tests and server configurations in YAML; metrics in the text format."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The Prometheus release that is built in, and the programs around it."""
    release = gohelper.required("promcheck", "github.com/prometheus/prometheus")
    pins = {name: gohelper.pin(name) for name in PROGRAMS}
    return {"prometheus": release.removeprefix("v"), **pins}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what Prometheus refuses, and the tests of rules that fail."""
    block = unit.block
    if block.language != "yaml":
        faults = bench.judge("promcheck", {"kind": "metrics", "text": block.text})["faults"]
        found = [((fault["line"], 1), fault["message"]) for fault in faults]
    elif documents := yamltree.documents(block.text):
        found = list(_document(unit, documents[0], bench))
        told = "Prometheus reads only the first document of a file; write this one as a block"
        found += [(other.place(()), told) for other in documents[1:]]
    else:
        found = [((1, 1), "the block has only comments; write what Prometheus reads")]
    for (line, column), message in sorted(found):
        yield Finding(block.at(line, column), NAME, message)


def _document(
    unit: Unit, document: yamltree.Document, bench: Bench
) -> Iterator[tuple[tuple[int, int], str]]:
    keys = document.data if isinstance(document.data, dict) else {}
    if "tests" in keys:
        yield from ruletests.faults(unit, document, bench)
        return
    text = unit.block.text
    kind = "rules" if "groups" in keys else "config"
    for fault in bench.judge("promcheck", {"kind": kind, "text": text})["faults"]:
        if fault["key"]:
            yield document.place(fault["path"], key=True), fault["message"]
        else:
            place = yamlplaces.within(document, text, fault["path"], fault["offset"])
            yield place, fault["message"]
