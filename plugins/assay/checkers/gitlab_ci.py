"""GitLab pipelines, judged by GitLab's own JSON schema and the graph of their jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version

from assay import kinds, pipelines, schemas, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit
from assay.schemas import Mismatch

NAME = "gitlab-ci"
SCHEMA = "gitlab-ci"


def claims(unit: Unit) -> bool:
    """YAML with `stages`, or with jobs that have a `script`, or kind="gitlab-ci"."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The wheel that brings the schema, and the library that reads it."""
    return {name: version(name) for name in ("check-jsonschema", "jsonschema")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what the schema refuses, and then what the jobs say of each other."""
    block = unit.block
    for document in yamltree.documents(block.text):
        for mismatch in _mismatches(document):
            line, column = document.place(mismatch.path, key=mismatch.key)
            yield Finding(block.at(line, column), NAME, mismatch.message)


def _mismatches(document: yamltree.Document) -> Iterator[Mismatch]:
    yield from schemas.mismatches(SCHEMA, document.data)
    if not isinstance(document.data, Mapping):
        return
    pipeline = pipelines.Pipeline(document.data)
    for name in pipeline.templates():
        # the schema takes anything for a hidden key; one that is extended is a job
        for one in schemas.mismatches(SCHEMA, {"job": document.data[name]}):
            yield Mismatch((name, *one.path[1:]), one.key, one.message)
    yield from pipeline.faults(document.node)
