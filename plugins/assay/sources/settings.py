"""Read mkdocs.yml and assay.toml into one frozen value."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assay.errors import UsageError
from assay.sources import assay_toml, mkdocs_yaml
from assay.sources.mkdocs_yaml import Relative, named

DEFAULT_TOOLCHAINS = ("1.26.8", "1.27.3")
# sandbox.md's defaults: a Go program of a page gets `go`, a page's bash session `session`.
DEFAULT_PROFILES: Mapping[str, Mapping[str, int]] = {
    "compile": {
        "wall_s": 120, "cpu_s": 240, "memory_mb": 2048, "processes": 256, "open_files": 1024,
        "file_mb": 128, "work_mb": 512, "tmp_mb": 512, "shm_mb": 1,
        "output_kb": 256,
    },
    "go": {
        "wall_s": 5, "cpu_s": 10, "memory_mb": 256, "processes": 64, "open_files": 256,
        "file_mb": 32, "work_mb": 64, "tmp_mb": 64, "shm_mb": 1,
        "output_kb": 64,
    },
    "session": {
        "wall_s": 300, "cpu_s": 300, "memory_mb": 3072, "processes": 512, "open_files": 1024,
        "file_mb": 256, "work_mb": 1024, "tmp_mb": 512, "shm_mb": 1,
        "output_kb": 512,
    },
    # for sessions with real servers in them: four times what a control plane takes
    "lab": {
        "wall_s": 900, "cpu_s": 900, "memory_mb": 4096, "processes": 1024, "open_files": 4096,
        "file_mb": 1024, "work_mb": 4096, "tmp_mb": 1024, "shm_mb": 64,
        "output_kb": 1024,
    },
}  # fmt: skip


# Extensions that register superfences; where none is listed, plugin and check add it.
BRING_SUPERFENCES = frozenset({"pymdownx.extra", "pymdownx.superfences"})


@dataclass(frozen=True)
class Settings:
    """What a checkout says about itself; paths are absolute, names as in the files."""

    root: Path
    docs: Path
    snippets: Path
    toolchains: tuple[str, ...]
    profiles: Mapping[str, Mapping[str, int]]
    profile_paths: tuple[tuple[str, str], ...]
    extensions: tuple[str, ...]
    extension_configs: Mapping[str, Mapping[str, Any]]
    required: tuple[tuple[str, tuple[str, ...]], ...]
    names: tuple[str, ...]
    path: tuple[str, ...]
    """Folders of programs that sessions find beside the usual ones."""
    programs: Mapping[str, tuple[str, str]]
    """What pages may need and the site brings: folder and build tags, by command."""

    def session_profile(self, page: str) -> str:
        """The limits of a page's sessions: the last pattern of [profiles.paths] that fits."""
        fitting = [name for pattern, name in self.profile_paths if fnmatch(page, pattern)]
        return fitting[-1] if fitting else "session"

    @property
    def limits(self) -> tuple[object, ...]:
        """Everything about limits that can change an outcome."""
        return ({k: dict(v) for k, v in self.profiles.items()}, self.profile_paths)

    def bounded_by(self, text: str) -> Settings:
        """Return the settings with the limits and programs of another assay.toml."""
        own = assay_toml.parse("assay.toml", text, DEFAULT_PROFILES)
        return dataclasses.replace(
            self, profiles=_profiles(own), profile_paths=_paths(own), programs=_programs(own)
        )

    def options(self, page: str) -> dict[str, dict[str, Any]]:
        """The extensions' options for one page: `!relative` alone means the page's folder."""
        folder = (self.root / page).parent
        return {
            name: {k: _resolved(v, self.root, self.docs, folder) for k, v in given.items()}
            for name, given in self.extension_configs.items()
        }

    @cached_property
    def reading(self) -> str:
        """Hash what decides how a page is read, beside the page and assay itself."""
        tools = [version(n) for n in ("markdown", "pymdown-extensions")]
        parts = [self.extensions, self.extension_configs, tools]
        text = json.dumps(parts, sort_keys=True, default=named)
        return hashlib.sha256(text.encode()).hexdigest()[:24]


