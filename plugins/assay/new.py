"""Start a page, a lab or a check from a template that passes as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assay.errors import AssayError, UsageError
from assay.files import write_atomically
from assay.project import Project

TEMPLATES = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
# Folders that Go treats in its own way, and the file that stands for a docs folder.
TAKEN = frozenset({"index", "internal", "testdata", "vendor"})
# What front matter may be asked for, beside what the template has, with a value of its shape.
VALUES: Mapping[str, str] = {
    "capability": "capability: [待定]",
    "needs": "needs: [go]",
    "sources": 'sources:\n  - title: "Go 文档"\n    url: https://go.dev/doc/\n    date: 2026-01-01',
}


@dataclass(frozen=True)
class Made:
    """The files that were written, as repository paths, and what to do next."""

    paths: tuple[str, ...]
    next: str


def lab(project: Project, name: str) -> Made:
    """Write a program with its test below the snippets folder."""
    _judge(name)
    made = _write(project, _lab_files(project, name))
    folder = _relative(project, project.settings.snippets / name)
    return Made(made, f"write 'lab: {name}' into a page's front matter to have {folder} there")


def chapter(project: Project, name: str) -> Made:
    """Write a page with its lab: `why/gc` is a page of why, `why` the first page of a chapter."""
    _judge(name)
    settings = project.settings
    page = settings.docs / (f"{name}.md" if "/" in name else f"{name}/index.md")
    path = _relative(project, page)
    text = _render(
        "page.md",
        title=name.rpartition("/")[2],
        lab=name,
        folder=_relative(project, settings.snippets / name),
        chapter=name.partition("/")[0],
        weight=_weight(project, path),
        more=tuple(_more(project, path)),
        region=str(settings.snippets) in _bases(project),
    )
    made = _write(project, {page: text, **_lab_files(project, name)})
    return Made(
        made, f"'assay watch {path}' checks it while you write; 'assay accept' takes output"
    )


def check(project: Project, name: str) -> Made:
    """Write a check with its cases and its page, in a checkout of assay itself."""
    checks = project.root / "plugins" / "assay" / "checkers"
    if not (checks / "__init__.py").is_file():
        raise UsageError("checks are part of assay; run this in a checkout of its own repository")
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} can't be a name; write lower-case letters, digits and '-'")
    module = name.replace("-", "_")
    places = {
        "module.txt": checks / f"{module}.py",
        "fails.txtar": project.root / "tests" / "cases" / name / "fails.txtar",
        "passes.txtar": project.root / "tests" / "cases" / name / "passes.txtar",
        "page.md": project.root / "docs" / "checks" / f"{name}.md",
    }
    made = {place: _render(f"check/{part}", name=name) for part, place in places.items()}
    return Made(
        _write(project, made),
        f"add {module} to CHECKERS in plugins/assay/checkers/__init__.py and a row to "
        "docs/checks/index.md, then run 'ASSAY_UPDATE=1 pytest tests/test_check_docs.py'",
    )


def _judge(name: str) -> None:
    parts = name.split("/")
    if not 1 <= len(parts) <= 2 or not all(NAME.fullmatch(p) for p in parts):
        shape = "lower-case letters, digits and '-', with at most one '/', such as 'why/gc'"
        raise UsageError(f"{name!r} can't be a name; write {shape}")
    if taken := TAKEN & set(parts):
        raise UsageError(f"{min(taken)!r} has a meaning of its own; choose another name")


def _lab_files(project: Project, name: str) -> dict[Path, str]:
    """The lab's files, and the module where there is none yet."""
    snippets = project.settings.snippets
    folder = snippets / name
    files = {folder / p.name: p.read_text(encoding="utf-8") for p in _templates("lab")}
    if not (snippets / "go.mod").exists():
        version = min(project.settings.toolchains, key=lambda v: [int(n) for n in v.split(".")])
        language = version.rpartition(".")[0]
        files[snippets / "go.mod"] = f"module example.com/{snippets.name}\n\ngo {language}.0\n"
    return files


def _templates(folder: str) -> list[Path]:
    return sorted((TEMPLATES / folder).iterdir())


def _render(template: str, **values: object) -> str:
    environment = Environment(  # noqa: S701 - Markdown, from words that were checked
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template(template).render(**values)


def _write(project: Project, files: Mapping[Path, str]) -> tuple[str, ...]:
    """Write all of the files, or none where one is there already."""
    for path in files:
        for place in (path, *path.parents):
            if place == project.root:
                break
            if place.is_symlink() or (place.exists() and (place == path or not place.is_dir())):
                shown = _relative(project, place)
                raise UsageError(f"{shown!r} is there already; choose another name or edit it")
    for path, text in files.items():
        write_atomically(path, text)
    return tuple(sorted(_relative(project, path) for path in files))


def _more(project: Project, path: str) -> Iterator[str]:
    """The keys that assay.toml asks for at this path and the template doesn't have."""
    text = (TEMPLATES / "page.md").read_text(encoding="utf-8")
    there = set(re.findall(r"^(\w+):", text.split("\n---\n")[0], re.MULTILINE))
    asked = [keys for pattern, keys in project.settings.required if fnmatch(path, pattern)]
    for key in dict.fromkeys(key for keys in asked for key in keys):
        if key not in there:
            yield VALUES.get(key, f"{key}: 待定")


def _weight(project: Project, path: str) -> int:
    """One more than the last page beside it; a new chapter comes after the last one."""
    docs = f"{_relative(project, project.settings.docs)}/"
    own = path.removeprefix(docs)
    opens = own.endswith("/index.md")
    weights = [0]
    for other in project.page_paths():
        there = other.removeprefix(docs)
        if there.count("/") == 1 and (
            there.endswith("/index.md") if opens else there.split("/")[0] == own.split("/")[0]
        ):
            weights.append(_known_weight(project, other))
    return max(weights) + (10 if opens else 1)


def _known_weight(project: Project, path: str) -> int:
    try:
        weight = project.page(path).meta.get("weight")
    except AssayError:
        return 0
    return weight if isinstance(weight, int) else 0


def _bases(project: Project) -> tuple[str, ...]:
    """Where pymdownx looks for includes; nowhere if the site doesn't use them."""
    given = project.settings.extension_configs.get("pymdownx.snippets", {})
    return tuple(str(p) for p in given.get("base_path", ()))


def _relative(project: Project, path: Path) -> str:
    return path.relative_to(project.root).as_posix()
