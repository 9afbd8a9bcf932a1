"""Front matter, split off and read exactly as MkDocs does it, with the line of each key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from assay.model import Finding, Position

CHECK = "front-matter"
YAML = re.compile(r"-{3}[ \t]*\n(.*?\n)(?:\.{3}|-{3})[ \t]*\n", re.DOTALL)
# MultiMarkdown's header, which MkDocs takes from the top of a page without YAML.
KEY = re.compile(r"[ ]{0,3}(?P<key>[A-Za-z0-9_-]+):\s*(?P<value>.*)")
MORE = re.compile(r"(?:[ ]{4}|\t)\s*(?P<value>.*)")


@dataclass(frozen=True)
class Matter:
    """What stands above the page's text, and the text with the number of its first line."""

    body: str
    first_line: int = 1
    meta: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Finding, ...] = ()


def split(path: str, text: str) -> Matter:
    """Split a page; what can't be read as front matter is text, for MkDocs too."""
    match = YAML.match(text)
    if not match:
        return _multimarkdown(text)
    meta, lines, problems = _read(path, match[1])
    if problems and not lines:
        return Matter(text, problems=problems)
    body, first = text[match.end() :], text[: match.end()].count("\n") + 1
    return Matter(body, first, meta, lines, problems)


def _multimarkdown(text: str) -> Matter:
    meta: dict[str, str] = {}
    places: dict[str, int] = {}
    lines = text.split("\n")
    key, taken = "", 0
    for number, line in enumerate(lines):
        match = KEY.match(line)
        more = MORE.match(line) if key and not match else None
        if line.strip() == "":
            taken = number + 1
            break
        if match:
            key = match["key"].lower()
            places.setdefault(key, number + 1)
        elif not more:
            break
        found = match or more
        value = found["value"].strip() if found else ""
        meta[key] = f"{meta[key]} {value}" if key in meta else value
        taken = number + 1
    return Matter("\n".join(lines[taken:]), taken + 1, meta, places)


def _read(path: str, text: str) -> tuple[Mapping[str, Any], dict[str, int], tuple[Finding, ...]]:
    """Parse YAML: values, the line of each key, and what is wrong with it."""
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        meta = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 2, mark.column + 1) if mark else (2, 1)
        reason = getattr(error, "problem", None) or "not YAML"
        return {}, {}, (Finding(Position(path, line, column), CHECK, f"{reason}; mend the YAML"),)
    except ValueError as error:  # such as the date 2026-02-30
        return {}, {}, (Finding(_faulty(path, text), CHECK, f"{error}; mend the value"),)
    if not isinstance(meta, dict) or not isinstance(node, yaml.MappingNode):
        message = "front matter is not a mapping; write key: value lines"
        return {}, {}, (Finding(Position(path, 2), CHECK, message),)
    lines: dict[str, int] = {}
    twice: list[Finding] = []
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 2
        if name in lines:
            message = f"duplicate key {name!r}; the first is on line {lines[name]}"
            twice.append(Finding(Position(path, line), CHECK, message))
        lines.setdefault(name, line)
    plain: Mapping[str, Any] = _plain(meta)
    return plain, lines, tuple(twice)


def _faulty(path: str, text: str) -> Position:
    """Find the value that YAML's own grammar allows and Python's types don't."""
    for _, value in getattr(yaml.compose(text, yaml.SafeLoader), "value", ()):
        try:
            yaml.safe_load(yaml.serialize(value))
        except ValueError:
            mark = value.start_mark
            return Position(path, mark.line + 2, mark.column + 1)
    return Position(path, 2)


def _plain(value: Any) -> Any:
    """Turn YAML's dates into text, so that a page can be stored as JSON."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
