"""Copies of the whole site, checked and built by the commands that a writer types."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
SOURCES = ("ci/tools", "assay.toml", "docs", "evidence.lock", "mkdocs.yml", "snippets")
EVIDENCE = Path(".cache", "assay")


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    output: str
    error: str

    @property
    def json(self) -> Any:
        """The output of --format json."""
        return json.loads(self.output)

    @property
    def places(self) -> list[tuple[str, str]]:
        """Each finding of --format json as `path:line:column` and its check."""
        return [
            (f"{f['path']}:{f['line']}:{f['column']}", str(f["check"]))
            for f in (*self.json["findings"], *self.json["errors"])
        ]


class Checkout:
    """A folder with the site's own sources and evidence, to be edited."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, program: str, *arguments: str, **environment: str) -> Done:
        """Run one of the environment's programs in the folder."""
        return ran([str(PROGRAMS / program), *arguments], cwd=self.root, **environment)

    def assay(self, *arguments: str, **environment: str) -> Done:
        """Run assay."""
        return self.run("assay", *arguments, **environment)

    def build(self, *arguments: str, **environment: str) -> Done:
        """Build the site as `make site` does."""
        return self.run("mkdocs", "build", "--strict", *arguments, **environment)

    def text(self, name: str) -> str:
        """Read a file."""
        return (self.root / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, pattern: str, replacement: str) -> None:
        """Replace the first match of a pattern, which must be there."""
        text, count = re.subn(pattern, replacement, self.text(name), count=1, flags=re.MULTILINE)
        assert count, f"nothing in {name} matches {pattern!r}; choose what to edit anew"
        self.write(name, text)

    def place(self, name: str, pattern: str) -> str:
        """Say as `path:line:column` where the only match of a pattern begins."""
        text = self.text(name)
        found = list(re.finditer(pattern, text, flags=re.MULTILINE))
        assert len(found) == 1, f"{len(found)} matches of {pattern!r} in {name}, not one"
        start = found[0].start(len(found[0].groups()))
        line = text.count("\n", 0, start) + 1
        return f"{name}:{line}:{start - text.rfind(chr(10), 0, start)}"


def ran(argv: list[str], *, cwd: Path, **environment: str) -> Done:
    """Run a command to its end."""
    made = subprocess.run(
        argv, cwd=cwd, env=surroundings(**environment), capture_output=True, text=True, check=False
    )
    return Done(made.returncode, made.stdout, made.stderr)


def surroundings(**more: str) -> dict[str, str]:
    """Environment in which commands use the sources that are tested."""
    kept = {k: v for k, v in os.environ.items() if k != "SITE_URL"}
    named = {"PYTHONPATH": str(ROOT / "plugins"), "NO_MKDOCS_2_WARNING": "1"}
    return {**kept, **named, **more}


def copied(source: Path, target: Path) -> Checkout:
    """Copy the site; evidence is linked, for assay replaces files and never changes one."""
    target.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        else:
            shutil.copy2(source / name, target / name)
    (target / "plugins").mkdir()  # mkdocs.yml asks to watch it
    if (source / EVIDENCE).is_dir():
        shutil.copytree(source / EVIDENCE, target / EVIDENCE, copy_function=_linked)
    return Checkout(target)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
