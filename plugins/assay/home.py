"""The home page's catalogue and coverage, from the same verdicts as the marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape
from typing import Any

from assay import marks
from assay.checkers.measure import SCHEME
from assay.sources.catalogue import Chapter, Entry, chapters
from assay.verdicts import BlockVerdict, PageVerdict

CATALOGUE = "<!-- assay:catalogue -->"
COVERAGE = "<!-- assay:coverage -->"
COLUMNS = (
    ("ran", "运行"), ("compiled", "编译"), ("validated", "验证"), ("drawn", "绘制"),
    ("failed-as-shown", "如文所示地失败"), ("recorded", "有记录"),
)  # fmt: skip


def counts(verdicts: Iterable[PageVerdict]) -> Counter[str]:
    """Count blocks by what was done with them, and bound numbers as `measures`."""
    found: Counter[str] = Counter()
    for page in verdicts:
        found.update(marks.kind(v) for v in page.blocks)
        found["measures"] += sum(n.target.startswith(SCHEME) for n in page.page.links)
        found["blocks"] += len(page.blocks)
    return found


def fill(markdown: str, listed: tuple[Entry, ...], known: dict[str, PageVerdict]) -> str:
    """Replace the two marker comments by what the verdicts say."""
    if CATALOGUE in markdown:
        markdown = markdown.replace(CATALOGUE, "\n".join(_catalogue(listed, known)))
    if COVERAGE in markdown:
        markdown = markdown.replace(COVERAGE, "\n".join(_coverage(listed, known)))
    return markdown


def _courses(listed: tuple[Entry, ...]) -> list[Chapter]:
    """The chapters that teach: those whose pages say how many minutes they take."""
    return [c for c in chapters(listed) if any(e.page.meta.get("minutes") for e in c.entries)]


def _catalogue(listed: tuple[Entry, ...], known: dict[str, PageVerdict]) -> Iterable[str]:
    for chapter in _courses(listed):
        yield ""
        title = escape(chapter.title)
        yield f"### [{title}]({chapter.index.path})" if chapter.index else f"### {title}"
        yield ""
        if chapter.index:
            yield escape(str(chapter.index.page.meta.get("description") or ""))
            yield ""
        yield "| 课 | 学会 | 级别 | 分钟 | 检查过的块 | 取自运行的数字 |"
        yield "|---|---|---|--:|--:|--:|"
        for entry in chapter.entries:
            meta = entry.page.meta
            found = counts([known[entry.path]])
            able = "、".join(escape(str(t)).replace("|", "／") for t in _list(meta, "teaches"))
            yield (
                f"| [{escape(entry.title)}]({entry.path}) | {able or '—'} "
                f"| {escape(str(meta.get('level') or '—'))} | {meta.get('minutes') or '—'} "
                f"| {found['blocks']} | {found['measures']} |"
            )
    yield ""


def _list(meta: Any, key: str) -> list[Any]:
    value = meta.get(key) or []
    return value if isinstance(value, list) else [value]


def _coverage(listed: tuple[Entry, ...], known: dict[str, PageVerdict]) -> Iterable[str]:
    rows = {}
    every: Counter[str] = Counter()
    for chapter in _courses(listed):
        pages = [e for e in (chapter.index, *chapter.entries) if e]
        rows[escape(chapter.title)] = found = counts(known[e.path] for e in pages)
        every += found
    columns = [c for c in COLUMNS if c[0] != "recorded" or every["recorded"]]
    yield ""
    yield f"| 章 | 块 | {' | '.join(text for _, text in columns)} | 取自运行的数字 |"
    yield "|---|--:|" + "--:|" * (len(columns) + 1)
    for name, found in (*rows.items(), ("合计", every)):
        cells = [str(found[key]) for key in ("blocks", *(key for key, _ in columns), "measures")]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    yield "每一块的命令、版本和输出也在 [evidence.json](evidence.json) 里。"
    yield ""


def evidence(known: Iterable[PageVerdict]) -> dict[str, Any]:
    """The published evidence: every block with its verdict, versions and commands."""
    pages = [
        {
            "path": p.page.path,
            "title": p.page.meta.get("title"),
            "status": p.status,
            "blocks": [_entry(v) for v in p.blocks],
        }
        for p in known
    ]
    return {"counts": dict(sorted(counts(known).items())), "pages": pages}


def _entry(verdict: BlockVerdict) -> dict[str, Any]:
    block = verdict.block
    return {
        "id": f"block-{block.index + 1}",
        "line": block.line,
        "language": block.language,
        "digest": block.digest,
        "status": verdict.status,
        "checks": list(verdict.checks),
        "toolchains": list(verdict.toolchains),
        "tools": dict(sorted((k, v) for r, _ in verdict.records for k, v in r.tools.items())),
        "date": max((r.date for r, _ in verdict.records), default=None),
        "captures": [
            {"name": c.name, "value": c.value, "unit": c.unit, "go": c.toolchain}
            for r, n in verdict.records
            for place, c in r.captures
            if place == n
        ],
        "commands": [
            {"argv": list(c.argv), "exit": c.exit_code, "output": c.output}
            for r, n in verdict.judged
            for place, c in r.commands
            if place in (None, n)
        ],
    }
