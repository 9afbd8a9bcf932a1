"""What ChaosBlade's operator makes of an experiment: its definition takes any text for it.

The table is data/chaosblade.yml, with its source and date.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TABLE = Path(__file__).parent / "data" / "chaosblade.yml"
Fault = tuple[tuple[str | int, ...], str]
"""A path in the document, and what is wrong there."""


@functools.cache
def table() -> Any:
    """Scopes, their targets, and the targets' actions with their flags."""
    return YAML(typ="safe").load(TABLE.read_text(encoding="utf-8"))


def faults(document: Any) -> Iterator[Fault]:
    """Yield what the operator couldn't do of a document that fits its definition."""
    for number, one in enumerate(document["spec"]["experiments"]):
        path = ("spec", "experiments", number)
        flags: dict[str, tuple[int, list[str]]] = {
            m["name"]: (n, m["value"]) for n, m in enumerate(one.get("matchers") or [])
        }
        yield from _experiment(path, one, flags)


def _experiment(
    path: tuple[str | int, ...], one: Any, flags: dict[str, tuple[int, list[str]]]
) -> Iterator[Fault]:
    scope, target, action = one["scope"], one["target"], one["action"]
    scopes, known = table()["scopes"], table()["targets"]
    if scope not in scopes:
        yield (*path, "scope"), f"unknown scope {scope!r}; allowed are {_quoted(scopes)}"
        return
    targets = scopes[scope]
    if targets and target not in targets:
        hint = table()["instead"].get(target)
        message = f"scope {scope!r} has no target {target!r}; allowed are {_quoted(targets)}"
        yield (*path, "target"), f"{message}; {hint}" if hint else message
        return
    if scope in ("container", "pod") and not {"names", "labels"} & set(flags):
        yield path, "nothing says which pods are meant; add the matcher 'names' or 'labels'"
    actions = known.get(target) if targets else None
    if actions and action not in actions:
        message = f"target {target!r} has no action {action!r}; allowed are {_quoted(actions)}"
        yield (*path, "action"), message
    elif actions and actions[action]:
        yield from _flags(path, actions[action], flags)


def _flags(
    path: tuple[str | int, ...], action: Any, flags: dict[str, tuple[int, list[str]]]
) -> Iterator[Fault]:
    common = table()["common"] if action.get("common") else []
    allowed = {*action["flags"], *common, *table()["resource"]}
    for name, (number, value) in flags.items():
        place = (*path, "matchers", number)
        if name not in allowed:
            yield (*place, "name"), f"unknown matcher {name!r}; allowed are {_quoted(allowed)}"
        elif name in action.get("numbers", []) and not all(v.isdigit() for v in value):
            message = f"{name!r} is a whole number of milliseconds, not {', '.join(value)!r}"
            yield (*place, "value"), message
    for name in action.get("required", []):
        if name not in flags:
            yield (*path, "action"), f"the matcher {name!r} is missing"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(n) for n in sorted(names))
