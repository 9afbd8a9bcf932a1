"""The mark below each block: what was checked, how it came out, how to repeat it. No script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from assay import charts, wholefile
from assay.lock import RECORDED
from assay.model import Block, Command
from assay.verdicts import BlockVerdict

RUNNING = frozenset({"console", "go-run", "go-test"})
LABELS = {
    "ran": "已运行", "compiled": "已编译", "validated": "已验证", "drawn": "已绘制",
    "failed-as-shown": "如文所示地失败", "recorded": "有记录", "skipped": "示意",
    "stale": "过期", "unchecked": "未检查", "failed": "失败", "blocked": "未执行",
}  # fmt: skip
ALSO = {"fails": "应当失败", charts.OPTION: "和运行结果逐个比较"}
# A reader looks at the mark for the gist; evidence.json has every byte.
LONGEST_OUTPUT = 2000
# A phone's text is 360 px wide; what can't shrink to that scrolls, also from the keyboard.
PHONE_PX = 360


def kind(verdict: BlockVerdict) -> str:
    """Say in one word what was done with the block."""
    if verdict.status != "passed":
        return verdict.status
    checks = set(verdict.checks)
    if checks & RUNNING:
        return "ran"
    if "go-build" in checks:
        return "compiled"
    return "drawn" if checks & {"mermaid", "diagram"} else "validated"


def render(verdict: BlockVerdict, html: str, below: str) -> str:
    """Wrap a block's HTML with what stands below it: its mark."""
    block = verdict.block
    anchor = f'<a id="{escape(name)}"></a>' if (name := block.option("name")) else ""
    status = "failed" if verdict.status == "blocked" else verdict.status
    return (
        f'<div class="assay-block" id="block-{block.index + 1}"'
        f' data-assay-status="{status}" data-assay-digest="{block.digest}">'
        f"{anchor}{_content(verdict, html)}{below}</div>"
    )


def side_by_side(before: Block, block: Block) -> bool:
    """Whether two blocks that follow each other show the same thing under other toolchains."""
    ours, theirs = (set((b.option("go") or "").split()) for b in (before, block))
    alike = before.language == block.language and block.language in ("console", "output")
    return alike and bool(ours) and bool(theirs) and not ours & theirs


def tabs(blocks: list[tuple[Block, str]]) -> str:
    """Put marked blocks of different toolchains behind tabs, in pymdownx's own markup."""
    if len(blocks) < 2:
        return "".join(html for _, html in blocks)
    name = f"assay-go-{blocks[0][0].index + 1}"
    inputs = labels = ""
    for number, (block, _) in enumerate(blocks, 1):
        checked = ' checked="checked"' if number == 1 else ""
        title = escape("、".join((block.option("go") or "").split()))
        inputs += f'<input{checked} id="{name}-{number}" name="{name}" type="radio">'
        labels += f'<label for="{name}-{number}">Go {title}</label>'
    shown = "".join(f'<div class="tabbed-block">{html}</div>' for _, html in blocks)
    return (
        f'<div class="tabbed-set tabbed-alternate assay-go" data-tabs="{name}:{len(blocks)}">'
        f'{inputs}<div class="tabbed-labels">{labels}</div>'
        f'<div class="tabbed-content">{shown}</div></div>'
    )


def _content(verdict: BlockVerdict, html: str) -> str:
    block = verdict.block
    svg = verdict.kept.get("diagram.svg")
    if svg and verdict.status == "passed":
        return _figure(block, svg, html)
    if block.option("hidden"):
        return f'<details class="assay-hidden"><summary>准备步骤</summary>{html}</details>'
    return html


def _figure(block: Block, svg: str, html: str) -> str:
    """Show a drawing: wide ones scroll, and the source is one click away."""
    title = escape(block.option("title") or "")
    own = re.search(r'\bid="([\w-]+)"', svg)
    if own:  # drawn by content; the same block may stand on the page twice
        svg = svg.replace(own[1], f"{own[1]}-{block.index + 1}")
    narrowest = re.search(r"min-width:(\d+)px", svg)
    wide = narrowest and int(narrowest[1]) > PHONE_PX
    scrolls = f' tabindex="0" role="group" aria-label="{title}（可以左右滚动）"' if wide else ""
    return (
        f'<figure class="assay-diagram"><div class="assay-diagram-sheet"'
        f' style="overflow-x:auto"{scrolls}>{svg}</div><figcaption>{title}</figcaption>'
        f"<details><summary>图的源码</summary>{html}</details></figure>"
    )


def mark(verdict: BlockVerdict, page: str) -> str:
    """Say what was checked, how it came out, and how to repeat it."""
    label = LABELS[kind(verdict)]
    versions = verdict.toolchains
    head = " · ".join([label, *([f"Go {'、'.join(versions)}"] if versions else [])])
    rows = "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in _rows(verdict, page))
    shown = "\n".join(_commands(verdict))
    pre = f"<pre><code>{escape(shown)}</code></pre>" if shown else ""
    return (
        f'<details class="assay-mark" data-search-exclude><summary>{escape(head)}</summary>'
        f"<dl>{rows}</dl>{pre}{wholefile.folded(verdict)}</details>"
    )


def _rows(verdict: BlockVerdict, page: str) -> Iterator[tuple[str, str]]:
    block = verdict.block
    reason = block.option("skip")
    if reason:
        yield "理由", escape(reason)
    if verdict.checks:
        yield "检查", escape("、".join(verdict.checks))
    session = block.option("session")
    if session:
        yield "会话", escape(session)
    said = {name: block.option(option) for option, name in ALSO.items()}
    yield from ((name, f"<code>{escape(value)}</code>") for name, value in said.items() if value)
    imports = verdict.kept.get("imports.txt")
    if imports:
        yield "补上的导入", escape("、".join(imports.split()))
    yield from wholefile.rows(verdict)
    tools = {k: v for r, _ in verdict.records for k, v in r.tools.items() if k != "go"}
    if tools:
        yield "版本", escape("、".join(f"{k} {v}" for k, v in sorted(tools.items())))
    dates = sorted({r.date for r, _ in verdict.records if r.date})
    if dates:
        yield "日期", escape(dates[-1])
    tiers = sorted({r.tier for r, _ in verdict.records if r.tier} - {RECORDED})
    if tiers:
        yield "沙箱", escape("、".join(tiers))
    if any(r.tier == RECORDED for r, _ in verdict.records):
        yield "记录", "这台机器没有运行它，结论来自 evidence.lock"
    yield "重跑", f"<code>assay check --no-cache {escape(page)}</code>"


def _commands(verdict: BlockVerdict) -> Iterator[str]:
    seen: set[str] = set()
    for record, place in verdict.judged:
        for number, command in record.commands:
            if number is not None and number != place:
                continue
            text = _command(command)
            if record.toolchain and len(verdict.toolchains) > 1:
                text = f"# Go {record.toolchain}\n{text}"
            if text not in seen:
                seen.add(text)
                yield text


def _command(command: Command) -> str:
    line = " ".join(command.argv).rstrip("\n")
    output = command.output.rstrip("\n")
    if command.argv[:1] == ("gofmt",) and command.exit_code == 0:
        output = ""  # it repeats the block
    if len(output) > LONGEST_OUTPUT:
        output = output[:LONGEST_OUTPUT] + "\n…"
    code = "" if command.exit_code == 0 else f"\n(exit {command.exit_code})"
    return f"$ {line}{code}" + (f"\n{output}" if output else "")


def unknown(block: Block) -> BlockVerdict:
    """The verdict on a block that no page of the site is known to have."""
    return BlockVerdict(block, "unchecked")
