"""The examples on docs/checks/ are cases: page and output are made anew and compared.

`<!-- case: go-vet/lost-cancel -->` … `<!-- /case -->` holds a case that has findings, with what
`assay check` prints; `<!-- good case: … -->` one that has none. ASSAY_UPDATE=1 rewrites them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from assay import txtar
from assay.checkers import CHECKERS
from conftest import Site
from test_cases import CASES, EXPECTATIONS, with_speed

DOCS = Path(__file__).parent.parent / "docs" / "checks"
PAGES = sorted(DOCS.glob("*.md"))
MARKED = re.compile(r"<!-- (good )?case: (\S+) -->\n(.*?)<!-- /case -->", re.DOTALL)
EXAMPLES = sorted({(m[2], bool(m[1])) for p in PAGES for m in MARKED.finditer(p.read_text())})
SECTIONS = ["What it judges", "When it applies", "Examples", "What it can't see"]


@pytest.mark.parametrize(
    ("name", "good"), [with_speed(name, name, good) for name, good in EXAMPLES]
)
def test_an_example_is_what_comes_out(name: str, good: bool, site: Site) -> None:
    wanted = _section(name, good, site)

    def renewed(match: re.Match[str]) -> str:
        if (match[2], bool(match[1])) != (name, good):
            return match[0]
        return f"{match[0].partition(chr(10))[0]}\n{wanted}<!-- /case -->"

    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fresh = MARKED.sub(renewed, text)
        if os.environ.get("ASSAY_UPDATE"):
            page.write_text(fresh, encoding="utf-8")
        else:
            assert fresh == text, f"docs/checks/{page.name} is behind; run it with ASSAY_UPDATE=1"


@pytest.mark.parametrize("name", [c.NAME for c in CHECKERS])
def test_a_page_has_its_sections_and_both_kinds_of_example(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    bare = re.sub(r"^(`{3,})text .*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"^## (.*)$", bare, re.MULTILINE) == SECTIONS
    kinds = {bool(m[1]) for m in MARKED.finditer(text)}
    assert kinds == {True, False}, "show a page that fails and one that passes"
    own = [m[2] for m in MARKED.finditer(text) if not m[1]]
    assert any(example.startswith(f"{name}/") for example in own)


def test_every_marker_is_closed_and_every_check_is_listed() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert text.count("<!-- /case -->") == len(MARKED.findall(text)), page.name
    listed = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = {f"{c.NAME}.md" for c in CHECKERS} | {"mutations.md"}
    assert pages == set(re.findall(r"\]\((\S+\.md)\)", listed))
    assert {p.name for p in PAGES} == pages | {"index.md"}


def _section(name: str, good: bool, site: Site) -> str:
    """Run a case and write what a page shows of it."""
    archive = txtar.parse((CASES / f"{name}.txtar").read_bytes().decode())
    files = [(n, t) for n, t in archive.files if n not in EXPECTATIONS]
    site.write(dict(files))
    result = site.assay("check")
    printed = "\n".join(result.output.splitlines()[:-1])
    assert bool(printed) != good, f"{name} is shown as {'good' if good else 'failing'}: {printed}"
    parts = []
    for path, text in files:
        if len(files) > 1:
            parts.append(f"`{path}`:\n")
        parts.append(_fence(text, f"an example page: tests/cases/{name}.txtar runs it"))
    if printed:
        parts.append(_fence(printed + "\n", "what assay check prints for it"))
    return "\n" + "\n".join(parts) + "\n"


def _fence(text: str, reason: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f'{marks}text skip="{reason}"\n{text}{marks}\n'
