"""Programs of many blocks formatted, vetted, compiled and linked together, to save their cost.

A bulk pass can only say that a program is in order. Whatever a tool names, and whatever then
runs or prints otherwise than the page says, is judged again by itself, and only that makes
findings. Figures and reasons: docs/decisions/0006-bulk-building.md.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from assay import gosource, process, sharing
from assay.bench import Prepared, Site
from assay.errors import UnableError
from assay.folder import Folder
from assay.model import Unit
from assay.outcome import Outcome
from assay.plan import is_file
from assay.project import Project
from assay.sandbox import own, scratch

# Fewer than this gain nothing; more in one binary would make every start slower.
FEWEST, MOST = 2, 100
_ROUNDS = 4  # a tool names everything that it refuses within the first or second
_PROGRAMS, _DISPATCH = "programs", "dispatch"
_NAME = re.compile(r"\bp\d{4}\b")
_ENTRY = "AssayMain"


class Bulk:
    """The programs of one check that are built together, in chunks that are made when needed."""

    def __init__(
        self, project: Project, units: Iterable[Unit], site: Site, use_cache: bool
    ) -> None:
        groups: dict[object, dict[str, Unit]] = {}
        for unit in units:
            if _fits(unit):
                with contextlib.suppress(UnableError):  # judging the unit will say so
                    key = project.key(unit, site)
                    if not use_cache or project.store.load(key) is None:
                        where = (unit.toolchain, project.folder(unit.page))
                        groups.setdefault(where, {}).setdefault(key, unit)
        self._chunks: dict[int, _Chunk] = {}
        for group in groups.values():
            for start in range(0, len(group), MOST):
                members = [*group.values()][start : start + MOST]
                if len(members) >= FEWEST:
                    chunk = _Chunk(project, members)
                    self._chunks.update((id(u), chunk) for u in members)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for chunk in self._chunks.values():
            chunk.close()

    @contextlib.contextmanager
    def prepared(self, unit: Unit) -> Iterator[Prepared | None]:
        """Yield what is left to run of the unit; None where it has to be judged by itself."""
        chunk = self._chunks.get(id(unit))
        if chunk is None:
            yield None
            return
        try:
            yield chunk.prepared(unit)
        finally:
            chunk.leave()


class _Chunk:
    """Programs of one toolchain and one folder; on disk from the first one's turn to the last's."""

    def __init__(self, project: Project, members: list[Unit]) -> None:
        self.project, self.members = project, members
        self._lock = threading.Lock()
        self._left = len(members)
        self._room: Path | None = None
        self._made: dict[int, Prepared] | None = None

    def prepared(self, unit: Unit) -> Prepared | None:
        with self._lock:
            if self._made is None:
                self._made = {}
                try:
                    self._made = self._make()
                except process.Cancelled:
                    raise
                except UnableError:
                    pass  # the same befalls the unit by itself, and is told there
            return self._made.get(id(unit))

    def leave(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left:
                return
        self.close()

    def close(self) -> None:
        if self._room is not None:
            shutil.rmtree(self._room, ignore_errors=True)

    def _make(self) -> dict[int, Prepared]:
        project, unit = self.project, self.members[0]
        version = unit.toolchain or project.toolchains.newest
        folder = project.folder(unit.page)
        module = _module(project, folder)
        if not module or any(t.startswith((_PROGRAMS, _DISPATCH)) for t, _, _ in folder.files):
            return {}
        project.warm(unit, folder)
        self._room = scratch.room(project.boxes.scratch(), "bulk")
        tree = _Tree(project, version, self._room, module)
        folder.stage(project.root, tree.work, version.rpartition(".")[0])
        return tree.build({f"p{n:04}": u for n, u in enumerate(self.members, 1)})


class _Tree:
    """One module with a package per program; what a tool refuses is taken out."""

    def __init__(self, project: Project, version: str, room: Path, module: str) -> None:
        self.project, self.version, self.room, self.module = project, version, room, module
        self.work = room / "work"
        for name in ("work", "out"):
            (room / name).mkdir()
        self.left: dict[str, Unit] = {}
        self.shared: set[str] = set()

    def build(self, programs: dict[str, Unit]) -> dict[int, Prepared]:
        """Return what can be run, by the unit's identity."""
        for name, unit in programs.items():
            self._stage(name, unit.block.text)
            if (self.work / _PROGRAMS / name).is_dir():
                self.left[name] = unit
        own(self.room)
        done: dict[str, tuple[tuple[str, ...], Outcome]] = {}
        for check, argv in (
            ("go-format", ("gofmt", "-l", _PROGRAMS)),
            ("go-vet", ("go", "vet", f"./{_PROGRAMS}/...")),
            ("go-build", ("go", "build", "-ldflags=-s -w", "-o", "/out/", f"./{_PROGRAMS}/...")),
        ):
            if check == "go-build":
                self._dispatch()
            outcome = self._until_silent(argv)
            if outcome is None:
                return {}
            done[check] = (argv, outcome)
        return {id(unit): self._prepared(name, done) for name, unit in self.left.items()}

    def _stage(self, name: str, text: str) -> None:
        tier = sharing.tier(text)
        if tier == "alone":
            return
        place = self.work / _PROGRAMS / name
        place.mkdir(parents=True)
        if tier == "shared":
            self.shared.add(name)
            text = sharing.as_package(text, name)
            entry = f"package {name}\n\nvar {_ENTRY} func() = main\n"
            (place / "entry.go").write_text(entry, encoding="utf-8")
        (place / "main.go").write_text(text, encoding="utf-8")

    def _dispatch(self) -> None:
        """Write the one main package: it becomes the program as whose name it is started."""
        place = self.work / _PROGRAMS / _DISPATCH
        shutil.rmtree(place, ignore_errors=True)
        names = sorted(self.shared & set(self.left))
        if not names:
            return
        imports = "".join(f'\t"{self.module}/{_PROGRAMS}/{n}"\n' for n in names)
        cases = "".join(f'\tcase "{n}":\n\t\t{n}.{_ENTRY}()\n' for n in names)
        place.mkdir()
        (place / "main.go").write_text(
            f'package main\n\nimport (\n\t"os"\n\t"path"\n\n{imports})\n\nfunc main() {{\n'
            f"\tswitch path.Base(os.Args[0]) {{\n{cases}\tdefault:\n\t\tos.Exit(97)\n\t}}\n}}\n",
            encoding="utf-8",
        )
        own(place)

    def _until_silent(self, argv: tuple[str, ...]) -> Outcome | None:
        """Run a tool, taking out what it names, until it ends well and says nothing."""
        boxes = self.project.boxes
        for _ in range(_ROUNDS):
            if not self.left:
                return None
            outcome = boxes.run(boxes.compile(self.version, self.room, argv))
            if outcome.ok and not outcome.output.strip():
                return outcome
            named = set(_NAME.findall(outcome.output)) & set(self.left)
            if not named:
                return None
            for name in named:
                del self.left[name]
                shutil.rmtree(self.work / _PROGRAMS / name)
            if (self.work / _PROGRAMS / _DISPATCH).is_dir():
                self._dispatch()
        return None

    def _prepared(self, name: str, done: dict[str, tuple[tuple[str, ...], Outcome]]) -> Prepared:
        if name in self.shared:
            return Prepared(self.room / "out" / _DISPATCH, f"bulk/{name}", done)
        return Prepared(self.room / "out" / name, "main", done)


def _fits(unit: Unit) -> bool:
    """Whether the unit is a program that the page expects to pass."""
    plain = gosource.is_program(unit) and not is_file(unit.block)
    return plain and not unit.block.option("fails")


def _module(project: Project, folder: Folder) -> str:
    """The module path of the folder; '' where its go.mod doesn't say."""
    if not folder.module:
        return "page"
    mod = project.root / folder.module / "go.mod"
    if not mod.is_file():
        return ""
    found = re.search(r"^module\s+(\S+)", mod.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].strip('"') if found else ""
