"""YAML, JSON and TOML as text: what can't be read, and keys that stand there twice."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator

from assay import yamltree
from assay.model import Block

TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)")


def faults(block: Block) -> Iterator[yamltree.Fault]:
    """Yield syntax errors and duplicate keys."""
    reader = {"json": _json, "toml": _toml, "yaml": _yaml}[block.language]
    yield from reader(block)


def toml_place(text: str, path: Iterable[str | int]) -> tuple[int, int]:
    """The deepest table or key of a path that the text shows, line by line downwards."""
    place = (1, 1)
    lines = text.split("\n")
    for part in path:
        word = re.compile(rf"^\s*(?:\[.*)?[\"']?(\b{re.escape(str(part))})[\"']?\s*[].=]")
        for number in range(place[0], len(lines) + 1):
            if match := word.search(lines[number - 1]):
                place = (number, match.start(1) + 1)
                break
    return place


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
