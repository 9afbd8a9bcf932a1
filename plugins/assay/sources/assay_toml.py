"""Read assay.toml and say which of its values can't be meant."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from assay.errors import UsageError

KEYS = ("front_matter", "names", "path", "profiles", "programs", "snippets", "toolchains")
# What a page's sessions may run under; its Go programs always run under `go`.
SESSION_PROFILES = ("lab", "session")
PROGRAM = re.compile(r"[a-z][a-z0-9_-]*")
VERSION = re.compile(r"\d+\.\d+(\.\d+|rc\d+)")


def read(path: Path, profiles: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return the file's values, {} without a file; raises UsageError with the wrong one.

    `profiles` has the limits that may be set, by profile.
    """
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name}: {error}; mend the file") from error
    return parse(path.name, text, profiles)


def parse(name: str, text: str, profiles: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return the values of a file called `name`; raises UsageError with the wrong one."""
    try:
        own = tomllib.loads(text)
        _only("key", own, KEYS)
        _toolchains(own.get("toolchains"))
        _folder("snippets", own.get("snippets", "snippets"))
        _words("names", own.get("names", []))
        _path(own.get("path", []))
        _profiles(_table("profiles", own), profiles)
        _programs(_table("programs", own))
        _front_matter(_table("front_matter", own))
    except ValueError as error:  # tomllib's error is one too
        raise UsageError(f"{name}: {error}; mend the file") from error
    return own


def _only(what: str, given: Iterable[str], allowed: Iterable[str]) -> None:
    for key in given:
        if key not in allowed:
            names = ", ".join(repr(n) for n in sorted(allowed))
            raise ValueError(f"unknown {what} {key!r}; allowed are {names}")


def _table(name: str, own: Mapping[str, Any]) -> dict[str, Any]:
    value = own.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name} is {value!r}; write a table [{name}]")
    return value


def _words(name: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise ValueError(f"{name} is {value!r}; write a list of strings")


def _toolchains(value: Any) -> None:
    if value is None:
        return
    _words("toolchains", value)
    for version in value:
        if not VERSION.fullmatch(version):
            raise ValueError(f"toolchains has {version!r}; write an exact version, such as 1.27.3")
    if not value:
        raise ValueError("toolchains is empty; name at least one Go version")


def _folder(name: str, value: Any) -> None:
    path = PurePosixPath(value) if isinstance(value, str) else None
    if path is None or not path.parts or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name} is {value!r}; write a folder of this repository")


def _path(value: Any) -> None:
    _words("path", value)
    for folder in value:
        if not folder.startswith("/usr/") or ".." in folder.split("/") or ":" in folder:
            raise ValueError(f"path has {folder!r}; write folders below /usr, which boxes see")


def _profiles(given: Mapping[str, Any], allowed: Mapping[str, Mapping[str, int]]) -> None:
    _only("profile", given, {*allowed, "paths"})
    for pattern, profile in _table("paths", given).items():
        if profile not in SESSION_PROFILES:
            names = ", ".join(repr(n) for n in SESSION_PROFILES)
            raise ValueError(f"profiles.paths.{pattern!r} is {profile!r}; allowed are {names}")
    for name in {*given} - {"paths"}:
        limits = _table(name, given)
        _only(f"limit of profiles.{name}", limits, allowed[name])
        for limit, value in limits.items():
            if type(value) is not int or value <= 0:
                raise ValueError(f"profiles.{name}.{limit} is {value!r}; write a whole number > 0")


def _programs(given: Mapping[str, Any]) -> None:
    for name in given:
        if not PROGRAM.fullmatch(name):
            raise ValueError(f"programs has {name!r}; write a command's name in small letters")
        program = _table(f"programs.{name}", {f"programs.{name}": given[name]})
        _only(f"key of programs.{name}", program, ("module", "tags"))
        _folder(f"programs.{name}.module", program.get("module"))
        if not isinstance(program.get("tags", ""), str):
            raise ValueError(f"programs.{name}.tags is {program['tags']!r}; write one string")


def _front_matter(given: Mapping[str, Any]) -> None:
    _only("key of front_matter", given, ("paths", "required"))
    _words("front_matter.required", given.get("required", []))
    for pattern, keys in _table("paths", given).items():
        _words(f"front_matter.paths.{pattern!r}", keys)
