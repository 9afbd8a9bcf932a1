"""Diagrams: drawn in the site's look, refused at the right place, harmless whatever they hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assay.pictures.locate import refusal
from assay.pictures.mermaid import DiagramError, draw, official, senses

DIAGRAMS = Path(__file__).parent / "diagrams"
SUBJECTS = sorted(DIAGRAMS.glob("*.mmd"))
TYPES = sorted((DIAGRAMS / "types").glob("*.mmd"))
EVERY = SUBJECTS + TYPES + sorted((DIAGRAMS / "odd").glob("*.mmd"))
# The article's twelve diagrams in their order, by the claims that they make.
ARTICLE = {
    "21-11": "keep-alive", "23": "metrics-path", "24-5": "slow-trace", "25-7": "autoscale",
    "31-11": "two-pipelines", "32-7": "release", "33-3": "policy-gate", "41": "load-test",
    "42-7": "supply-chain", "43-6": "edge-update", "44-7": "gitops", "5-12": "tech-debt",
}  # fmt: skip
KINDS = {
    "class": "classDiagram", "er": "erDiagram", "flowchart": "flowchart", "gantt": "gantt",
    "git": "gitGraph", "mindmap": "mindmap", "quadrant": "quadrantChart",
    "sequence": "sequenceDiagram", "state": "stateDiagram-v2", "xychart": "xychart-beta",
}  # fmt: skip


def refused(source: str) -> DiagramError:
    with pytest.raises(DiagramError) as caught:
        draw(source, "p", "图")
    return caught.value


def test_the_folder_has_the_twelve_subjects_and_ten_types() -> None:
    assert [path.stem for path in SUBJECTS] == sorted(ARTICLE.values())
    assert len(ARTICLE) == 12
    begins = {path.stem: path.read_text("utf-8").split()[0] for path in TYPES}
    assert begins == KINDS
    for path in EVERY:
        assert re.search(r"[\u4e00-\u9fff]", path.read_text("utf-8")), f"{path} has no Chinese"


def test_the_checks_page_names_every_sense() -> None:
    page = (DIAGRAMS.parents[1] / "docs" / "checks" / "mermaid.md").read_text("utf-8")
    named = re.findall(r"^- \*\*(.*?)\*\*", page, re.MULTILINE)
    senses = ["Decisions", "Islands", "Dashes", "Names", "Nothing is lost"]
    assert named == [*senses, "Only what stands still"]


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_is_drawn_twice_alike_and_makes_sense(path: Path) -> None:
    source = path.read_text("utf-8")
    picture = draw(source, "p", "图的名字")
    assert draw(source, "p", "图的名字") == picture
    assert senses(source) == []
    assert "\n" not in picture
    assert '<title id="p-title">图的名字</title>' in picture
    assert 'role="img"' in picture
    assert re.search(r'viewBox="[-\d. ]+"', picture)
    assert not re.search(r"foreignObject|<script|https?://(?!www\.w3\.org/2000/svg)", picture)
    assert "font-family:inherit" in picture


@pytest.mark.slow
@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_mermaid_itself_agrees(path: Path) -> None:
    assert official(path.read_text("utf-8")) is None


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_colour_has_a_dark_counterpart(path: Path) -> None:
    picture = draw(path.read_text("utf-8"), "p", "图")
    rules = re.search(r'#p\{(--d0.*?)\}\[data-md-color-scheme="slate"\] #p\{(--d0.*?)\}', picture)
    assert rules is not None
    light, dark = (re.findall(r"(--d\d+):", rule) for rule in rules.groups())
    assert light == dark
    rest = picture.replace(rules[0], "").replace("url(#", "")
    assert not re.search(r"""[:"](#[0-9a-fA-F]{3,8}|rgba?\(|hsla?\()""", rest)


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("flowchart LR\n  甲[开始] --> 乙[中间]\n  乙 –> 丙[结束]\n", 3, 5, "en dash “–” (U+2013)"),
        ("flowchart LR\n  甲[开始] --> 乙[中间\n  乙 --> 丙\n", 2, 14, "“[” is not closed"),
        ("flowchart LR\n  A[开始] --> B[调用 f(x)]\n", 2, 19, "without quotes has “(”"),
        ("sequenceDiagram\n  participant 甲\n  甲->>乙\n", 3, 8, "the message has no text"),
        ("flowchrt LR\n  A --> B\n", 1, 1, "begins with “flowchrt”"),
        ("flowchart LR\n  A[开始] --> end\n", 2, 13, "“end” closes a subgraph"),
        # What mermaid removes before it parses still counts in the page's lines.
        ("---\ntitle: 标题\n---\nflowchart LR\n  甲 --> 乙\n  乙 —> 丙\n", 6, 5, "em dash"),
        ("%% 说明\n\nflowchart LR\n  %% 中间\n  甲 --> 乙[a\n", 5, 10, "“[” is not closed"),
        ("graph TD A[压测] –> B{检索} B –> C[定位]", 1, 16, "en dash"),
        ('pie\n "甲" : x\n', 2, 8, "pie"),
        ("gantt\n title 甲\n dateFormat YYYY-MM-DD\n section s\n 甲 :a1, 2026-13-99, 3d\n",
         5, 9, "2026-13-99"),
        ("gitGraph\n commit\n checkout nope\n", 3, 11, "nope"),
        ("classDiagram\n class 甲 {\n  +int x\n", 2, 10, "“{” is not closed"),
        ("quadrantChart\n x-axis 低 --> 高\n 甲: [1.5, 2]\n", 3, 7, "unexpected “.”"),
        ("erDiagram\n A ||--o{ B\n", 2, 12, "COLON"),
        ("", 1, 1, "the diagram is empty"),
        ("flowchart LR\n  A --> B\n  C(-椭圆-) --> A\n", 3, 3, "ellipse"),
        ("flowchart LR\n  A[🚀🚀 上线] --> B[🚀 f(x)]\n", 2, 21, "without quotes has “(”"),
        ("flowchart LR\n  A:::x — B\n", 2, 9, "em dash"),
        ("sequenceDiagram\n  甲–>>乙: 好\n", 2, 4, "en dash"),
        ('flowchart LR\n  A["#35;"] --> B[f(x)]\n', 2, 1, "quotes"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_place(source: str, line: int, column: int, words: str) -> None:
    error = refused(source)
    assert (error.line, error.column) == (line, column)
    assert words in error.message
    assert type(error) is DiagramError


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("flowchart LR\n  乙 –> 丙\n", "mermaid says: Lexical error. Unrecognized text."),
        ("flowchart LR\n  A --> B[调用 f(x)]\n", "Parse error: Expecting 'SQE', …, got 'PS'"),
        ("sequenceDiagram\n  甲->>乙\n", "Parse error: Expecting 'TXT', got 'NEWLINE'"),
        ("flowchrt LR\n", "No diagram type detected matching given configuration"),
        ('pie\n "甲" : x\n', "Parsing failed: Lexer error: unexpected character: ->x<-"),
    ],
)
def test_a_refusal_has_the_official_words_on_one_line(source: str, words: str) -> None:
    message = refused(source).message
    assert message.count("mermaid says: ") == 1
    assert message.endswith(words) or source.startswith("pie")
    assert words in message
    assert "\n" not in message
    assert not re.search(r"line \d", message), "the page's line is another one"


