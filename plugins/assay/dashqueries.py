"""The queries of a Grafana dashboard, and the variables and data sources that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay import dashboards, panels, variables
from assay.dashboards import Fault, Steps

_TIME = re.compile(r"now([+-]\d+[smhdwMQy])*(/f?[smhdwMQy])?|\d{4}-\d\d-\d\d.*|\d{10,13}|")
_VALUES = re.compile(r"\s*label_values\(\s*(?:(.+),)?\s*[\w.:${}]+\s*\)\s*", re.DOTALL)
_RESULT = re.compile(r"\s*query_result\((.+)\)\s*", re.DOTALL)
_LISTS = re.compile(r"\s*(?:label_names|metrics)\(.*\)\s*", re.DOTALL)
# Sources that every Grafana has.
_OWN = frozenset(
    {"-- Dashboard --", "-- Grafana --", "-- Mixed --", "grafana", "__expr__", "default"}
)


@dataclass(frozen=True)
class Query:
    """PromQL in a dashboard: the string's path, where in it the query begins, and the query."""

    path: Steps
    start: int
    text: str


def queries(data: Mapping[str, Any]) -> Iterator[Query]:
    """Every PromQL query: of panels, of annotations, of variables."""
    for path, one, kind in _targets(data):
        if kind in (None, "prometheus") and isinstance(one.get("expr"), str):
            yield Query((*path, "expr"), 0, one["expr"])
    for number, one in panels.items(data.get("templating"), "list"):
        if one.get("type") == "query" and _kind(one) in (None, "prometheus"):
            yield from _of_variable(one, ("templating", "list", number))


def faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with queries beyond their PromQL, and with what they name."""
    for path, one, kind in _targets(data):
        if path[0] != "annotations":
            # a query that says nothing of its source goes to the default one
            told = kind or ("prometheus" if "expr" in one else "")
            yield from dashboards.target(told, one, path)
    known = _known(data)
    for query in queries(data):
        for name, at in variables.used(query.text):
            if name not in known:
                told = f"no variable ${name} is set in templating{dashboards.nearest(name, known)}"
                yield Fault(query.path, told, offset=query.start + at)
    for panel in panels.every(data):
        repeat = panel.data.get("repeat")
        if isinstance(repeat, str) and repeat and repeat not in known:
            told = f"no variable {repeat!r} is set in templating{dashboards.nearest(repeat, known)}"
            yield Fault((*panel.path, "repeat"), told)
    yield from _sources(data, known)
    time = data.get("time")
    for name, text in time.items() if isinstance(time, dict) else ():
        if isinstance(text, str) and not _TIME.fullmatch(text):
            told = f'{text!r} is no time; write one like "now-6h", "now/d" or a date'
            yield Fault(("time", name), told)


def _targets(data: Mapping[str, Any]) -> Iterator[tuple[Steps, Mapping[str, Any], str | None]]:
    """What asks a data source: its path, itself, and the source's type where that is said."""
    for panel in panels.every(data):
        for number, one in panels.items(panel.data, "targets"):
            yield (*panel.path, "targets", number), one, _kind(one) or _kind(panel.data)
    for number, one in panels.items(data.get("annotations"), "list"):
        yield ("annotations", "list", number), one, _kind(one)


def _kind(one: Mapping[str, Any]) -> str | None:
    held = one.get("datasource")
    kind = held.get("type") if isinstance(held, dict) else None
    return kind if isinstance(kind, str) and kind not in ("datasource", "mixed") else None


def _of_variable(one: Mapping[str, Any], path: Steps) -> Iterator[Query]:
    query, path = one.get("query"), (*path, "query")
    if isinstance(query, dict):
        query, path = query.get("query"), (*path, "query")
    if not isinstance(query, str) or not query.strip() or _LISTS.fullmatch(query):
        return
    inner = _VALUES.fullmatch(query) or _RESULT.fullmatch(query)
    if inner is None:
        yield Query(path, 0, query)
    elif inner[1] is not None:
        yield Query(path, inner.start(1), inner[1])


def _known(data: Mapping[str, Any]) -> frozenset[str]:
    own = [one.get("name") for _, one in panels.items(data.get("templating"), "list")]
    own += [one.get("name") for _, one in panels.items(data, "__inputs")]
    return variables.BUILT_IN | {name for name in own if isinstance(name, str)}


def _sources(data: Any, known: frozenset[str]) -> Iterator[Fault]:
    """Yield data sources that name a variable that isn't there, or have two types."""
    types: dict[str, str] = {}
    for path, held in _datasources(data, ()):
        uid = held.get("uid") if isinstance(held, dict) else held
        place = (*path, "uid") if isinstance(held, dict) else path
        if not isinstance(uid, str) or uid in _OWN:
            continue
        for name, _ in variables.used(uid):
            if name not in known:
                told = f"no variable or input ${name} is set{dashboards.nearest(name, known)}"
                yield Fault(place, told)
        kind = held.get("type") if isinstance(held, dict) else None
        if isinstance(kind, str) and types.setdefault(uid, kind) != kind:
            told = f"the data source {uid!r} is of type {types[uid]!r} before, and {kind!r} here"
            yield Fault((*path, "type"), told)


def _datasources(held: Any, path: Steps) -> Iterator[tuple[Steps, Any]]:
    pairs = held.items() if isinstance(held, dict) else enumerate(held)
    for step, one in pairs:
        if step == "datasource":
            yield (*path, step), one
        elif isinstance(one, dict | list):
            yield from _datasources(one, (*path, step))