def load(root: Path) -> Settings:
    """Read the settings of the checkout at `root`; raises UsageError with the file and line."""
    site = mkdocs_yaml.read(_site_file(root))
    own = assay_toml.read(root / "assay.toml", DEFAULT_PROFILES)
    docs = Path(os.path.normpath(root / str(site.get("docs_dir", "docs"))))
    if root not in docs.parents:
        raise UsageError(f"mkdocs.yml: docs_dir {site['docs_dir']!r} is not below its own folder")
    if not docs.is_dir():
        raise UsageError(f"mkdocs.yml: there is no folder {docs.name!r}; make it, or mend docs_dir")
    names, configs = _extensions(site.get("markdown_extensions") or [], root, docs)
    matter = own.get("front_matter", {})
    required = [("**", tuple(matter.get("required", ())))]
    required += [(k, tuple(v)) for k, v in sorted(matter.get("paths", {}).items())]
    return Settings(
        root=root,
        docs=docs,
        snippets=root / str(own.get("snippets", "snippets")),
        toolchains=tuple(own.get("toolchains", DEFAULT_TOOLCHAINS)),
        profiles=_profiles(own),
        profile_paths=_paths(own),
        extensions=names,
        extension_configs=configs,
        required=tuple(required),
        names=tuple(own.get("names", ())),
        path=tuple(own.get("path", ())),
        programs=_programs(own),
    )


def _profiles(own: Mapping[str, Any]) -> Mapping[str, Mapping[str, int]]:
    given = own.get("profiles", {})
    return {name: {**values, **given.get(name, {})} for name, values in DEFAULT_PROFILES.items()}


def _programs(own: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
    given = own.get("programs", {})
    return {name: (str(p["module"]), str(p.get("tags", ""))) for name, p in given.items()}


def _paths(own: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(own.get("profiles", {}).get("paths", {}).items())


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds mkdocs.yml."""
    for folder in (start, *start.parents):
        if _site_file(folder).is_file():
            return folder
    raise UsageError(f"no mkdocs.yml in {start.name!r} or above; run assay inside a MkDocs project")


def _site_file(folder: Path) -> Path:
    """The site generator's settings; ProperDocs reads MkDocs' files and its own."""
    names = [f"{tool}.{end}" for tool in ("mkdocs", "properdocs") for end in ("yml", "yaml")]
    return next((folder / n for n in names if (folder / n).is_file()), folder / names[0])


def _extensions(
    listed: Any, root: Path, docs: Path
) -> tuple[tuple[str, ...], Mapping[str, Mapping[str, Any]]]:
    """Turn mkdocs.yml's `markdown_extensions` into names and options, as MkDocs does."""
    names = ["toc", "tables", "fenced_code"]
    configs: dict[str, dict[str, Any]] = {}
    if not isinstance(listed, (dict, list)):
        raise UsageError(f"mkdocs.yml: markdown_extensions is {listed!r}; write a list")
    entries = listed.items() if isinstance(listed, dict) else listed
    for entry in entries:
        pairs = entry.items() if isinstance(entry, dict) else [entry]
        for pair in pairs:
            name, options = pair if isinstance(pair, tuple) else (pair, None)
            if name not in names:
                names.append(str(name))
            configs[str(name)] = _resolved(dict(options or {}), root, docs, None)
    if not BRING_SUPERFENCES & set(names):
        names.append("pymdownx.superfences")
    names.remove("fenced_code")  # superfences replaces it: both would see the same fences
    snippets = configs.get("pymdownx.snippets")
    if snippets is not None:
        base = snippets.get("base_path", ["."])
        paths = base if isinstance(base, list) else [base]
        snippets["base_path"] = [
            p if isinstance(p, Relative) else os.path.normpath(root / str(p)) for p in paths
        ]
    return tuple(n for n in names if n != "assay"), configs


def _resolved(value: Any, root: Path, docs: Path, page: Path | None) -> Any:
    """Resolve `!relative` anywhere in an option."""
    if isinstance(value, Relative):
        return value.resolved(root, docs, page)
    if isinstance(value, dict):
        return {k: _resolved(v, root, docs, page) for k, v in value.items()}
    return [_resolved(v, root, docs, page) for v in value] if isinstance(value, list) else value
