"""A page is a folder: which files it holds before its first block, and where a session starts."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from assay.errors import UnableError
from assay.files import Hashes
from assay.model import Page
from assay.sources.settings import Settings


@dataclass(frozen=True)
class Folder:
    """Files as (path in the folder, repository path, hash), sorted; `start` is the lab's path.

    `module` is the repository folder of the go.mod, '' where the page gets a module of its own.
    """

    files: tuple[tuple[str, str, str], ...]
    start: str
    module: str

    def target(self, repository_path: str) -> str | None:
        """Where a repository file stands in the folder."""
        return next((t for t, source, _ in self.files if source == repository_path), None)

    def source(self, target: str) -> str | None:
        """Which repository file stands at a path of the folder."""
        return next((s for t, s, _ in self.files if t == target), None)

    def stage(self, root: Path, into: Path, go_line: str) -> None:
        """Copy the files; a folder without a module of its own gets one."""
        for target, source, _ in self.files:
            place = into / target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / source, place)
        if not self.module:
            (into / "go.mod").write_text(f"module page\n\ngo {go_line}\n")


def folder_of(page: Page, settings: Settings, hashes: Hashes) -> Folder:
    """Collect the page's folder; raises UnableError where the lab doesn't exist."""
    snippets = settings.snippets
    wanted = [snippets / page.lab] if page.lab else []
    if fault := lab_fault(page, settings):
        raise UnableError(f"{page.path}:{page.meta_lines.get('lab', 1)}: {fault}")
    for block in page.blocks:
        wanted += [(settings.root / n).parent for n in block.included if n.endswith(".go")]
    if not wanted:
        return Folder((), "", "")
    module = _module(wanted[0], snippets)
    if module != snippets:
        found = {module}
    else:
        found = _closure(wanted, snippets)
        found |= {snippets / n for n in ("go.mod", "go.sum") if (snippets / n).is_file()}
    files: dict[str, tuple[str, str]] = {}
    for item in found:
        for path in [item] if item.is_file() else sorted(item.rglob("*")):
            if path.is_file() and not path.is_symlink():
                source = path.relative_to(settings.root).as_posix()
                files[path.relative_to(module).as_posix()] = (source, hashes.file(path))
    start = (snippets / page.lab).relative_to(module).as_posix() if page.lab else "."
    return Folder(
        files=tuple((t, s, h) for t, (s, h) in sorted(files.items())),
        start="" if start == "." else start,
        module=module.relative_to(settings.root).as_posix(),
    )


def lab_fault(page: Page, settings: Settings) -> str:
    """Say why the page's lab can't be in its folder; '' if it can, or if the page has none."""
    snippets = settings.snippets
    if not page.lab or (_below(snippets / page.lab, snippets) and (snippets / page.lab).is_dir()):
        return ""
    return (
        f"no lab {page.lab!r} below {snippets.name}/; name a folder that is there, "
        "or make one with 'assay new lab'"
    )


def _below(folder: Path, snippets: Path) -> bool:
    """Whether it is a folder of its own: no `..`, and no link that leads elsewhere."""
    try:
        return ".." not in folder.parts and snippets.resolve() in folder.resolve().parents
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        return False


def _module(folder: Path, snippets: Path) -> Path:
    """Return the nearest folder with a go.mod, `snippets` at the latest."""
    for candidate in (folder, *folder.parents):
        if candidate == snippets or (candidate / "go.mod").is_file():
            return candidate
    return snippets


def _closure(wanted: list[Path], snippets: Path) -> set[Path]:
    """Add the packages of the module that the wanted ones name, tests included.

    Any quoted path below the module's own path counts: a superset of the imports, found
    without starting a process, and a file too many does no harm.
    """
    mod = snippets / "go.mod"
    if not mod.is_file():
        return set(wanted)
    name = re.search(r"^module\s+(\S+)", mod.read_text(encoding="utf-8"), re.MULTILINE)
    pattern = re.compile(rf'"{re.escape(name[1])}/([\w./-]+)"' if name else r"(?!)")
    found: set[Path] = set()
    todo = list(wanted)
    while todo:
        folder = todo.pop()
        if folder in found or not folder.is_dir():
            continue
        found.add(folder)
        for path in sorted(folder.rglob("*.go")):
            text = path.read_text(encoding="utf-8", errors="replace")
            todo += [snippets / match for match in pattern.findall(text)]
    return found
