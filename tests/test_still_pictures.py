"""What a still picture can't hold is a finding; odd labels are drawn whole."""

from __future__ import annotations

import re

import pytest

from assay.pictures.fault import UnshownError
from assay.pictures.mermaid import draw, senses
from test_pictures import refused

LONG = "a" * 41


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ('flowchart LR\n A --> B\n click A "https://e.example"\n', 3, 2, "no links: “click”"),
        ("flowchart LR\n A --> B; click A call f()\n", 2, 11, "no links: “click”"),
        ("sequenceDiagram\n 甲->>乙: 好\n link 甲: 文档 @ https://e.example\n", 3, 2, "“link”"),
        ('classDiagram\n class 甲\n link 甲 "https://e.example"\n', 3, 2, "no links: “link”"),
        (("gantt\n dateFormat YYYY-MM-DD\n section s\n 甲 :a1, 2026-01-01, 3d\n"
         ' click a1 href "https://e.example"\n'), 5, 2, "no links: “click”"),
        ('flowchart LR\n A@{ icon: "fa:user", label: "人" } --> B\n', 2, 6, "icons and images"),
        ('flowchart LR\n A@{ img: "https://e.example/i.png" } --> B\n', 2, 6, "“img:”"),
        ('flowchart LR\n A["fa:fa-car 车"] --> B\n', 2, 5, "“fa:fa-car”"),
        ("flowchart LR\n A[\"<img src='x.png'>\"] --> B\n", 2, 5, "“<img”"),
        ("mindmap\n  甲\n    乙\n    ::icon(fa fa-book)\n", 4, 5, "“::icon(”"),
        ('flowchart LR\n A["$$x^2$$"] --> B\n', 2, 5, "formulas"),
        ('%%{init: {"themeVariables": {"fontSize": "6px"}}}%%\nflowchart LR\n A --> B\n',
         1, 31, "the site sets the size"),
        # One “<” that is taken for a tag takes the texts of the whole drawing away.
        ('flowchart LR\n A["a < b && c > d"] --> B["x<y"]\n', 2, 29, "“x<y” would not be shown"),
        ("flowchart LR\n A -->|x<y| B\n", 2, 8, "“x<y” would not"),
        ('flowchart LR\n A["Map<K,V>"] --> B\n', 2, 5, "write “<” as “#lt;”"),
        ('flowchart LR\n A["<script>f()</script>x"] --> B\n', 2, 5, "would not be shown whole"),
        ('flowchart LR\n A[" "] --> B[" "]\n', 1, 1, "no text"),
        (f"flowchart LR\n A[甲 {LONG}] --> B\n", 2, 6, "41 letters and can't be wrapped"),
        (f"sequenceDiagram\n participant {LONG}\n {LONG}->>B: 好\n", 2, 14, "41 letters"),
        ("flowchart TD\n subgraph 一个很长很长很长很长很长的名字\n  A[甲]\n end\n", 2, 11,
         "wider than its subgraph"),
    ],
)  # fmt: skip
def test_what_a_still_picture_lacks_is_found(
    source: str, line: int, column: int, words: str
) -> None:
    error = refused(source)
    assert (error.line, error.column) == (line, column)
    assert words in error.message
    assert isinstance(error, UnshownError)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('flowchart LR\n A["x #lt; y #amp; z"] --> B\n', "x &lt; y &amp; z"),
        ('flowchart LR\n A["a &lt; b"] --> B\n', "a &lt; b"),
        ('flowchart LR\n A["a < b"] --> B\n', "a &lt; b"),
        ('flowchart LR\n A["<b>粗</b><br/><i>斜</i>"] --> B\n', "斜"),
        ('flowchart LR\n A["`**粗** a_b_c`"] --> B["snake_case"]\n', "snake_case"),
        ('flowchart LR\n A["一\\n二"] --> B\n', "二"),
        ("flowchart LR\n A[🚀 上线 👩‍💻] --> B[✅ #9829; #128512;]\n", "✅♥😀"),
        ("flowchart LR\n A[《书》、“引号”：冒号；问？] --> B[（全角）]\n", "（全角）"),
        (f"flowchart LR\n A[{'长' * 200}] --> B[短]\n", "长长"),
        ("flowchart LR\n A[价格 $5] --> B[$$]\n C[$$] --> B\n", "$$"),
        ("sequenceDiagram\n participant link\n link->>B: a < b\n", "a &lt; b"),
        ("flowchart LR\r\n A[甲] --> B[乙]\r\n", "乙"),
        ('%%{init: {"theme": "dark", "securityLevel": "loose"}}%%\nflowchart LR\n A[甲] --> B\n',
         "甲"),
        (("flowchart TD\n subgraph 集群\n  subgraph 支付\n   A[网关] --> B[订单]\n  end\n end\n"
         " C[客户端] --> A\n"), "支付"),
        (("---\nconfig:\n  fontSize: 5\n  themeVariables: {fontSize: 5px}\n---\n"
         "flowchart LR\n A[小] --> B\n"), "小"),
    ],
)  # fmt: skip
def test_odd_labels_are_drawn_whole(source: str, shown: str) -> None:
    picture = draw(source, "p", "图")
    described = re.search(r"<desc[^>]*>(.*?)</desc>", picture)
    assert described is not None
    assert shown in described[1]
    assert set(re.findall(r"font-size:(\d+)", picture)) <= {"16"}


def test_sixty_nodes_are_drawn_with_every_name() -> None:
    edges = [f" n{i // 3}[服务 {i // 3}] --> n{i}[服务 {i}]" for i in range(3, 60)]
    source = "\n".join(["flowchart LR", " n0[入口] --> n1 & n2", *edges, ""])
    picture = draw(source, "p", "图")
    assert senses(source) == []
    assert all(f">服务 {i}<" in picture for i in range(1, 60))
