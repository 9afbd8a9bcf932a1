"""A wheel's program, run once on many files in a box that holds nothing else."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assay import gohelper
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.outcome import Outcome
from assay.sandbox import Mount, own, scratch


def run(boxes: Boxes, wheel: str, argv: Sequence[str], files: Mapping[str, str]) -> Outcome:
    """Run `argv` with the files' names after it; raises UnableError unless it comes to its end."""
    name = argv[0]
    program = Path(sysconfig.get_path("scripts")) / name
    if not program.is_file():
        raise UnableError(f"the wheel {wheel} is not installed; run make site")
    unit = scratch.room(boxes.scratch(), "unit")
    try:
        (unit / "work").mkdir()
        for file, text in files.items():
            (unit / "work" / file).write_text(text, encoding="utf-8")
        own(unit)
        spec = boxes.tool(unit, (*argv, *files), python=False)
        mounts = (*spec.mounts, Mount(program, f"/tools/bin/{name}", "ro"))
        outcome = boxes.run(replace(spec, mounts=mounts, limits=gohelper.JUDGE))
    finally:
        shutil.rmtree(unit, ignore_errors=True)
    if outcome.verdict != "exit" or outcome.code not in (0, 1):  # 1: it has something to say
        said = outcome.output.strip()[-300:]
        raise UnableError(f"{name} failed: {outcome.describe()}: {said}")
    return outcome
