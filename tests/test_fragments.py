"""Fragments beside their cases: keys, moved blocks, the program that closes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assay import gohelper
from assay.project import Project
from assay.wraps import WRAPS
from checkout import Checkout
from conftest import Site

CASES = Path(__file__).parent / "cases" / "fragments"
TWO = """\
# Page

```go name="setup" go="1.27"
{first}
```

```go context="setup" go="1.27"
fmt.Println(a)
```
"""


def test_an_edit_of_the_block_in_scope_judges_what_needs_it(site: Site) -> None:
    site.page(TWO.format(first="a := 1"))
    assert site.assay("check").code == 0
    site.page(TWO.format(first="b := 1"))
    result = site.assay("check")
    said = "undefined: a; declare it, or name the block that does in context= [go-build]"
    assert result.findings == [f"docs/index.md:8:13: {said}"]


def test_a_kept_finding_of_the_block_in_scope_moves_with_that_block(site: Site) -> None:
    page = TWO.format(first="a := missing")
    site.page(page)
    said = "undefined: missing; declare it, or name the block that does in context= [go-build]"
    assert site.assay("check").findings == [f"docs/index.md:4:6: {said}"]
    site.page(page.replace("# Page\n", "# Page\n\nA line.\n", 1))
    assert site.assay("check").findings == [f"docs/index.md:6:6: {said}"]
    site.page(page.replace("```\n\n```go c", "```\n\nBetween the two.\n\n```go c", 1))
    assert site.assay("check").findings == [f"docs/index.md:4:6: {said}"]


def test_a_renamed_block_is_out_of_scope(site: Site) -> None:
    page = TWO.format(first="a := 1")
    site.page(page)
    assert site.assay("check").code == 0
    site.page(page.replace('name="setup"', 'name="other"'))
    (finding,) = site.assay("check").findings
    assert "names no earlier Go block; named before this one: 'other' [fence]" in finding


@pytest.mark.parametrize("name", sorted(WRAPS))
def test_each_wrapper_has_a_case(name: str) -> None:
    text = (CASES / f"wrap-{name}.txtar").read_text(encoding="utf-8")
    assert f'wrap="{name}"' in text


def test_the_program_is_built_once_outside_the_checkout(site: Site) -> None:
    project = Project(site.root)
    place = gohelper.binary(project.boxes, "fragment")
    made = place.stat().st_mtime_ns
    assert site.root not in place.parents
    assert place.parent.parent == project.toolchains.cache / "tools"
    assert gohelper.binary(project.boxes, "fragment").stat().st_mtime_ns == made


SHOP = {
    "snippets/go.mod": "module example.com/shop\n\ngo 1.26\n",
    "snippets/cart/item.go": """\
// Package cart counts.
package cart

// Item is a line of the cart.
type Item struct{ Price int }
""",
    "snippets/cart/cart.go": """\
package cart

import "fmt"

var currency = "€"

// --8<-- [start:total]
// Total adds the prices up.
func Total(items []Item) string {
	sum := 0
	for _, item := range items {
		sum += item.Price
	}
	return fmt.Sprint(sum, currency)
}

// --8<-- [end:total]

// --8<-- [start:free]
// Free tells whether nothing has to be paid.
func Free(items []Item) bool { return Total(items) == "0 "+currency }

// --8<-- [end:free]
""",
    "docs/index.md": """\
# Page

```go go="1.27"
--8<-- "cart/cart.go:total"
```

```go go="1.27"
--8<-- "cart/cart.go:free"
```

```go go="1.27"
fmt.Println(strings.ToUpper("a"))
```
""",
}


def test_a_region_links_to_what_it_does_not_declare(site: Site) -> None:
    site.write(SHOP)
    result = site.assay("check")
    assert result.code == 0, result.output
    built = Checkout(site.root).build()
    assert built.code == 0, built.error
    html = (site.root / "site" / "index.html").read_text(encoding="utf-8")
    first, second, third = html.split('class="assay-block"')[1:]
    assert re.findall(NAMED, first) == [
        ("Item", "snippets/cart/item.go:5"),
        ("Price", "snippets/cart/item.go:5"),
        ("currency", "snippets/cart/cart.go:5"),
    ]
    assert re.findall(NAMED, second) == [
        ("Item", "snippets/cart/item.go:5"),
        ("Total", "snippets/cart/cart.go:9"),
        ("currency", "snippets/cart/cart.go:5"),
    ]
    for target in re.findall(r'href="#(source-[\w-]+)"', first + second):
        assert f'id="{target}"' in first, "the file is there once, with its first region"
    assert first.count('<details class="assay-whole"') == 1
    assert '<details class="assay-whole"' not in second + third
    assert "func Free(items []Item) bool" in first.partition("assay-whole")[2]
    assert "<dt>补上的导入</dt><dd>fmt、strings</dd>" in third


NAMED = r"<li><code>(\w+)</code> (?:<a [^>]*>)?([\w./]+:\d+)"
