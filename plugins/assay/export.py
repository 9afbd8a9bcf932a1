"""Give a page's folder away: what a reader needs to run the page without assay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay import headers, txtar
from assay.errors import UsageError
from assay.model import Block, Page
from assay.project import Project

MARKER = re.compile(r"^-- .* --[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Tree:
    """The page's folder at its end: files by path, and where its session starts."""

    page: str
    start: str
    files: Mapping[str, bytes]
    runnable: frozenset[str] = frozenset()
    """Files that may be executed."""


def tree(project: Project, page: Page) -> Tree:
    """Collect the folder: the lab with its packages, and each named fence as it stands last."""
    folder = project.folder(page)
    files = {target: (project.root / source).read_bytes() for target, source, _ in folder.files}
    sources = {target: project.root / source for target, source, _ in folder.files}
    if not folder.module:
        language = project.toolchains.newest.rpartition(".")[0]
        files["go.mod"] = f"module page\n\ngo {language}\n".encode()
    for block in page.blocks:
        name = block.option("file")
        if name and not block.option("fails") and not block.option("skip"):
            _judge(page, block, name)
            files[name] = block.text.encode()
            sources.pop(name, None)
    runnable = frozenset(t for t, source in sources.items() if source.stat().st_mode & 0o111)
    return Tree(page.path, folder.start or ".", dict(sorted(files.items())), runnable)


def _judge(page: Page, block: Block, name: str) -> None:
    """Refuse what the page's check refuses: nothing is written outside the folder."""
    try:
        headers.OPTIONS["file"][1](name)
    except ValueError as error:
        raise UsageError(f"{page.path}:{block.line}: {error}") from error


def archive(made: Tree) -> str:
    """Write the tree as txtar; raises UsageError for a file that an archive would change."""
    files = [(name, _text(name, data)) for name, data in made.files.items()]
    comment = f"The folder of {made.page}; its commands are run in {made.start}\n\n"
    return txtar.serialize(comment, files)


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        reason = "it isn't text"
    else:
        if data and not text.endswith("\n"):
            reason = "its last line has no end"
        elif MARKER.search(text):
            reason = "it has a line that looks like a file of the archive"
        else:
            return text
    raise UsageError(f"{name!r} would change in a txtar archive: {reason}; write --to FOLDER")


def write(made: Tree, target: Path) -> Iterator[str]:
    """Write an archive (*.txtar) or a folder, which must not be there yet; yield what was made."""
    if target.suffix == ".txtar":
        text = archive(made)
        if target.exists():
            raise UsageError(f"{str(target)!r} is there already; choose another name")
        _save(target, text.encode())
        yield str(target)
        return
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{str(target)!r} is there already; choose an empty or new folder")
    for name, data in made.files.items():
        _save(target / name, data, runnable=name in made.runnable)
        yield str(target / name)


def _save(path: Path, data: bytes, *, runnable: bool = False) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if runnable:
            path.chmod(path.stat().st_mode | 0o111)
    except OSError as error:
        raise UsageError(f"{str(path)!r} can't be written: {error.strerror}") from error
