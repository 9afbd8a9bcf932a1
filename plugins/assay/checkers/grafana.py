"""Grafana dashboards: their structure, what belongs together in them, and every PromQL query."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from assay import gohelper, kinds, variables, yamlplaces, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "grafana"
PROGRAMS = ("promcheck",)
DATA = Path(__file__).parent.parent / "data"
SCHEMA = "dashboard.schema.json"


def claims(unit: Unit) -> bool:
    """JSON with panels, or kind="grafana"."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """What judges the queries, and what the structure is held against."""
    release = gohelper.required("promcheck", "github.com/prometheus/prometheus")
    return {
        "prometheus": release.removeprefix("v"),
        "promcheck": gohelper.pin("promcheck"),
        "jsonschema": version("jsonschema"),
        SCHEMA: hashlib.sha256((DATA / SCHEMA).read_bytes()).hexdigest()[:12],
    }


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what Grafana wouldn't know or show, and what isn't PromQL, at its place."""
    from assay import dashboards, dashqueries, panels

    block = unit.block
    documents = yamltree.documents(block.text)  # JSON is YAML, whose reader knows the places
    if not documents:
        yield Finding(block.at(1), NAME, "the block has only comments; write a dashboard")
        return
    document = documents[0]
    data = document.data
    told = list(dashboards.structure(data))
    found = []
    if isinstance(data, dict):
        told += [*panels.faults(data), *dashqueries.faults(data)]
        queries = list(dashqueries.queries(data))
        texts = [variables.filled(query.text) for query in queries]
        for fault in bench.judge("promcheck", {"kind": "queries", "texts": texts})["faults"]:
            query = queries[fault["query"]]
            offset = query.start + max(fault["offset"], 0)
            place = yamlplaces.within(document, block.text, query.path, offset)
            found.append((place, fault["message"]))
    for one in told:
        if one.key:
            place = document.place(one.path, key=True)
        else:
            place = yamlplaces.within(document, block.text, one.path, one.offset)
        found.append((place, one.message))
    for (line, column), message in sorted(set(found)):
        yield Finding(block.at(line, column), NAME, message)
