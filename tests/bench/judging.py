"""What judging configurations costs, and what building the judges from nothing costs."""

from __future__ import annotations

import os
import resource
import shutil
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from assay import gohelper, goprogram, programs
from assay.boxes import Boxes
from assay.sandbox import own
from assay.sources.settings import load
from assay.toolchains import Toolchains
from checkout import ROOT
from mutate_configs import GOOD, documents, fence

SHOWN = (".console",)
"""Would be run, and not only judged."""


def blocks(count: int) -> list[str]:
    """So many different valid configurations of every kind, in turn."""
    files = [
        (check, path)
        for check in sorted(p.name for p in GOOD.iterdir())
        for path in documents(check)
        if path.suffix not in SHOWN
    ]
    files.sort(key=lambda f: (f[1].name[-9:], f[0]))  # kinds mixed, not one after the other
    return [_fence(*file, n) for n, file in enumerate(islice(cycle(files), count))]


def _fence(check: str, path: Path, number: int) -> str:
    """Make a block that no other is equal to: by a comment, or in JSON by a blank."""
    text = path.read_text(encoding="utf-8").rstrip()
    if path.suffix == ".json":
        text = text.replace("{", "{" + " " * number, 1)
    else:
        text += f"\n{'//' if path.suffix == '.proto' else '#'} {number}"
    return fence(check, path.suffix, text).replace("script.sh", f"script{number}.sh")


def building(site: Path, cache: Path, toolchains: Toolchains) -> Iterator[tuple[str, float, float]]:
    """Build every judge, and the programs of this site, in an empty cache.

    Yields name, CPU seconds and wall seconds.

    One after the other: what they share is compiled for the first that needs it. Modules and the
    toolchain are there, the standard library isn't.
    """
    cache.mkdir(parents=True)
    empty = Toolchains(cache, toolchains.versions)
    empty.prepare()
    shutil.rmtree(empty.modules)
    empty.modules = toolchains.modules
    os.chmod(cache, 0o755)
    own(cache)
    boxes = Boxes(load(site), empty)
    for program in (*map(gohelper.program, gohelper.names()), *programs.site(load(ROOT))):
        began, before = time.monotonic(), _spent()
        goprogram.binary(boxes, program)
        yield program.name, _spent() - before, time.monotonic() - began


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
