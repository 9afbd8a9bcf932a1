"""One checkout: its settings, pages, folders and keys. Everything that a run shares."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import posixpath
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assay import digests, gohelper, goprogram, judges, plan, programs, warming
from assay.base import Base
from assay.bench import Site
from assay.boxes import Boxes
from assay.checkers import Checker, chain
from assay.errors import SandboxUnavailableError, UsageError
from assay.evidence import Store
from assay.folder import Folder, folder_of, lab_fault
from assay.model import Page, Unit
from assay.sandbox import probe
from assay.sandbox import unsafe as unsafe_runs
from assay.sources import settings as settings_module
from assay.sources.store import load_page
from assay.toolchains import Toolchains, cache_dir

# What MkDocs takes for a page.
PAGES = (".markdown", ".mdown", ".mkdn", ".mkd", ".md")


class Project:
    """A checkout as one run of the command sees it."""

    def __init__(self, root: Path, base: str | None = None, unsafe: bool = False) -> None:
        self.settings = settings_module.load(root)
        trusted = Base(root, base) if base else None
        if trusted:
            limits = trusted.text("assay.toml") or ""
            self.settings = self.settings.bounded_by(limits)
        self.root = root
        self.store = Store(root)
        # what runs without a box could write to caches that boxes believe
        cache = cache_dir() / unsafe_runs.TIER.lower() if unsafe else cache_dir()
        self.toolchains = Toolchains(cache, self.settings.toolchains)
        self.toolchains.base = trusted
        self.boxes = Boxes(self.settings, self.toolchains, unsafe)
        self._folders: dict[str, Folder] = {}

    # -- pages -----------------------------------------------------------------------------
    def page_paths(self) -> tuple[str, ...]:
        """Every Markdown file below the docs folder, as sorted repository paths."""
        found = []
        for base, folders, names in os.walk(self.settings.docs):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            found += [Path(base, n) for n in names if n.endswith(PAGES) and n[0] != "."]
        return tuple(sorted(p.relative_to(self.root).as_posix() for p in found))

    def select(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Resolve what was named on the command line; raises UsageError for no page."""
        every = self.page_paths()
        chosen: list[str] = []
        for name in wanted:
            try:
                path = Path(name).resolve()
            except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL
                raise UsageError(f"{name!r} is no path: {error}; name a page or folder") from error
            if path != self.root and self.root.resolve() not in path.parents:
                raise UsageError(f"{name!r} is outside this project; name a page or folder of it")
            relative = path.relative_to(self.root.resolve()).as_posix()
            prefix = "" if relative == "." else relative
            hits = [p for p in every if p == prefix or p.startswith(prefix + "/") or not prefix]
            if not hits:
                raise UsageError(
                    f"no page at {name!r}; pages are *.md below {self.settings.docs.name}/"
                )
            chosen += hits
        return tuple(dict.fromkeys(chosen)) if chosen else every

    def page(self, path: str) -> Page:
        """Read a page, from the cache if nothing that it is made of changed."""
        return load_page(self.settings, self.store.hashes, path, self.source("sources"))

    def units(self, page: Page) -> tuple[Unit, ...]:
        """What is judged on the page."""
        return plan.units(page, self.settings.toolchains)

    def folder(self, page: Page) -> Folder:
        """The page's folder; raises UnableError for a lab that doesn't exist."""
        if page.path not in self._folders:
            self._folders[page.path] = folder_of(page, self.settings, self.store.hashes)
        return self._folders[page.path]

    # -- keys ------------------------------------------------------------------------------
    @property
    def tier(self) -> str:
        """The box that this machine gives; raises SandboxUnavailableError."""
        if isinstance(self._box, SandboxUnavailableError):
            raise self._box
        return self._box

    @functools.cached_property
    def _box(self) -> str | SandboxUnavailableError:
        try:
            self.toolchains.prepare()
            if self.boxes.unsafe:
                return unsafe_runs.TIER
            return str(probe(self.toolchains.cache))
        except SandboxUnavailableError as error:
            return error  # probed once, not for every unit

    def lacking(self, unit: Unit) -> str:
        """Say which tool of the unit would have to be fetched or built first; '' for none."""
        for name in sorted(programs_of(unit)):
            if not judges.built(self.boxes, name):
                return f"{name} isn't built; make tools builds it (minutes)"
        for program in programs.brought(unit, self.settings):
            if not goprogram.built(self.boxes, program):
                return f"{program.name} isn't built; make tools builds it (minutes)"
        version = unit.toolchain
        if version and not self.toolchains.present(version):
            return f"Go {version} isn't here; make tools fetches it"
        own = self.own_module(unit)
        if version and own and not warming.warm(self.boxes, version, own, self.store.hashes):
            return f"the modules of {own.name} aren't here; make tools fetches and compiles them"
        return ""

    def own_module(self, unit: Unit) -> Path | None:
        """The folder of a go.mod that the page's lab has for itself: its modules take minutes."""
        module = self.folder(unit.page).module if needs_folder(unit) else ""
        place = self.root / module
        own = module and place != self.settings.snippets and (place / "go.sum").is_file()
        return place if own else None

    def warm(self, unit: Unit, folder: Folder) -> None:
        """Fetch and compile what the unit's packages import; raises UnableError."""
        hashes = self.store.hashes
        if folder.module and (self.root / folder.module / "go.mod").is_file():
            self.toolchains.download(self.root / folder.module, hashes)
        if unit.toolchain:
            warming.standard_library(self.boxes, unit.toolchain)
            if own := self.own_module(unit):
                warming.modules(self.boxes, unit.toolchain, own, hashes)

    def source(self, part: str) -> str:
        """Hash the program text: `sources`, a check's module, or `core` (all but the checks)."""
        return digests.source(self.store.hashes, part)

    def inputs(self, unit: Unit) -> tuple[tuple[str, str], ...]:
        """The repository files that the verdict depends on, beside the page itself."""
        own: dict[str, str] = {}
        if needs_folder(unit):
            own = {source: digest for _, source, digest in self.folder(unit.page).files}
        for block in unit.blocks:
            for name in block.included:
                own[name] = self.store.hashes.file(self.root / name)
        return tuple(sorted(own.items()))

    def key(self, unit: Unit, site: Site) -> str:
        """Name the evidence of a unit by everything that can change its outcome."""
        checks = chain(unit)
        module = self.folder(unit.page).module if needs_folder(unit) else ""
        if module and self.toolchains.base:
            self.toolchains.base.modules(self.root / module)
        parts: list[Any] = [
            plan.signature(unit),
            [(b.language, b.options, b.text) for b in (*unit.blocks, *unit.before)],
            self.source("core"),
            [(c.NAME, self.source(c.NAME), dict(c.tools())) for c in checks],
            [(p, gohelper.pin(p)) for p in sorted(programs_of(unit) & {*gohelper.names()})],
            self.inputs(unit),
            unit.toolchain,
            os.uname().machine,
        ]
        if needs_box(unit, checks):
            parts += [self.tier, self.settings.limits]
        if unit.kind == "session":
            parts += [
                programs.hashes(unit, self.settings, self.store.hashes),
                self.settings.path,
                *["on"] * site.rewriting,
            ]
        if unit.kind == "page":
            parts += [view(refers(unit.page), site), lab_fault(unit.page, self.settings)]
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:40]


