"""What `assay new` writes passes as it is."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from checkout import ROOT
from conftest import SITE, Result, Site

ASKED = """\
[front_matter]
required = ["description", "title"]

[front_matter.paths]
"docs/why/**" = ["capability", "chapter", "level", "minutes", "sources", "teaches", "author"]
"""
PAGE = (
    "wrote docs/why/map-order.md\n"
    "wrote snippets/go.mod\n"
    "wrote snippets/why/map-order/main.go\n"
    "wrote snippets/why/map-order/main_test.go\n"
    "next: 'assay watch docs/why/map-order.md' checks it while you write; "
    "'assay accept' takes output\n"
)


def statuses(site: Site) -> list[tuple[str, str]]:
    done = site.assay("check", "--format", "json")
    assert done.code == 0, done.output + done.error
    return [(b["language"], b["status"]) for b in done.json["blocks"]]


def refused(done: Result, *says: str) -> None:
    assert (done.code, done.output) == (2, "")
    assert done.error.count("\n") == 1
    for text in says:
        assert text in done.error


def test_a_new_page_passes_with_its_lab(site: Site) -> None:
    site.write({"assay.toml": ASKED})
    done = site.assay("new", "chapter", "why/map-order")
    assert (done.code, done.output) == (0, PAGE)
    assert statuses(site) == [("console", "passed"), ("mermaid", "passed"), ("go", "passed")]
    page = (site.root / "docs/why/map-order.md").read_text()
    assert "](measure:words)" in page
    assert "author: 待定" in page


def test_a_new_page_needs_no_other_file(site: Site) -> None:
    site.assay("new", "chapter", "why/first")
    before = {p: p.read_bytes() for p in site.root.rglob("*") if p.is_file()}
    assert site.assay("new", "chapter", "why/second").code == 0
    assert all(p.read_bytes() == text for p, text in before.items())


def test_pages_follow_one_another(site: Site) -> None:
    site.write({"docs/why/index.md": "---\nweight: 30\n---\n", "docs/other/index.md": "# O\n"})
    for name in ("why/one", "why/two", "new"):
        assert site.assay("new", "chapter", name).code == 0
    weights = {
        name: next(
            line
            for line in (site.root / "docs" / name).read_text().splitlines()
            if line.startswith("weight")
        )
        for name in ("why/one.md", "why/two.md", "new/index.md")
    }
    assert weights == {
        "why/one.md": "weight: 31", "why/two.md": "weight: 32", "new/index.md": "weight: 40",
    }  # fmt: skip


def test_a_word_that_yaml_reads_as_something_else_is_a_title(site: Site) -> None:
    site.write({"assay.toml": ASKED})
    assert site.assay("new", "chapter", "why/yes").code == 0
    assert len(statuses(site)) == 3


def test_a_site_without_includes_gets_a_page_without_them(site: Site) -> None:
    site.write({"mkdocs.yml": "site_name: x\nplugins: [assay]\n"})
    assert site.assay("new", "chapter", "guide").code == 0
    assert "8<" not in (site.root / "docs/guide/index.md").read_text()
    assert statuses(site) == [("console", "passed"), ("mermaid", "passed")]


def test_a_new_lab_is_built_and_tested_on_a_page(site: Site) -> None:
    done = site.assay("new", "lab", "cache")
    assert done.output == (
        "wrote snippets/cache/main.go\nwrote snippets/cache/main_test.go\nwrote snippets/go.mod\n"
        "next: write 'lab: cache' into a page's front matter to have snippets/cache there\n"
    )
    site.page("---\nlab: cache\n---\n\n```console\n$ go test . | cut -f1\nok  \n$ go vet .\n```\n")
    assert statuses(site) == [("console", "passed")]


@pytest.mark.parametrize(
    "there",
    ["docs/why/gc.md", "snippets/why/gc/main.go", "snippets/why/gc", "docs/why"],
)
def test_nothing_is_overwritten(site: Site, there: str) -> None:
    site.write({there: "mine\n"})
    refused(site.assay("new", "chapter", "why/gc"), f"{there!r} is there already")
    assert (site.root / there).read_text() == "mine\n"
    kept = {p.relative_to(site.root).as_posix() for p in site.root.rglob("*") if p.is_file()}
    kept = {name for name in kept if not name.startswith(".cache")}
    assert kept == {"mkdocs.yml", there}


@pytest.mark.parametrize(
    "name",
    ["", "Why", "why/GC", "a/b/c", "../x", "/x", "x/", "a b", "a_b", "-a", "a-", "a--b", "1a", "键",
     "a.md", "why/index", "internal", "x/testdata", "vendor"],
)  # fmt: skip
@pytest.mark.parametrize("what", ["chapter", "lab"])
def test_a_bad_name_is_one_line(site: Site, what: str, name: str) -> None:
    refused(site.assay("new", what, "--", name))
    assert [p.name for p in site.root.iterdir() if p.name != "docs"] == ["mkdocs.yml"]


def test_outside_a_site_it_is_one_line(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    refused(site.assay("new", "chapter", "why"), "no mkdocs.yml")


def test_this_site_asks_for_nothing_that_the_template_lacks(site: Site) -> None:
    site.write({"assay.toml": (ROOT / "assay.toml").read_text(), "mkdocs.yml": SITE})
    for chapter in ("courses", "delivery", "load-testing", "path", "why"):
        assert site.assay("new", "chapter", f"{chapter}/new-page").code == 0
    assert {status for _, status in statuses(site)} == {"passed"}


@pytest.mark.slow
def test_the_wheel_holds_the_templates(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = ROOT / "plugins" / "assay" / "templates"
    there = {p.relative_to(ROOT / "plugins").as_posix() for p in folder.rglob("*") if p.is_file()}
    assert len(there) == 7
    assert there <= names


def test_the_guide_does_what_it_says(site: Site) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (page,) = re.findall(r"^`````markdown\n(.*?)^`````$", guide, re.DOTALL | re.MULTILINE)
    settings = (ROOT / "assay.toml").read_text(encoding="utf-8")
    site.write({"assay.toml": settings, "docs/why/map-order.md": page})
    assert statuses(site) == [
        ("go", "passed"), ("console", "passed"), ("go", "failed-as-shown"),
    ]  # fmt: skip
    named = re.findall(r"^\.venv/bin/assay (new chapter \S+|check \S+)", guide, re.MULTILINE)
    assert len(named) == 2
    for line in named:
        done = site.assay(*line.split())
        assert done.code == 0, done.output + done.error
