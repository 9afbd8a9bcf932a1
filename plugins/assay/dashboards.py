"""The structure of a Grafana dashboard, held against the documented JSON model.

The schema is assay's own, data/dashboard.schema.json: Grafana publishes none that is strict.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMA = Path(__file__).parent / "data" / "dashboard.schema.json"
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a path: with its key, with its value, or from an offset in its text on."""

    path: Steps
    message: str
    key: bool = False
    offset: int = -1


_KINDS = {
    "array": "a list", "boolean": "true or false", "integer": "a whole number", "null": "null",
    "number": "a number", "object": "an object", "string": "a text",
}  # fmt: skip


@functools.cache
def _validator(part: str = "") -> Draft202012Validator:
    """The validator of the whole model, or of one of its definitions."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    if part:
        schema = {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}
    return Draft202012Validator(schema)


def structure(data: Any) -> Iterator[Fault]:
    """Yield each key that the model doesn't have, and each value that it has otherwise."""
    yield from _told(_validator(), data, ())


# The data sources whose queries the schema knows.
QUERIES = {"loki": "lokiTarget", "prometheus": "prometheusTarget"}


def target(kind: str, data: Any, path: Steps) -> Iterator[Fault]:
    """Yield what is wrong with a query of a data source of this type."""
    if kind in QUERIES:
        yield from _told(_validator(QUERIES[kind]), data, path)


def override(name: str, value: Any, path: Steps, strict: bool) -> Iterator[Fault]:
    """Yield what is wrong with a property that an override sets, to be read at `path`."""
    definitions = _validator().schema["$defs"]  # type: ignore[index]
    own = name.removeprefix("custom.")
    known = definitions["fieldConfig"]["properties"]["defaults"]["properties"]
    if own != name:
        known = definitions["custom"]["properties"]
    if own in known:
        schema = {**known[own], "$defs": definitions} if isinstance(known[own], dict) else True
        yield from _told(Draft202012Validator(schema), value, (*path, "value"))
    elif strict or own == name:
        yield Fault((*path, "id"), f"unknown property {name!r}{nearest(own, known)}")


def _told(validator: Draft202012Validator, data: Any, path: Steps) -> Iterator[Fault]:
    for error in validator.iter_errors(data):
        yield from _one(error, (*path, *error.absolute_path))


def _one(error: ValidationError, path: Steps) -> Iterator[Fault]:
    wanted: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})  # type: ignore[union-attr]
            for name in sorted(set(_mapping(error.instance)) - set(known)):
                yield Fault((*path, name), f"unknown key {name!r}{nearest(name, known)}", key=True)
        case "required":
            # one error for each name that is missing: the name stands in the message alone
            name = error.message.split("'")[1]
            yield Fault(path, f"the key {name!r} is missing", key=True)
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            allowed = " or ".join(_KINDS[k] for k in kinds)
            yield Fault(path, f"{_shown(error.instance)} stands here; allowed is {allowed}")
        case "enum":
            near = nearest(_shown(error.instance), [json.dumps(w) for w in wanted], quoted=True)
            yield Fault(path, f"{_shown(error.instance)} is no value that fits here{near}")
        case "pattern":
            allowed = error.schema["description"]  # type: ignore[index]
            yield Fault(path, f"{_shown(error.instance)} stands here; allowed is {allowed}")
        case _:
            yield Fault(path, error.message)


def nearest(name: str, known: Iterable[str], *, quoted: bool = False) -> str:
    """Say which known name is nearest; where none is, and they are few, which there are."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    if near:
        return f"; the nearest is {near[0] if quoted else repr(near[0])}"
    few = ", ".join(k if quoted else repr(k) for k in known)
    return f"; allowed are {few}" if len(known) < 13 else ""


def _mapping(value: Any) -> dict[str, Any]:
    """What the validator found unknown keys in."""
    return dict(value)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "..."
