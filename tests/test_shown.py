"""What readers see of set-up, sessions and toolchains; with and without MkDocs' plugin."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from markdown import Markdown

from checkout import Checkout
from conftest import SITE

PAGE = """\
# Page

```bash hidden="true"
greeting=hello
```

```console
$ echo $greeting
hello
```

```console session="other"
$ echo "$greeting."
.
```

```console go="1.26"
$ go version | cut -d' ' -f3
go1.26.8
```

```console go="1.27"
$ go version | cut -d' ' -f3
go1.27.3
```

```go
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println(runtime.Version())
}
```

```output go="1.26"
go1.26.8
```

```output go="1.27"
go1.27.3
```

text between

```console go="1.26"
$ echo a
a
```

text between

```console go="1.27"
$ echo a
a
```
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("shown"))
    made.write("mkdocs.yml", SITE)
    made.write("docs/index.md", PAGE)
    done = made.assay("check")
    assert done.code == 0, done.output + done.error
    return made


@pytest.fixture(scope="module")
def html(checked: Checkout) -> str:
    built = checked.build()
    assert built.code == 0, built.error
    return checked.text("site/index.html")


def marked(html: str) -> list[str]:
    """The pieces of the page that begin with a marked block, in order."""
    return re.split(r'(?=<div class="assay-block")', html)[1:]


def test_set_up_is_folded_and_can_be_opened(html: str) -> None:
    first = marked(html)[0]
    assert '<details class="assay-hidden"><summary>准备步骤</summary>' in first
    assert "greeting" in first
    assert html.count("assay-hidden") == 1


def test_a_session_of_its_own_is_named(html: str) -> None:
    named = [n for n, piece in enumerate(marked(html)) if "<dt>会话</dt><dd>other</dd>" in piece]
    assert named == [2]


def test_outputs_of_two_toolchains_stand_behind_tabs(html: str) -> None:
    sets = re.findall(
        r'<div class="tabbed-set tabbed-alternate assay-go" data-tabs="([^"]*)"', html
    )
    assert sets == ["assay-go-4:2", "assay-go-7:2"]
    assert re.findall(r'<label for="([^"]*)">(Go [^<]*)</label>', html) == [
        ("assay-go-4-1", "Go 1.26"), ("assay-go-4-2", "Go 1.27"),
        ("assay-go-7-1", "Go 1.26"), ("assay-go-7-2", "Go 1.27"),
    ]  # fmt: skip
    buttons = re.findall(
        r'<input( checked="checked")? id="([^"]*)" name="([^"]*)" type="radio">', html
    )
    assert buttons == [
        (' checked="checked"', "assay-go-4-1", "assay-go-4"), ("", "assay-go-4-2", "assay-go-4"),
        (' checked="checked"', "assay-go-7-1", "assay-go-7"), ("", "assay-go-7-2", "assay-go-7"),
    ]  # fmt: skip


def test_each_tab_holds_its_own_block(html: str) -> None:
    panels = re.findall(r'<div class="tabbed-block"><div class="assay-block" id="([^"]*)"', html)
    assert panels == ["block-4", "block-5", "block-7", "block-8"]
    for piece, version in zip(
        marked(html)[3:5] + marked(html)[6:8], ["26.8", "27.3"] * 2, strict=True
    ):
        assert f"go1.{version}" in re.sub(r"<[^>]*>", "", piece)


def test_blocks_with_text_between_them_are_no_tabs(html: str) -> None:
    assert len(marked(html)) == 10
    assert html.count('class="tabbed-block"') == 4
    assert html.index("text between") < html.index('id="block-9"')


def test_the_html_is_well_nested(html: str) -> None:
    body = re.sub(r"<(?:!--.*?--|script.*?</script)>", "", html, flags=re.DOTALL)
    assert len(re.findall(r"<div\b", body)) == len(re.findall(r"</div>", body))
    assert len(re.findall(r"<details\b", body)) == len(re.findall(r"</details>", body))


def test_the_extension_alone_shows_the_marks(
    checked: Checkout, html: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checked.root)
    md = Markdown(extensions=["attr_list", "pymdownx.superfences", "assay"])
    plain = md.convert(PAGE)
    status = re.compile(r'data-assay-status="([\w-]+)" data-assay-digest="(\w+)"')
    assert status.findall(plain) == status.findall(html)
    assert {s for s, _ in status.findall(plain)} == {"passed"}
    assert plain.count('class="assay-mark"') == 10
    assert plain.count("tabbed-block") == 4
    again = md.reset().convert("```json\n{}\n```\n\n" + PAGE)
    assert [s for s, _ in status.findall(again)] == ["unchecked", *["passed"] * 10]


def test_the_extension_without_superfences_listed_shows_them_too(
    checked: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checked.root)
    assert Markdown(extensions=["assay"]).convert(PAGE).count('class="assay-mark"') == 10


FOREIGN = {
    "mkdocs.yml": "site_name: foreign\nplugins: [assay]\n",
    "docs/index.md": "# Welcome\n\nSee [the guide](guide.md).\n\n```console\n$ echo hi\nhi\n```\n",
    "docs/guide.md": "# Guide\n\n" + PAGE[PAGE.index("```go\n") : PAGE.index("```output")],
    "docs/more/config.md": '# Config\n\n```yaml kind="yaml"\na: 1\n```\n\n'
    '```mermaid title="a to b"\nflowchart LR\n    a --> b\n```\n',
}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("foreign"))
    for name, text in FOREIGN.items():
        made.write(name, text)
    return made


def test_a_foreign_site_needs_one_line(foreign: Checkout) -> None:
    done = foreign.assay("check", "--format", "json")
    assert done.code == 0, done.output
    assert {b["status"] for b in done.json["blocks"]} == {"passed"}
    assert len(done.json["blocks"]) == 4
    built = foreign.build()
    assert built.code == 0, built.error
    shown = [foreign.text(f"site/{p}index.html") for p in ("", "guide/", "more/config/")]
    assert [text.count('data-assay-status="passed"') for text in shown] == [1, 1, 2]
    assert json.loads(foreign.text("site/evidence.json"))["counts"]["blocks"] == 4
    kept = {p.name for p in foreign.root.iterdir()}
    assert kept == {".cache", "docs", "mkdocs.yml", "site"}


def test_a_fault_on_a_foreign_site_is_found_and_not_published(
    foreign: Checkout, tmp_path: Path
) -> None:
    made = Checkout(tmp_path)
    for name, text in FOREIGN.items():
        made.write(name, text)
    made.edit("docs/index.md", "^hi$", "ho")
    done = made.assay("check", "docs/index.md", "--format", "json")
    assert done.places == [("docs/index.md:7:1", "console")]
    assert made.build().code == 1