def needs_folder(unit: Unit) -> bool:
    """Whether the unit's files stand in the page's folder."""
    return unit.kind in ("package", "session") or unit.toolchain is not None


def needs_box(unit: Unit, checks: Iterable[Checker]) -> bool:
    """Whether judging the unit runs something of the page."""
    ran = any(c.NAME == "diagram" for c in checks)
    return needs_folder(unit) or ran or bool(programs_of(unit))


def programs_of(unit: Unit) -> frozenset[str]:
    """The Go programs of assay's own that judge the unit."""
    return frozenset(name for c in chain(unit) for name in getattr(c, "PROGRAMS", ()))


def needs_proof(unit: Unit) -> bool:
    """Whether a machine may lack what judges the unit, so that the proof lock has it."""
    return needs_box(unit, chain(unit))


def refers(page: Page) -> tuple[str, ...]:
    """The repository paths that the page's links and bound numbers name, itself included."""
    folder = posixpath.dirname(page.path)
    targets = {n.target.removeprefix("measure:").partition("#")[0] for n in page.links}
    local = {t for t in targets if t and "://" not in t}
    joined = {posixpath.normpath(posixpath.join(folder, t)) for t in local}
    return tuple(sorted({page.path, *joined}))


def view(paths: Iterable[str], site: Site) -> str:
    """Hash what a page's own checks can see at the paths that it refers to."""
    parts = [
        (
            path,
            site.anchors.get(path),
            [str(c) for c in site.captures.get(path, ())],
            sorted(site.lost.get(path, ())),
            path in site.anchors or (site.settings.root / path).exists(),
        )
        for path in paths
    ]
    text = json.dumps([site.settings.required, parts])
    return hashlib.sha256(text.encode()).hexdigest()[:24]
