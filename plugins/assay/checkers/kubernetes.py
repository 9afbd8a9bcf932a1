"""Kubernetes manifests, judged by the newest version's strict schemas; unknown kinds fail."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from assay import yamltree
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "kubernetes"
MANIFEST = re.compile(r"^apiVersion:.*$(?s:.*)^kind:|^kind:.*$(?s:.*)^apiVersion:", re.MULTILINE)


def claims(unit: Unit) -> bool:
    """YAML with apiVersion and kind, or kind="kubernetes"."""
    fits = unit.kind == "block" and unit.block.language == "yaml"
    kind = unit.block.option("kind") if fits else ""
    return kind == NAME or (kind is None and bool(MANIFEST.search(unit.block.text)))


def tools() -> Mapping[str, str]:
    """The wheel that carries the API server's schemas."""
    return {"kubernetes-validate": version("kubernetes-validate")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what the schemas refuse, at the field's own line."""
    block = unit.block
    for document in yamltree.documents(block.text):
        for path, message, key in _faults(document.data):
            line, column = document.place(path, key=key)
            yield Finding(block.at(line, column), NAME, message)


def _faults(data: Any) -> Iterator[tuple[list[str | int], str, bool]]:
    named = ("apiVersion", "kind")
    if not isinstance(data, dict) or not all(isinstance(data.get(k), str) for k in named):
        yield [], "no apiVersion and kind; a manifest needs both", False
        return
    newest, validator = _validator(data["apiVersion"], data["kind"])
    if validator is None:
        message = f"no API {data['apiVersion']} {data['kind']} in Kubernetes {newest}"
        yield ["apiVersion"], message, False
    for error in validator.iter_errors(data) if validator else ():
        where = list(error.absolute_path)
        if error.validator == "additionalProperties" and not error.validator_value:
            known = error.schema.get("properties", {})
            allowed = f"allowed are {', '.join(repr(k) for k in sorted(known))}"
            for name in sorted({*error.instance} - {*known}):
                yield [*where, name], f"unknown field {name!r}; {allowed}", True
        else:
            yield where, error.message[:300], error.validator == "required"


@functools.lru_cache(maxsize=64)
def _validator(api: str, kind: str) -> tuple[str, Any]:
    """Return the newest version and its validator for a kind; None where there is none."""
    import jsonschema
    from kubernetes_validate import utils
    from referencing import Registry, Resource

    newest = utils.latest_version()
    folder = f"kubernetes-json-schema/v{newest}-local-strict"
    name = f"{kind.lower()}-" + re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api)
    try:
        schema = utils.schema_contents(f"{folder}/{name}.json", newest)
    except FileNotFoundError:
        return utils.major_minor(newest), None
    group, _, api_version = api.rpartition("/")
    here = {"group": group, "kind": kind, "version": api_version}
    if here not in schema.get("x-kubernetes-group-version-kind", []):
        return utils.major_minor(newest), None  # the file name drops the group's domain
    shared = utils.schema_contents(f"{folder}/_definitions.json", newest)
    registry = Resource.from_contents(shared) @ (Resource.from_contents(schema) @ Registry())
    return utils.major_minor(newest), jsonschema.Draft202012Validator(schema, registry=registry)
