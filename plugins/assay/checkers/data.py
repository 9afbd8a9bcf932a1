"""YAML, JSON and TOML: syntax and duplicate keys."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from assay import yamltree
from assay.bench import Bench
from assay.model import Block, Finding, Unit

NAME = "data"
TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)")


def claims(unit: Unit) -> bool:
    """YAML, JSON and TOML fences."""
    fits = unit.kind == "block" and unit.block.language in ("json", "toml", "yaml")
    return fits and unit.block.option("kind") != "text" and not unit.block.option("skip")


def tools() -> Mapping[str, str]:
    """The YAML reader; JSON and TOML are read by Python itself."""
    return {"ruamel.yaml": version("ruamel.yaml")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield syntax errors and duplicate keys at their place."""
    block = unit.block
    reader = {"json": _json, "toml": _toml, "yaml": _yaml}[block.language]
    for fault in reader(block):
        first = f"; the first is {_above(fault.line - fault.first)}" if fault.first else ""
        yield Finding(block.at(fault.line, fault.column), NAME, fault.message + first)


def _above(lines: int) -> str:
    """Name the other place so that it stays true when the block moves on its page."""
    return f"{lines} lines above" if lines else "on the same line"


def _yaml(block: Block) -> Iterator[yamltree.Fault]:
    try:
        for document in yamltree.documents(block.text):
            yield from yamltree.duplicates(document.node)
    except yamltree.YAMLError as error:
        yield error.fault


def _json(block: Block) -> Iterator[yamltree.Fault]:
    def refuse(name: str) -> None:  # Python reads NaN and Infinity, which aren't JSON
        raise json.JSONDecodeError("Expecting value", block.text, block.text.find(name))

    try:
        json.loads(block.text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        yield yamltree.Fault(error.lineno, error.colno, error.msg.lower())
        return
    yield from _yaml(block)  # JSON is YAML, whose reader knows where a key stands


def _toml(block: Block) -> Iterator[yamltree.Fault]:
    try:
        tomllib.loads(block.text)
    except tomllib.TOMLDecodeError as error:
        match = TOML_PLACE.match(str(error))
        line = int(match[2]) if match and match[2] else block.text.count("\n")
        column = int(match[3]) if match and match[3] else 1
        message = match[1] if match else str(error)
        yield yamltree.Fault(line, column, message[:1].lower() + message[1:])
