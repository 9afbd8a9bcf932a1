"""What readers see below a chart whose figures are bound."""

from __future__ import annotations

from assay import marks
from assay.model import Block
from assay.verdicts import BlockVerdict


def test_the_mark_says_what_the_figures_were_compared_with() -> None:
    measures = "ms=p10 p20 ±30%"
    options = (("title", "Latency"), ("measures", measures))
    block = Block("docs/index.md", 0, 1, 1, "mermaid", options, "", (), ())
    bound = marks.mark(BlockVerdict(block, "passed"), "docs/index.md")
    assert f"<dt>和运行结果逐个比较</dt><dd><code>{measures}</code></dd>" in bound
