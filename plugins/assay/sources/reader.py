"""Read a Markdown file into a Page, with the site's own extensions."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import yaml
from markdown import Markdown

from assay.errors import UnableError
from assay.model import Finding, Page, Position
from assay.sources.recorder import Recorder, rendered
from assay.sources.scan import Source
from assay.sources.settings import Settings

MATTER = re.compile(r"\A-{3}[ \t]*\r?\n(.*?\r?\n)(?:\.{3}|-{3})[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def read_page(settings: Settings, path: str) -> Page:
    """Read the page at the repository-relative `path`; raises UnableError if it can't be read."""
    try:
        raw = (settings.root / path).read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise UnableError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnableError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    return parse(settings, path, text)


def parse(settings: Settings, path: str, text: str) -> Page:
    """Turn a page's text into a Page."""
    matter = MATTER.match(text)
    meta, lines, problems = front_matter(path, matter.group(1) if matter else "")
    if matter and (lines or not problems):  # what can't be read is text, for MkDocs too
        body, first = text[matter.end() :], text[: matter.end()].count("\n") + 1
    else:
        body, first = text, 1
    recorder = Recorder(settings.root, path, first)
    html = convert(settings, recorder, body)
    source = Source(recorder.origins.lines, recorder.spans)
    problems += [f for reader in recorder.readers for f in reader.problems]
    problems += [*source.leftovers(), *source.indented(recorder.indented)]
    tables = tuple(source.tables(recorder.tables))
    problems += source.cut()
    return Page(
        path=path,
        digest=digest(text.encode()),
        meta=meta,
        meta_lines=lines,
        blocks=rendered(recorder, html),
        links=tuple(source.links(recorder.links)),
        tables=tables,
        codes=tuple(source.codes()),
        anchors=tuple(recorder.anchors),
        inputs=_inputs(recorder, settings.root),
        problems=tuple(problems),
    )


def convert(settings: Settings, recorder: Recorder, body: str) -> str:
    """Render with the site's extensions and the recorder after them."""
    configs = {k: dict(v) for k, v in settings.extension_configs.items()}
    md = Markdown(extensions=[*settings.extensions, recorder], extension_configs=configs)
    return md.convert(body)


def _inputs(recorder: Recorder, root: Path) -> tuple[tuple[str, str], ...]:
    read = {name for reader in recorder.readers for name in reader.read}
    return tuple((name, digest((root / name).read_bytes())) for name in sorted(read))


def digest(data: bytes) -> str:
    """Hash content the way evidence names it."""
    return hashlib.sha256(data).hexdigest()[:24]


def front_matter(path: str, text: str) -> tuple[dict[str, Any], dict[str, int], list[Finding]]:
    """Parse front matter: values, the line of each key, and what is wrong with it."""
    if not text:
        return {}, {}, []
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        meta = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 2, mark.column + 1) if mark else (2, 1)
        reason = getattr(error, "problem", None) or "not YAML"
        where = Position(path, line, column)
        return {}, {}, [Finding(where, "front-matter", f"{reason}; mend the YAML")]
    if not isinstance(meta, dict) or not isinstance(node, yaml.MappingNode):
        message = "front matter is not a mapping; write key: value lines"
        return {}, {}, [Finding(Position(path, 2), "front-matter", message)]
    lines: dict[str, int] = {}
    twice: list[Finding] = []
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 2
        if name in lines:
            message = f"duplicate key {name!r}; the first is on line {lines[name]}"
            twice.append(Finding(Position(path, line), "front-matter", message))
        lines.setdefault(name, line)
    return _plain(meta), lines, twice


def _plain(value: Any) -> Any:
    """Turn YAML's dates into text, so that a page can be stored as JSON."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
