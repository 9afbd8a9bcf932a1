"""mkdocs.yml as MkDocs reads it: INHERIT, !ENV, !relative and Python names."""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml_env_tag import construct_env_tag

from assay.errors import UsageError

# What mkdocs.yml may call to make an option; everything else is only looked up, never called.
CALLED = ("markdown.extensions.toc.", "material.extensions.", "pymdownx.")


@dataclass(frozen=True)
class Relative:
    """`!relative`: the folder of the page, or below `$config_dir` or `$docs_dir`."""

    value: str

    def resolved(self, root: Path, docs: Path, page: Path | None) -> Any:
        """Return the path; this object itself as long as the page isn't known."""
        start, _, rest = self.value.partition("/")
        base = {"$config_dir": root, "$docs_dir": docs}.get(start)
        if base is not None:
            return str(base / rest)
        return str(page) if page else self


class _Loader(yaml.SafeLoader):
    """A safe loader with the tags that MkDocs knows."""


def _python_name(_: _Loader, suffix: str, __: yaml.Node) -> Any:
    module, _dot, name = suffix.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _python_call(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    """Make a function with `kwds`, as Material's documentation writes its slugs."""
    if not suffix.startswith(CALLED) or not isinstance(node, yaml.MappingNode):
        raise yaml.constructor.ConstructorError(
            None, None, f"{suffix!r} would be called; allowed is below {', '.join(CALLED)}",
            node.start_mark,
        )  # fmt: skip
    given = loader.construct_mapping(node, deep=True)
    made = _python_name(loader, suffix, node)
    return made(*given.get("args", ()), **given.get("kwds", {}))


def _relative(_: _Loader, node: yaml.Node) -> Relative:
    return Relative(str(node.value or ""))


_Loader.add_constructor("!ENV", construct_env_tag)
_Loader.add_constructor("!relative", _relative)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/name:", _python_name)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/object/apply:", _python_call)


def read(path: Path) -> dict[str, Any]:
    """Read the file with what it inherits; raises UsageError."""
    if not path.is_file():
        raise UsageError(f"no {path.name} in this folder; run assay inside a MkDocs project")
    try:
        site = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)  # noqa: S506 - it is safe
    except (yaml.YAMLError, UnicodeDecodeError, ImportError, AttributeError, TypeError) as error:
        message = " ".join(str(error).split()).replace(str(path), path.name)
        raise UsageError(f"{path.name}: {message}; mend the file") from error
    if not isinstance(site, dict):
        raise UsageError(f"{path.name}: a mapping is expected; mend the file")
    parent = site.pop("INHERIT", None)
    if parent is None:
        return site
    above = (path.parent / str(parent)).resolve()
    if not above.is_file():
        raise UsageError(f"{path.name}: INHERIT names {str(parent)!r}, which isn't there; mend it")
    return _merge(read(above), site)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merge(old, value) if both and isinstance(old, dict) else value
    return merged


def named(value: object) -> str:
    """Name an option that JSON can't hold the same way in every process."""
    if isinstance(value, functools.partial):
        return f"{named(value.func)}{value.args}{sorted(value.keywords.items())}"
    name = getattr(value, "__qualname__", None)
    return f"{getattr(value, '__module__', '')}.{name}" if name else repr(value)
