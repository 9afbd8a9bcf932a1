"""GitHub workflows, judged by actionlint."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from assay import gohelper, kinds
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "github-actions"
PROGRAMS = ("actioncheck",)
# Where more is allowed than a reader takes in, the nearest are named.
MANY = 8
_ALLOWED = re.compile(r"[.,] ?available ([\w ]+) are (\"[^\"]+\"(?:, \"[^\"]+\")+)(\..*)?$")
# No page has one.
_CONFIG = re.compile(r"[.,] if it is a custom label for self-hosted runner.*$")


def claims(unit: Unit) -> bool:
    """YAML with top-level `on` and `jobs`, or kind="github-actions"."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The release of actionlint, and the program around it."""
    release = gohelper.required("actioncheck", "github.com/rhysd/actionlint")
    return {"actionlint": release.removeprefix("v"), "actioncheck": gohelper.pin("actioncheck")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what actionlint says, at its own places."""
    block = unit.block
    for fault in bench.judge("actioncheck", {"text": block.text})["faults"]:
        message = _short(_CONFIG.sub("", fault["message"]))
        position = block.at(fault["line"], fault["column"])
        yield Finding(position, NAME, f"{message.rstrip('.')} ({fault['kind']})")


def _short(message: str) -> str:
    """Of a long list of what is allowed, name what is nearest to what was seen."""
    found = _ALLOWED.search(message)
    names = re.findall(r"\"([^\"]+)\"", found[2]) if found else []
    seen = re.search(r"\"([^\"]+)\"", message)
    if found is None or seen is None or len(names) <= MANY:
        return message
    nearest = difflib.get_close_matches(seen[1], names, n=3, cutoff=0.0)
    told = ", ".join(f'"{n}"' for n in nearest)
    return f"{message[: found.start()]}; the nearest {found[1]} are {told}"
