"""GitLab pipelines, judged by GitLab's own JSON schema and the graph of their jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version

from assay import jobgraph, kinds, schemas, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit
from assay.pipeline import Pipeline
from assay.schemas import Mismatch

NAME = "gitlab-ci"
SCHEMA = "gitlab-ci"
# Put before a hidden name, so that the schema takes it for a job's.
SHOWN = "template "


def claims(unit: Unit) -> bool:
    """YAML with `stages`, or with jobs that have a `script`, or kind="gitlab-ci"."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The wheel that brings the schema, and the library that reads it."""
    return {name: version(name) for name in ("check-jsonschema", "jsonschema")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what the schema refuses, and what jobs that it takes say of each other."""
    block = unit.block
    for document in yamltree.documents(block.text):
        refused = [*_refused(document)]
        jobs = {m.path[:1] for m in refused}
        if isinstance(document.data, Mapping) and "spec" not in document.data:
            graph = jobgraph.faults(document.data, document.node)
            refused += [m for m in graph if m.path[:1] not in jobs]
        places = {(document.place(m.path, key=m.key), m.message) for m in refused}
        for (line, column), message in sorted(places):
            yield Finding(block.at(line, column), NAME, message)


def _refused(document: yamltree.Document) -> Iterator[Mismatch]:
    """What the schema refuses; hidden keys, of which it takes all, where they go into jobs."""
    data = document.data
    if isinstance(data, Mapping):
        parts = Pipeline(data).parts(document.node)
        hidden = {f"{SHOWN}{name}": part for name, part in parts.items()}
        data = {**{n: v for n, v in data.items() if n not in parts}, **hidden}
    for found in schemas.mismatches(SCHEMA, data):
        name, *below = found.path or ("",)
        path = (str(name).removeprefix(SHOWN), *below) if found.path else ()
        yield replace(found, path=path)
