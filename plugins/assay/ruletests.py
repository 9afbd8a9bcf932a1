"""Tests of Prometheus rules: run by promtool, each failure at the test that it is about."""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from assay import plan, yamlplaces, yamltree
from assay.bench import Bench
from assay.model import Unit

Place = tuple[int, int]
Told = tuple[Place, str]
Path = tuple[str | int, ...]
_ALERT = re.compile(r"(?s)\s*(?:name: .*?,\n)?\s*alertname: (.*?), time: (\S+), (.*)")
_QUERY = re.compile(r'(?s)\s*expr: ("(?:\\.|[^"\\])*"), time: (\S+?),(.*)')
_SERIES = re.compile(r"(?s)(\d+):(\d+): parse error: (.*)")
_LINE = re.compile(r"\s*line (\d+): (.*)")
_FIELD = re.compile(r"field (\S+) not found in type \S+")
_QUOTED = re.compile(r'["`]([^"`]+)["`]')
_DURATION = re.compile(r"(\d+)(ms|[smhdwy])")
_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
       "y": 31_536_000_000}  # fmt: skip


def faults(unit: Unit, document: yamltree.Document, bench: Bench) -> Iterator[Told]:
    """Yield what is wrong with a test file, and each of its tests that fails."""
    asked = plan.together(unit)
    texts = {file["name"]: file["text"] for file in asked["files"] if file["name"] != asked["file"]}
    wrong = list(_rule_files(document, asked["file"], texts, bench))
    yield from wrong
    if wrong:
        return
    answer = bench.judge("promtool", asked)
    for line in answer["error"].splitlines():
        if line.strip() and not line.endswith("unmarshal errors:"):
            yield _misread(document, unit.block.text, line)
    if not answer["error"]:
        for number, group in enumerate(answer["groups"]):
            for failure in group:
                yield _failed(document, unit.block.text, number, failure)


def _rule_files(
    document: yamltree.Document, own: str, texts: dict[str, str], bench: Bench
) -> Iterator[Told]:
    """Yield the rule files that aren't on the page, and those that have faults of their own."""
    patterns = document.data.get("rule_files")
    if not isinstance(patterns, list) or not patterns:
        yield document.place(("rule_files",), key=True), "rule_files: names no file to test"
        return
    for number, pattern in enumerate(patterns):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(own), str(pattern)))
        found = [n for n in texts if fnmatch.fnmatchcase(n, name)]
        place = document.place(("rule_files", number))
        if not found:
            there = ", ".join(repr(n) for n in sorted(texts)) or "none"
            told = f"{pattern!r} is no file that the page has before this block; there are {there}"
            yield place, f'{told}; write its rules as a fence with file="{name}"'
        for one in found:
            if bench.judge("promcheck", {"kind": "rules", "text": texts[one]})["faults"]:
                yield place, f"{one!r} has faults of its own; mend them first"


def _misread(document: yamltree.Document, text: str, line: str) -> Told:
    """Place what promtool says about the file itself: by line, or by what it quotes."""
    told = line.strip().removeprefix("yaml: ")
    if numbered := _LINE.fullmatch(line.removeprefix("yaml: ")):
        number, told = int(numbered[1]), numbered[2]
        row = text.split("\n")[number - 1]
        column = len(row) - len(row.lstrip(" -")) + 1
        if field := _FIELD.fullmatch(told):
            column = row.find(field[1]) + 1
            told = f"unknown field {field[1]!r}"
        return (number, column), told
    quoted = _QUOTED.findall(told)
    places = [p for p, v in _scalars(document.data) if str(v) in quoted]
    return document.place(places[0] if places else ()), told


def _failed(document: yamltree.Document, text: str, number: int, failure: str) -> Told:
    """Place a failed test of the group `number`."""
    group: Path = ("tests", number)
    if alert := _ALERT.fullmatch(failure):
        for path, test in _items(document.data, (*group, "alert_rule_test")):
            if test.get("alertname") == alert[1] and _same(test.get("eval_time"), alert[2]):
                told = f"the alert {alert[1]!r} at {alert[2]} is another: {_compared(alert[3])}"
                return document.place((*path, "alertname")), told
    if query := _QUERY.fullmatch(failure):
        for path, test in _items(document.data, (*group, "promql_expr_test")):
            if test.get("expr") == json.loads(query[1]) and _same(test.get("eval_time"), query[2]):
                told = f"the query at {query[2]} gives something else: {_compared(query[3])}"
                return document.place((*path, "expr")), told
    if series := _SERIES.fullmatch(failure):
        path = (*group, "input_series", int(series[1]) - 2)
        held = [test for p, test in _items(document.data, path[:-1]) if p == path]
        offset, name = int(series[2]) - 3, "series"
        if held and offset > len(str(held[0].get("series"))):
            offset, name = offset - len(str(held[0]["series"])) - 1, "values"
        return yamlplaces.within(document, text, (*path, name), offset), series[3]
    return document.place(group), " ".join(failure.split())


def _compared(message: str) -> str:
    """Say on one line what was expected and what came."""
    flat = " ".join(message.split())
    return flat.replace("exp:", "expected", 1).replace(", got:", "; came", 1).replace(
        " got:", "; came", 1
    )  # fmt: skip


def _same(written: Any, told: str) -> bool:
    """Whether two durations are equal, however they are written."""
    return _milliseconds(str(written)) == _milliseconds(told)


def _milliseconds(text: str) -> int:
    return sum(int(n) * _MS[u] for n, u in _DURATION.findall(text))


def _items(data: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for step in path:
        data = data.get(step, []) if isinstance(data, dict) else data[int(step)]
    yield from (((*path, n), one) for n, one in enumerate(data or []) if isinstance(one, dict))


def _scalars(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for step, held in pairs:
        if isinstance(held, dict | list):
            yield from _scalars(held, (*path, step))
        else:
            yield (*path, step), held
