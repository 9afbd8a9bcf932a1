"""JSON Schemas that a block can name: those that the wheel check-jsonschema brings, by name."""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

SOURCE = "check_jsonschema.builtin_schemas.vendor"
# Of these the real tool is the judge, in a check of its own.
JUDGED = frozenset({"github-workflows", "gitlab-ci"})
# Objects that a schema leaves open and the tool doesn't: what else is in them is misspelt.
CLOSED: Mapping[str, tuple[str, ...]] = {
    "gitlab-ci": (
        "definitions cache_item", "definitions cache_item properties key oneOf 1",
        "properties workflow",
    ),
}  # fmt: skip
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What a schema refuses: the way to the value or, with `key`, to the key itself."""

    path: Path
    key: bool
    message: str


@functools.cache
def names() -> tuple[str, ...]:
    """The schemas that there are."""
    found = (p.name.removesuffix(".json") for p in resources.files(SOURCE).iterdir()
             if p.name.endswith(".json"))  # fmt: skip
    return tuple(sorted({*found} - JUDGED))


def judge(name: str) -> None:
    """Refuse a name that no schema has; raises ValueError."""
    if name not in names():
        allowed = ", ".join(repr(n) for n in names())
        raise ValueError(f"schema={name!r} is unknown; allowed are {allowed}")


def mismatches(name: str, data: Any) -> Iterator[Mismatch]:
    """Yield what the schema refuses, one for each place, in the order of the document."""
    from jsonschema.exceptions import best_match

    validator = _validator(name)
    errors = [best_match([e]) or e for e in validator.iter_errors(_plain(data))]
    # what is only there because something below it is wrong has nothing to tell
    told = [m for e in errors for m in _told(e, validator.schema)]
    yield from dict.fromkeys(told)
    if errors and not told:
        yield Mismatch(tuple(errors[0].absolute_path), False, errors[0].message[:200])


@functools.cache
def _validator(name: str) -> Any:
    """The schema with the regular expressions of its own language, which aren't Python's."""
    from check_jsonschema.regex_variants import RegexImplementation, RegexVariantName
    from jsonschema import validators

    schema = json.loads(resources.files(SOURCE).joinpath(f"{name}.json").read_bytes())
    for steps in CLOSED.get(name, ()):
        part = schema
        for step in steps.split():
            part = part[int(step) if isinstance(part, list) else step]
        part["additionalProperties"] = False
    words = RegexImplementation(RegexVariantName.default)
    extend: Any = validators.extend
    kind = extend(
        validators.validator_for(schema),
        {"pattern": words.pattern_keyword, "patternProperties": words.patternProperties_keyword},
    )
    return kind(schema)


def _plain(data: Any) -> Any:
    """What JSON would have in the place of YAML's own types."""
    if isinstance(data, Mapping):
        return {_name(k): _plain(v) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(v) for v in data]
    return data.isoformat() if isinstance(data, dt.date | dt.datetime) else data


def _name(key: Any) -> str:
    return json.dumps(key) if isinstance(key, bool) or key is None else str(key)


def _told(error: Any, root: Any) -> Iterator[Mismatch]:
    """Say one error of jsonschema in assay's words."""
    path = tuple(error.absolute_path)
    seen, wanted = error.instance, error.validator_value
    match error.validator:
        case "additionalProperties" | "unevaluatedProperties" if isinstance(seen, Mapping):
            known = sorted(_properties(error.schema, root))
            for name in seen:
                if name not in known and repr(name) in error.message:
                    yield Mismatch(
                        (*path, name), True, f"unknown key {name!r}; {_near(name, known)}"
                    )
        case "required":
            missing = [n for n in wanted if n not in seen]
            lacking = ", ".join(repr(n) for n in missing)
            yield Mismatch(path, True, f"missing here: {lacking}; write it")
        case "type":
            kinds = wanted if isinstance(wanted, str) else " or ".join(wanted)
            yield Mismatch(path, False, f"{_short(seen)} is no {kinds}")
        case "enum" | "const":
            allowed = wanted if error.validator == "enum" else [wanted]
            listed = ", ".join(sorted(_short(a) for a in allowed))
            yield Mismatch(path, False, f"{_short(seen)} is not allowed; allowed are {listed}")
        case "pattern":
            yield Mismatch(path, False, f"{_short(seen)} doesn't match {wanted!r}")
        case "anyOf" | "oneOf":
            yield Mismatch(path, False, _forms(error))
        case _:
            message = error.message.replace(repr(seen), _short(seen))
            yield Mismatch(path, False, message[:1].lower() + message[1:200])


def _forms(error: Any) -> str:
    """Say what each of the allowed forms would want."""
    inner = list(error.context)
    if inner and all(e.validator == "required" and not e.path for e in inner):
        names = sorted({n for e in inner for n in e.validator_value if n not in e.instance})
        return f"missing here: one of {', '.join(repr(n) for n in names)}; write it"
    if not inner:
        return f"{_short(error.instance)} has more than one of the forms that are allowed here"
    if all(e.validator == "type" and not e.path for e in inner):
        kinds = [k for e in inner for k in ([e.validator_value] * isinstance(e.validator_value, str)
                 or e.validator_value)]  # fmt: skip
        return f"{_short(error.instance)} is none of {', '.join(sorted({*kinds}))}"
    wanted = dict.fromkeys(m.message for e in inner for m in _told(e, {}) if len(m.message) < 100)
    return f"{_short(error.instance)} has no form that is allowed here: {'; or '.join(wanted)}"


def _properties(schema: Any, root: Any) -> set[str]:
    """The keys that an object may have by its schema and the parts that it is put together of."""
    found: set[str] = set()
    todo, seen = [schema], set()
    while todo:
        part = todo.pop()
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        found |= {*part.get("properties", {})}
        todo += [p for k in ("allOf", "anyOf", "oneOf") for p in part.get(k, ())]
        todo += [part[k] for k in ("then", "else") if k in part]
        if str(part.get("$ref", "")).startswith("#/"):
            target = root
            for step in part["$ref"][2:].split("/"):
                target = target.get(step, {})
            todo.append(target)
    return found


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, [*known], 1, 0.7)
    if near:
        return f"the nearest is {near[0]!r}"
    return "allowed are " + (", ".join(repr(n) for n in sorted(known)) or "none")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