def test_words_that_are_official_already_are_not_said_twice() -> None:
    source = "gantt\n dateFormat YYYY-MM-DD\n section s\n 甲 :a1, 2026-13-99, 3d\n"
    assert refused(source).message == "gantt: Invalid date:2026-13-99"


def test_without_an_official_message_the_byte_offset_is_mapped() -> None:
    source = "%% 说明\nflowchart LR\n  甲 --> 乙\n  乙 ?> 丙\n"
    message = "Diagram parse error (flowchart-v2): Unexpected character at 33"
    error = refusal(source, message, None, lambda _: None)
    assert (error.line, error.column) == (4, 5)
    assert "unexpected “?”" in error.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("flowchart TD\n A --> B{好吗?}\n B -->|好| C\n", [(2, 8, "one edge leaves")]),
        ("flowchart TD\n A --> B{好吗?}\n", [(2, 8, "no edge leaves")]),
        ("flowchart TD\n B{好吗?} -->|好| C\n B --> D\n", [(3, 4, "has no label")]),
        ("flowchart TD\n B{好吗?} --> C & D\n",
         [(2, 9, "to “C” has no label"), (2, 9, "to “D” has no label")]),
        ("flowchart TD\n A --> B\n C[孤岛]\n", [(3, 2, "no edge connects “孤岛”")]),
        ("flowchart TD\n A --> B\n C --> D\n B --> E\n", [(3, 2, "no edge connects “C”")]),
        ("flowchart TD\n", [(1, 1, "no node")]),
        ("flowchart TD\n A@{ shape: diamond, label: 好吗 } -->|好| B\n", [(2, 2, "“好吗”")]),
        ("flowchart TD\n A –> B\n C —> D\n", [(2, 4, "en dash"), (3, 4, "em dash")]),
        ("graph LR\n X{a b} -- 是 --> Y\n X ==> Z\n", [(3, 4, "“a b” to “Z” has no label")]),
    ],
)  # fmt: skip
def test_what_misleads_is_found(source: str, expected: list[tuple[int, int, str]]) -> None:
    found = senses(source)
    assert [(error.line, error.column) for error in found] == [e[:2] for e in expected]
    for error, (_, _, words) in zip(found, expected, strict=True):
        assert words in error.message


