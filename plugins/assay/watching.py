"""Check a page again as soon as something that it is made of is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from assay import process, report
from assay.errors import AssayError, UnableError
from assay.model import Page
from assay.project import Project, refers
from assay.rounds import Options
from assay.runner import Run, check

# An editor writes a file in several steps; this long after the last of them it is done.
QUIET_S = 0.05
CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})
SETTINGS = tuple(f"{n}.{e}" for n in ("mkdocs", "properdocs") for e in ("yml", "yaml"))
SETTINGS += ("assay.toml",)
Say = Callable[[str], None]


def watch(root: Path, named: tuple[str, ...], say: Say) -> None:
    """Check the pages, then each that a saved file belongs to, until interrupted."""
    project = Project(root)
    chosen = project.select(named)
    seen = Seen(project, chosen)
    changes: SimpleQueue[Path] = SimpleQueue()
    observer = Observer()
    try:
        for folder, deep in _folders(project, seen.files):
            observer.schedule(_Saved(changes), str(folder), recursive=deep)
        observer.start()
    except OSError as error:
        raise UnableError(
            f"files can't be watched: {error.strerror}; raise fs.inotify.max_user_watches"
        ) from error
    try:
        _tell(project, chosen, say)
        say(f"watching {len(chosen)} pages; Ctrl-C ends it")
        while True:
            seen = _again(root, named, seen, _saved(changes), say)
    finally:
        observer.stop()
        observer.join()


class Seen:
    """The pages with the files that each is made of, as they were when last looked at."""

    def __init__(self, project: Project, chosen: Iterable[str]) -> None:
        self.project = project
        self.pages: Mapping[str, frozenset[str]] = {p: _made_of(project, p) for p in chosen}
        self.files = frozenset(name for names in self.pages.values() for name in names)
        self.hashes = {n: project.store.hashes.file(project.root / n) for n in self._known()}

    def _known(self) -> frozenset[str]:
        return self.files | set(SETTINGS)

    def changed(self, before: Seen) -> tuple[str, ...]:
        """The pages to check again: one of their files isn't what it was."""
        names = {n for n in self._known() | before._known() if before.differs(n, self)}
        if names & set(SETTINGS):
            return tuple(self.pages)
        nothing: frozenset[str] = frozenset()
        return tuple(
            page
            for page, files in self.pages.items()
            if names & (files | before.pages.get(page, nothing)) or page not in before.pages
        )

    def differs(self, name: str, other: Seen) -> bool:
        """Whether a file has another content now; one that belongs to no page has none."""
        return self.hashes.get(name, "") != other.hashes.get(name, "")


def _made_of(project: Project, path: str) -> frozenset[str]:
    """The repository files that the page, its folder and what it refers to consist of."""
    try:
        page = project.page(path)
        return frozenset({path, *_included(page), *refers(page), *_folder(project, page)})
    except AssayError:
        return frozenset({path})


def _included(page: Page) -> Iterator[str]:
    yield from (name for name, _ in page.inputs)


def _folder(project: Project, page: Page) -> Iterator[str]:
    try:
        yield from (source for _, source, _ in project.folder(page).files)
    except UnableError:  # its check says so
        return


def _folders(project: Project, files: Iterable[str]) -> Iterator[tuple[Path, bool]]:
    """Where to look: docs and snippets as a whole, else only beside what pages are made of."""
    whole = [f for f in (project.settings.docs, project.settings.snippets) if f.is_dir()]
    yield from ((folder, True) for folder in whole)
    beside = {(project.root / name).parent for name in files} | {project.root}
    for folder in sorted(beside):
        inside = any(folder == w or w in folder.parents for w in whole)
        if folder.is_dir() and not inside:
            yield folder, False


class _Saved(FileSystemEventHandler):
    """Puts the paths of changed files into a queue."""

    def __init__(self, changes: SimpleQueue[Path]) -> None:
        self.changes = changes

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES and not event.is_directory:
            self.changes.put(Path(str(event.dest_path or event.src_path)))


def _saved(changes: SimpleQueue[Path]) -> float:
    """Wait for a change and for the quiet after it; return when the last one came."""
    changes.get()
    last = time.monotonic()
    while True:
        try:
            changes.get(timeout=QUIET_S)
            last = time.monotonic()
        except Empty:
            return last


def _again(root: Path, named: tuple[str, ...], before: Seen, since: float, say: Say) -> Seen:
    """Check what a change reached; settings that can't be read wait for the next change."""
    try:
        project = Project(root)
        now = Seen(project, project.select(named))
        pages = now.changed(before)
        if pages:
            _tell(project, pages, say, since)
    except AssayError as error:
        say(f"assay: {error}")
        return before
    return now


def _tell(project: Project, pages: Iterable[str], say: Say, since: float | None = None) -> None:
    """Check pages and say what came out; at the start only what is wrong."""
    run = check(project, pages, Options())
    took = "" if since is None else f" in {time.monotonic() - since:.1f} s"
    for path in pages:
        made = report.make(_only(run, path), process.count())
        wrong = len(made.findings) + len(made.errors)
        blocks = len(made.blocks)
        if wrong:
            say(f"{path}: {wrong} {'finding' if wrong == 1 else 'findings'}{took}")
            for line in (*report.as_text(made, project.root),)[:-1]:
                say(f"  {line}")
        elif since is not None:
            say(f"{path}: ok, {blocks} {'block' if blocks == 1 else 'blocks'}{took}")


def _only(run: Run, path: str) -> Run:
    """The part of a run that is about one page."""
    return replace(
        run,
        paths=(path,),
        pages=tuple(p for p in run.pages if p.path == path),
        jobs=tuple(j for j in run.jobs if j.unit.page.path == path),
        lines=tuple(n for n in run.lines if n.page == path),
        failures=tuple(f for f in run.failures if f[0] == path),
    )
