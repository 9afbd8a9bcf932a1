"""Read a Markdown file into a Page, with the site's own extensions."""

from __future__ import annotations

import hashlib
from pathlib import Path

from markdown import Markdown

from assay.errors import UnableError, UsageError
from assay.model import Finding, Page, Position
from assay.sources import front_matter
from assay.sources.recorder import Recorder, rendered
from assay.sources.scan import Source
from assay.sources.settings import Settings

FOREIGN = (
    "the page shows code that no fence of it makes: raw HTML or an extension's own work; "
    "nothing checks it, so write a fence"
)


def read_page(settings: Settings, path: str) -> Page:
    """Read the page at the repository-relative `path`; raises UnableError if it can't be read."""
    try:
        _refuse(settings.root, path)
        raw = (settings.root / path).read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise UnableError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnableError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    return parse(settings, path, text)


def _refuse(root: Path, path: str) -> None:
    """Raise UnableError for a link that leaves the repository, and for what is no file."""
    try:
        real = (root / path).resolve(strict=True)
    except RuntimeError as error:
        raise UnableError(f"{path}: can't be read: a link to itself; delete it") from error
    if root.resolve() not in real.parents:
        raise UnableError(f"{path}: a link that leaves the repository; put the page itself there")
    if not real.is_file():
        raise UnableError(f"{path}: can't be read: it is no regular file; delete or rename it")


def parse(settings: Settings, path: str, text: str) -> Page:
    """Turn a page's text into a Page."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as MkDocs opens the file
    matter = front_matter.split(path, text)
    recorder = Recorder(settings.root, path, matter.first_line)
    md = _markdown(settings, recorder)
    reading = recorder.reading
    html = md.convert(matter.body)
    source = Source(reading.lines, reading.spans)
    problems = [*matter.problems, *(f for reader in recorder.readers for f in reader.problems)]
    greedy = {n for i in recorder.lost(reading, html) for n in range(*reading.spans[i])}
    loose = [*source.raw(), *source.indented(reading.indented, greedy)]
    problems += [*source.leftovers(reading.unclosed), *loose]
    if recorder.loose(html) > len(loose):
        problems.append(Finding(Position(path, 1), "fence", FOREIGN))
    tables = tuple(source.tables(reading.tables))
    problems += source.cut()
    return Page(
        path=path,
        digest=digest(text.encode()),
        meta=matter.meta,
        meta_lines=matter.lines,
        blocks=rendered(reading, recorder.reached(html)),
        links=tuple(source.links(reading.links)),
        tables=tables,
        codes=tuple(source.codes()),
        anchors=tuple(reading.anchors),
        inputs=_inputs(recorder, settings.root),
        problems=tuple(problems),
    )


def _markdown(settings: Settings, recorder: Recorder) -> Markdown:
    """Make the site's own Markdown with the recorder behind everything else."""
    configs = settings.options(recorder.path)
    try:
        return Markdown(extensions=[*settings.extensions, recorder], extension_configs=configs)
    except Exception as error:  # whatever an extension's own code raises
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(
            f"mkdocs.yml: an extension can't be loaded: {reason}; mend markdown_extensions"
        ) from error


def _inputs(recorder: Recorder, root: Path) -> tuple[tuple[str, str], ...]:
    read = {name for reader in recorder.readers for name in reader.read}
    return tuple((name, digest((root / name).read_bytes())) for name in sorted(read))


def digest(data: bytes) -> str:
    """Hash content the way evidence names it."""
    return hashlib.sha256(data).hexdigest()[:24]
