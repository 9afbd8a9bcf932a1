"""Configurations of the OpenTelemetry Collector, judged by the collector's own code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import gohelper, kinds, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "otel-collector"
PROGRAMS = ("otelcheck",)


def claims(unit: Unit) -> bool:
    """YAML with receivers and exporters or service, or kind="otel-collector"."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The release of the collector that is built in, and the program around it."""
    release = gohelper.required("otelcheck", "go.opentelemetry.io/collector/otelcol")
    return {"otelcol": release.removeprefix("v"), "otelcheck": gohelper.pin("otelcheck")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what the collector refuses, at the key or value that it is about."""
    block = unit.block
    documents = yamltree.documents(block.text)
    if not documents:
        told = "the block has only comments; write a configuration of the collector"
        yield Finding(block.at(1), NAME, told)
        return
    first, *others = documents
    faults = bench.judge("otelcheck", {"text": first.source(block.text)})["faults"]
    found = [(first.place(f["path"], key=f["key"]), f["message"]) for f in faults]
    told = "the collector reads only one document; write this one as a block"
    found += [(other.place(()), told) for other in others]
    for (line, column), message in sorted(found):
        yield Finding(block.at(line, column), NAME, message)
