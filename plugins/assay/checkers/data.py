"""YAML, JSON and TOML: syntax, duplicate keys, and the schema that a block names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from assay import datafiles, schemas, yamltree
from assay.bench import Bench
from assay.model import Block, Finding, Unit

NAME = "data"


def claims(unit: Unit) -> bool:
    """YAML, JSON and TOML fences."""
    fits = unit.kind == "block" and unit.block.language in ("json", "toml", "yaml")
    return fits and unit.block.option("kind") != "text" and not unit.block.option("skip")


def tools() -> Mapping[str, str]:
    """The YAML reader, and what brings the schemas; JSON and TOML are read by Python itself."""
    return {n: version(n) for n in ("check-jsonschema", "jsonschema", "ruamel.yaml")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield syntax errors, duplicate keys and what the named schema refuses, at their place."""
    block = unit.block
    faults = list(datafiles.faults(block)) or list(_schema(block))
    for fault in faults:
        first = f"; the first is {_above(fault.line - fault.first)}" if fault.first else ""
        yield Finding(block.at(fault.line, fault.column), NAME, fault.message + first)


def _schema(block: Block) -> Iterator[yamltree.Fault]:
    name = block.option("schema")
    if name not in schemas.names():  # none, or the check `fence` says so
        return
    if block.language == "toml":
        for found in schemas.mismatches(name, tomllib.loads(block.text)):
            yield yamltree.Fault(*datafiles.toml_place(block.text, found.path), found.message)
        return
    for document in yamltree.documents(block.text):
        places = (
            (*document.place(m.path, key=m.key), m.message)
            for m in schemas.mismatches(name, document.data)
        )
        yield from (yamltree.Fault(*place) for place in sorted(places))


def _above(lines: int) -> str:
    """Name the other place so that it stays true when the block moves on its page."""
    return f"{lines} lines above" if lines else "on the same line"
