"""Read mkdocs.yml and assay.toml into one frozen value."""

from __future__ import annotations

import importlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assay.errors import UsageError

DEFAULT_TOOLCHAINS = ("1.26.8", "1.27.3")
# sandbox.md's defaults: a Go program of a page gets `go`, a page's bash session `session`.
DEFAULT_PROFILES: Mapping[str, Mapping[str, int]] = {
    "compile": {
        "wall_s": 120, "cpu_s": 240, "memory_mb": 2048, "processes": 256, "open_files": 1024,
        "file_mb": 128, "work_mb": 512, "tmp_mb": 512, "output_kb": 256,
    },
    "go": {
        "wall_s": 5, "cpu_s": 10, "memory_mb": 256, "processes": 64, "open_files": 256,
        "file_mb": 32, "work_mb": 64, "tmp_mb": 64, "output_kb": 64,
    },
    "session": {
        "wall_s": 300, "cpu_s": 300, "memory_mb": 3072, "processes": 512, "open_files": 1024,
        "file_mb": 256, "work_mb": 1024, "tmp_mb": 512, "output_kb": 512,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What a checkout says about itself; paths are absolute, names as in the files."""

    root: Path
    docs: Path
    snippets: Path
    toolchains: tuple[str, ...]
    profiles: Mapping[str, Mapping[str, int]]
    extensions: tuple[str, ...]
    extension_configs: Mapping[str, Mapping[str, Any]]
    required: tuple[tuple[str, tuple[str, ...]], ...]
    names: tuple[str, ...]


def load(root: Path) -> Settings:
    """Read the settings of the checkout at `root`; raises UsageError with the file and line."""
    site = _site(root / "mkdocs.yml")
    own = _toml(root / "assay.toml")
    names, configs = _extensions(site.get("markdown_extensions") or [], root)
    matter = own.get("front_matter", {})
    required = [("**", tuple(matter.get("required", ())))]
    required += [(k, tuple(v)) for k, v in sorted(matter.get("paths", {}).items())]
    profiles = {
        name: {**values, **own.get("profiles", {}).get(name, {})}
        for name, values in DEFAULT_PROFILES.items()
    }
    return Settings(
        root=root,
        docs=root / str(site.get("docs_dir", "docs")),
        snippets=root / str(own.get("snippets", "snippets")),
        toolchains=tuple(own.get("toolchains", DEFAULT_TOOLCHAINS)),
        profiles=profiles,
        extensions=names,
        extension_configs=configs,
        required=tuple(required),
        names=tuple(own.get("names", ())),
    )


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds mkdocs.yml."""
    for folder in (start, *start.parents):
        if (folder / "mkdocs.yml").is_file():
            return folder
    raise UsageError(f"no mkdocs.yml in {start.name!r} or above; run assay inside a MkDocs project")


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name}: {error}; mend the file") from error
    allowed = {"toolchains", "snippets", "profiles", "front_matter", "names"}
    for key in own:
        if key not in allowed:
            raise UsageError(f"{path.name}: unknown key {key!r}; allowed are {_quoted(allowed)}")
    for name in own.get("profiles", {}):
        if name not in DEFAULT_PROFILES:
            raise UsageError(
                f"{path.name}: unknown profile {name!r}; allowed are {_quoted(DEFAULT_PROFILES)}"
            )
    return own


def _quoted(names: Any) -> str:
    return ", ".join(repr(n) for n in sorted(names))


class _Loader(yaml.SafeLoader):
    """YAML as MkDocs reads it, but nothing can be called from it: names are only looked up."""


def _env(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        *names, default = [loader.construct_object(child, deep=True) for child in node.value]
        found = next((os.environ[n] for n in names if n in os.environ), default)
    else:
        found = os.environ.get(str(node.value))
    return yaml.safe_load(found) if isinstance(found, str) else found


def _python_name(_: _Loader, suffix: str, __: yaml.Node) -> Any:
    module, _dot, name = suffix.rpartition(".")
    return getattr(importlib.import_module(module), name)


_Loader.add_constructor("!ENV", _env)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/name:", _python_name)
_Loader.add_multi_constructor("!relative", lambda *_: None)


def _site(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UsageError(f"no {path.name} in this folder; run assay inside a MkDocs project")
    try:
        site = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, ImportError, AttributeError) as error:
        message = " ".join(str(error).split())
        raise UsageError(f"{path.name}: {message}; mend the file") from error
    if not isinstance(site, dict):
        raise UsageError(f"{path.name}: a mapping is expected; mend the file")
    parent = site.pop("INHERIT", None)
    if parent is None:
        return site
    return _merge(_site((path.parent / str(parent)).resolve()), site)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merge(old, value) if both and isinstance(old, dict) else value
    return merged


def _extensions(listed: Any, root: Path) -> tuple[tuple[str, ...], Mapping[str, Mapping[str, Any]]]:
    """Turn mkdocs.yml's `markdown_extensions` into names and options, as MkDocs does."""
    names = ["toc", "tables", "fenced_code"]
    configs: dict[str, dict[str, Any]] = {}
    entries = listed.items() if isinstance(listed, dict) else listed
    for entry in entries:
        pairs = entry.items() if isinstance(entry, dict) else [entry]
        for pair in pairs:
            name, options = pair if isinstance(pair, tuple) else (pair, None)
            if name not in names:
                names.append(str(name))
            configs[str(name)] = dict(options or {})
    if "pymdownx.superfences" not in names:
        names.append("pymdownx.superfences")
    names.remove("fenced_code")  # superfences replaces it: both would see the same fences
    snippets = configs.get("pymdownx.snippets")
    if snippets is not None:
        base = snippets.get("base_path", ["."])
        paths = base if isinstance(base, list) else [base]
        snippets["base_path"] = [os.path.normpath(root / str(p)) for p in paths]
    return tuple(n for n in names if n != "assay"), configs
