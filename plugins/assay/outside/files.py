"""A wheel's program, run once on many files in a box that holds nothing else."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from assay import gohelper
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.outcome import Outcome
from assay.sandbox import Mount, own, scratch


def run(boxes: Boxes, wheel: str, argv: Sequence[str], texts: Mapping[str, str]) -> Outcome:
    """Run `argv` with the files' names after it; raises UnableError unless it comes to its end."""
    name = argv[0]
    program = _program(wheel, name)
    unit = scratch.room(boxes.scratch(), "unit")
    try:
        (unit / "work").mkdir()
        for file, text in texts.items():
            (unit / "work" / file).write_text(text, encoding="utf-8")
        own(unit)
        spec = boxes.tool(unit, (*argv, *texts), python=False)
        mounts = (*spec.mounts, Mount(program, f"/tools/bin/{name}", "ro"))
        outcome = boxes.run(replace(spec, mounts=mounts, limits=gohelper.JUDGE))
    finally:
        shutil.rmtree(unit, ignore_errors=True)
    if outcome.verdict != "exit" or outcome.code not in (0, 1):  # 1: it has something to say
        said = outcome.output.strip()[-300:]
        raise UnableError(f"{name} failed: {outcome.describe()}: {said}")
    return outcome


def _program(wheel: str, name: str) -> Path:
    """Find a program by what its wheel installed: the interpreter may be another's copy."""
    with contextlib.suppress(PackageNotFoundError):
        for file in files(wheel) or ():
            if file.name == name and file.parts[-2] == "bin":
                found = Path(str(file.locate())).resolve()
                if found.is_file():
                    return found
    raise UnableError(f"the wheel {wheel} is not installed; run make site")
