"""The table of what tools have: their commands, flags, and what each takes.

It is data/flags.yml; ci/flags.py writes it from the tools' own help.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).parent / "data" / "flags.yml"


@dataclass(frozen=True)
class Tool:
    """What there is of one tool."""

    name: str
    parser: str
    commands: Mapping[str, Mapping[str, str]]
    after: Mapping[str, str]
    runs: frozenset[str]
    plugins: bool

    def below(self, command: str) -> list[str]:
        """The commands right below one."""
        start = f"{command} " if command else ""
        names = {c[len(start) :].split()[0] for c in self.commands if c.startswith(start) and c}
        return sorted(names) if command or self.commands.keys() > {""} else []

    def reading(self, command: str) -> str:
        """What a word that is no flag ends: `flags` nothing, `error` the flags, `program` all.

        After `own` flags are read, and those that nobody knows may be a program's own.
        """
        default = "error" if self.parser == "go" else "flags"
        return self.after.get(command, default)

    def full(self, command: str) -> str:
        """The command as one types it."""
        return f"{self.name} {command}".strip()

    def help(self, command: str) -> str:
        """How one sees what there is."""
        if self.name == "go":
            return f"go help {command}".strip()
        return f"{self.full(command)} {'-h' if self.parser == 'go' else '--help'}"


@functools.cache
def table() -> Mapping[str, Tool]:
    """Read the table, once."""
    with TABLE.open(encoding="utf-8") as file:
        rows = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are
    return {name: _tool(name, row) for name, row in rows.items()}


def _tool(name: str, row: Mapping[str, Any]) -> Tool:
    everywhere = _flags(row["everywhere"])
    commands = {c: {**everywhere, **_flags(text)} for c, text in row["commands"].items()}
    for added in row.get("more", ()):
        for command, text in added["commands"].items():
            commands[command] = {**everywhere, **commands.get(command, {}), **_flags(text)}
    runs = frozenset(row.get("runs", ()))
    after, plugins = row.get("after", {}), bool(row.get("plugins"))
    return Tool(name, row["parser"], commands, after, runs, plugins)


def _flags(text: str) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in text.split())
    return {name: kind or "bool" for name, _, kind in pairs}