@pytest.mark.parametrize(
    "source",
    [
        "flowchart TD\n A{好?} -->|是| B --> C\n A -- 否 --> D\n",
        "flowchart TD\n A{好?} -. 是 .-> B\n A == 否 ==> C\n",
        'flowchart TD\n A{"a -- b"} -->|"是"| B["x –> y"]\n A -->|否| C\n',
        "flowchart TD; A-->B; B-->C & D\n",
        "flowchart LR\n A[单独一个]\n",
        "flowchart TD\n subgraph s [组]\n  A\n  B\n end\n C --> s\n",
        "flowchart TD\n subgraph one\n  A --> B\n end\n subgraph two\n  C --> D\n end\n",
        "flowchart TD\n A{{六边形}} --> B[/斜/] --> C[(库)] --> D((圆)) --> E>旗]\n",
        "flowchart TD\n A --- B\n B o--o C\n C x--x D\n D <--> E\n E ~~~ F\n",
        "flowchart TD\n a-b --> c.d --> e_f\n style a-b fill:#f9f\n linkStyle 0 stroke:red\n",
        "flowchart TD\n A{好?} e1@-->|是| B\n A -->|否| C\n C --> A\n",
        "flowchart TD\n A:::big --> B{x}:::big\n B -->|1| C\n B -->|2| D\n classDef big fill:red\n",
        "flowchart TD\n A --> B\n%% C[注释里的]\n",
        'flowchart TD\n A["`**粗** {不是判断}`"] --> B("f(x) {y}")\n',
        "sequenceDiagram\n 甲->>乙: 1–>2\n",
        "stateDiagram-v2\n [*] --> 甲\n",
    ],
)
def test_what_makes_sense_is_left_alone(source: str) -> None:
    draw(source, "p", "图")
    assert senses(source) == []


def test_two_diagrams_share_a_page_without_sharing_an_id() -> None:
    source = TYPES[3].read_text("utf-8")
    for path in TYPES:
        pictures = [draw(path.read_text("utf-8"), prefix, "图") for prefix in ("p", "q")]
        ids = [set(re.findall(r' id="([^"]*)"', picture)) for picture in pictures]
        for picture, own in zip(pictures, ids, strict=True):
            assert len(re.findall(r' id="', picture)) == len(own)
            assert set(re.findall(r"url\(#([^)]*)\)", picture)) <= own
        assert not ids[0] & ids[1]
    assert "merman" not in draw(source, "p", "图")


def test_the_author_cannot_style_the_page() -> None:
    source = (
        '%%{init: {"themeCSS": "} body { display:none } .x{background:url(https://e.example)}"}}%%\n'
        "flowchart LR\n A --> B\n style A fill:#f00,stroke:#0f0\n"
    )
    picture = draw(source, "p", '<图> & "x"')
    assert "body" not in picture
    assert "e.example" not in picture
    assert '<title id="p-title">&lt;图&gt; &amp; "x"</title>' in picture
