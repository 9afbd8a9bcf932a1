"""What the API server takes, and nothing obeys afterwards.

Canary annotations of ingress-nginx: names and values are those of its page on annotations
(kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations, read 2026-11-27).
An autoscaler's target that has another value than its type says: the controller looks for the
value by the type (k8s.io/kubernetes v1.37.2, pkg/controller/podautoscaler).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

PREFIX = "nginx.ingress.kubernetes.io/"
VALUES = {
    "canary": (r"true|false", "'true' or 'false'"),
    "canary-by-cookie": (r"\S+", "a cookie's name"),
    "canary-by-header": (r"\S+", "a header's name"),
    "canary-by-header-pattern": (r".+", "a regular expression"),
    "canary-by-header-value": (r".+", "a header's value"),
    "canary-weight": (r"\d+", "a whole number"),
    "canary-weight-total": (r"[1-9]\d*", "a whole number from 1"),
}
TARGETS = {
    "AverageValue": "averageValue",
    "Utilization": "averageUtilization",
    "Value": "value",
}
Fault = tuple[tuple[str | int, ...], str, bool]
"""A path in the document, what is wrong there, and whether it is the name."""


def faults(document: Any) -> Iterator[Fault]:
    """Yield what stays without effect in a manifest that the server takes."""
    if document["kind"] == "Ingress":
        yield from _canary(document["metadata"].get("annotations") or {})
    if document["kind"] == "HorizontalPodAutoscaler":
        for number, metric in enumerate(document["spec"].get("metrics") or []):
            yield from _target(("spec", "metrics", number), metric)


def _target(path: tuple[str | int, ...], metric: Any) -> Iterator[Fault]:
    source = metric["type"][:1].lower() + metric["type"][1:]
    target = metric[source].get("target") or {}
    wanted = TARGETS.get(target.get("type", ""))
    if wanted and wanted not in target:
        message = f"a target of type {target['type']!r} needs {wanted!r}; write that, or its type"
        yield (*path, source, "target", "type"), message, False


def _canary(every: Any) -> Iterator[Fault]:
    given = {k.removeprefix(PREFIX): v for k, v in every.items() if k.startswith(PREFIX)}
    for name, value in given.items():
        path = ("metadata", "annotations", PREFIX + name)
        near = difflib.get_close_matches(name, VALUES, 1, 0.8)
        if name not in VALUES and (near or name.startswith("canary")):
            allowed = ", ".join(repr(PREFIX + n) for n in sorted(VALUES))
            yield path, f"unknown annotation {PREFIX + name!r}; allowed are {allowed}", True
        elif name in VALUES and not re.fullmatch(VALUES[name][0], value):
            yield path, f"{value!r} is not allowed here; write {VALUES[name][1]}", False
        elif name in VALUES and name != "canary" and given.get("canary") != "true":
            message = f'without {PREFIX + "canary"!r}: "true" this has no effect; add that'
            yield path, message, True
    weight, total = given.get("canary-weight", "0"), given.get("canary-weight-total", "100")
    if weight.isdigit() and total.isdigit() and int(weight) > int(total):
        path = ("metadata", "annotations", f"{PREFIX}canary-weight")
        yield path, f"the weight {weight} is above the total of {total}", False
