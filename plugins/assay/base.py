"""The revision that is trusted: its limits hold, and its go.mod says which modules are fetched.

A pull request brings its own assay.toml and go.mod. With `--base origin/main` neither decides
what its pages may use up or what is downloaded for them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assay.errors import UnableError, UsageError
from assay.process import run_trusted

_GIT = ("git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false")
_BLOCK = re.compile(r"^require\s*\(\s*\n(.*?)^\s*\)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^require\s+([^\s(]\S*)\s+(v\S+)", re.MULTILINE)
_ENTRY = re.compile(r"^\s*([^\s/]\S*)\s+(v\S+)", re.MULTILINE)
_REPLACED = re.compile(r"=>\s*(\S+)\s+(v\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Base:
    """A git revision of the checkout at `root`."""

    root: Path
    name: str

    @cached_property
    def revision(self) -> str:
        """The commit; raises UsageError where git knows none by the name."""
        spec = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{self.name}^{{commit}}")
        found = self._git(*spec)
        if found is None or not re.fullmatch(r"[0-9a-f]{40,64}\s*", found):
            raise UsageError(
                f"git knows no revision {self.name!r} here; name a branch, tag or commit of this "
                "repository for --base (a shallow clone needs: git fetch origin BRANCH)"
            )
        return found.strip()

    def text(self, path: str) -> str | None:
        """Return a file of the revision, by its path below `root`; None where it has none."""
        return self._git("cat-file", "blob", f"{self.revision}:./{path}")

    def modules(self, folder: Path) -> Mapping[str, str]:
        """Return go.mod and go.sum of a folder as the revision has them.

        Raises UnableError where the work tree's go.mod needs modules that this one doesn't name.
        """
        place = folder.relative_to(self.root).as_posix()
        trusted = {name: self.text(f"{place}/{name}") for name in ("go.mod", "go.sum")}
        now = (folder / "go.mod").read_text(encoding="utf-8", errors="replace")
        more = sorted(needed(now) - needed(trusted["go.mod"] or ""))
        if more:
            names = ", ".join(f'"{name}"' for name in more)
            raise UnableError(
                f"{place}/go.mod needs {names}, which the trusted revision {self.name} doesn't "
                f"name; land {place}/go.mod and go.sum first, then check the page"
            )
        return {name: text for name, text in trusted.items() if text is not None}

    def unchanged(self, files: Iterable[Path]) -> None:
        """Raise UnableError for a file that isn't as the revision has it."""
        for path in files:
            place = path.relative_to(self.root).as_posix()
            if self.text(place) != path.read_text(encoding="utf-8", errors="replace"):
                raise UnableError(
                    f"{place} isn't what the trusted revision {self.name} has; "
                    f"land it first, then check the page"
                )

    def _git(self, *arguments: str) -> str | None:
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "GIT_CONFIG_NOSYSTEM": "1"}
        outcome = run_trusted([*_GIT, *arguments], env=env, cwd=self.root, timeout_s=60)
        return outcome.output if outcome.ok else None


def needed(mod: str) -> set[str]:
    """Return the modules that a go.mod makes Go fetch, as `path version`."""
    text = re.sub(r"//[^\n]*", "", mod)
    found = {*_LINE.findall(text), *_REPLACED.findall(text)}
    for block in _BLOCK.findall(text):
        found |= {*_ENTRY.findall(block)}
    return {f"{path} {version}" for path, version in found}
