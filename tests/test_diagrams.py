"""Diagrams on pages: both engines agree, and a picture depends on nothing of the machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import test_pictures
from assay import txtar
from assay.pictures.diagrams import SCRIPT
from assay.pictures.fault import UnshownError
from assay.pictures.mermaid import DiagramError, draw, official
from assay.sandbox import bwrap
from assay.sources import settings
from assay.sources.reader import read_page
from assay.toolchains import cache_dir
from checkout import ROOT
from conftest import SITE, Site
from test_picture_safety import CODE

CASES = sorted((ROOT / "tests" / "cases").rglob("*.txtar"))
PAGES = sorted((ROOT / "docs").rglob("*.md"))
DOT = Path(sysconfig.get_path("scripts")) / "graphviz-pure"


def disagreement(source: str) -> str | None:
    """Say so where one engine takes a diagram that the other refuses."""
    try:
        draw(source, "p", "图")
        ours = None
    except UnshownError:  # it parses, and that is all the engines are asked here
        ours = None
    except DiagramError as error:
        ours = error.message
    theirs = official(source)
    if (ours is None) == (theirs is None):
        return None
    return f"mmdr says {ours or 'yes'}, mermaid says {theirs or 'yes'}, to\n{source}"


def on_pages(root: Path, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the mermaid fences of pages, as assay reads them, with their places."""
    known = settings.load(root)
    for path in paths:
        for block in read_page(known, path).blocks:
            if block.language == "mermaid":
                yield f"{path}:{block.line}", block.text


@pytest.mark.slow
def test_both_engines_agree_on_every_diagram_of_the_site() -> None:
    found = list(on_pages(ROOT, [path.relative_to(ROOT).as_posix() for path in PAGES]))
    assert len(found) >= 5, "the site's diagrams are not seen"
    problems = {place: disagreement(source) for place, source in found}
    assert not {place: problem for place, problem in problems.items() if problem}


@pytest.mark.slow
def test_both_engines_agree_on_every_diagram_of_the_tests(tmp_path: Path) -> None:
    sources = [source for source in _parameters() if source]
    for number, case in enumerate(CASES):
        text = case.read_bytes().decode()
        if "```mermaid" not in text:
            continue
        root = tmp_path / str(number)
        files = {"mkdocs.yml": SITE, **dict(txtar.parse(text).files)}
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content, encoding="utf-8")
        pages = [p.relative_to(root).as_posix() for p in sorted((root / "docs").rglob("*.md"))]
        sources += [source for _, source in on_pages(root, pages)]
    assert len(sources) > 50
    assert not [problem for problem in map(disagreement, sources) if problem]


def _parameters() -> Iterator[str]:
    for test in (
        test_pictures.test_a_refusal_names_the_place,
        test_pictures.test_what_misleads_is_found,
        test_pictures.test_what_makes_sense_is_left_alone,
    ):
        marks: list[pytest.Mark] = vars(test)["pytestmark"]
        for case in marks[0].args[1]:
            yield case if isinstance(case, str) else case[0]


# Prints every picture; `dot` is the first program of PATH.
EVERY = """
import json, pathlib, subprocess, sys
from assay.pictures.diagrams import embed
from assay.pictures.mermaid import draw
sources = sorted(pathlib.Path(sys.argv[1]).rglob("*.mmd"))
made = {path.stem: draw(path.read_text("utf-8"), "p", "图") for path in sources}
argv = [sys.executable, "driver.py", "picture.py", "picture.svg"]
subprocess.run(argv, check=True)
made["diagrams"] = embed(pathlib.Path("picture.svg").read_text("utf-8"), "p", "图")
print(json.dumps(made))
"""
FONTS = ("/etc/fonts", "/usr/share/fonts", "/usr/local/share/fonts", "/var/cache/fontconfig")


def pictures(folder: Path, *before: str, **environment: str) -> dict[str, str]:
    """Draw everything in a new process, and return the pictures by name."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "dot").symlink_to(DOT)
    (folder / "driver.py").write_text(SCRIPT, encoding="utf-8")
    (folder / "picture.py").write_text(CODE, encoding="utf-8")
    done = subprocess.run(
        [*before, sys.executable, "-c", EVERY, str(test_pictures.DIAGRAMS)], cwd=folder,
        env={"PATH": f"{folder}/bin", "PYTHONPATH": str(ROOT / "plugins"), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made: dict[str, str] = json.loads(done.stdout)
    return made


def test_without_graphviz_and_fonts_the_pictures_are_the_same_bytes(tmp_path: Path) -> None:
    usual = pictures(tmp_path / "usual", **{**os.environ, "PATH": f"{tmp_path}/usual/bin:/usr/bin"})
    hidden = [part for path in FONTS if Path(path).is_dir() for part in ("--tmpfs", path)]
    box = (str(bwrap.binary()), "--dev-bind", "/", "/", *hidden, "--unshare-net", "--")
    bare = pictures(
        tmp_path / "bare", *box, HOME=str(tmp_path), FONTCONFIG_FILE="/nothing", LC_ALL="C",
        TZ="Asia/Shanghai",
    )  # fmt: skip
    assert len(usual) == len(test_pictures.EVERY) + 1
    assert bare == usual


def layout(engine: str, graph: Path) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Lay a graph out: where each node stands, and which edges there are."""
    done = subprocess.run([engine, "-Tplain", graph], capture_output=True, check=True)
    rows = [line.split() for line in done.stdout.decode().splitlines()]
    places = {row[1]: (float(row[2]), float(row[3])) for row in rows if row[0] == "node"}
    return places, sorted(f"{row[1]} {row[2]}" for row in rows if row[0] == "edge")


def test_debians_graphviz_lays_out_alike(tmp_path: Path) -> None:
    debians = shutil.which("dot")
    if debians is None:
        pytest.skip("graphviz is not installed: `dot` is not there to compare with")
    recorder = tmp_path / "bin" / "dot"
    recorder.parent.mkdir()
    recorder.write_text(f'#!/bin/sh\n/bin/cp picture {tmp_path}/graph.gv\nexec {DOT} "$@"\n')
    recorder.chmod(0o755)
    (tmp_path / "driver.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "picture.py").write_text(CODE, encoding="utf-8")
    subprocess.run(
        [sys.executable, "driver.py", "picture.py", "picture.svg"],
        cwd=tmp_path, env={**os.environ, "PATH": str(recorder.parent)}, check=True,
    )  # fmt: skip
    (theirs, their_edges), (ours, our_edges) = (
        layout(engine, tmp_path / "graph.gv") for engine in (debians, str(DOT))
    )
    assert our_edges == their_edges
    assert len(ours) == 3
    for axis in (0, 1):  # text is measured with other fonts: places may differ, order may not
        order = [sorted(places, key=lambda n: places[n][axis]) for places in (ours, theirs)]
        assert order[0] == order[1]


MERMAID = '```mermaid title="{title}"\nflowchart LR\n  {body}\n```\n'


def test_a_page_is_drawn_once_and_then_never(site: Site) -> None:
    bodies = [f"a{n}[第 {n} 步] --> b{n}[完成]" for n in range(20)]
    site.page("# 图\n\n" + "\n".join(MERMAID.format(title=f"图 {b}", body=b) for b in bodies))
    first = site.assay("check")
    assert (first.code, first.started) == (0, 0), first.output + first.error
    again = site.assay("check", "--format", "json")
    assert (again.code, again.started) == (0, 0)
    assert all(block["cached"] for block in again.json["blocks"])


DRAWN = """```diagrams title="图 {n}"
from diagrams import Diagram
from diagrams.programming.language import Go

with Diagram("one{n}", direction="LR"):
    Go("甲") >> Go("乙{n}")
```
"""


@pytest.mark.slow
def test_the_first_diagrams_of_a_new_machine_are_drawn_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they are drawn with is put together once, while others wait for it."""
    site.page("# 图\n\n" + "\n".join(DRAWN.format(n=n) for n in range(8)))
    place = cache_dir() / "scratch" / f"new-{uuid4()}"
    monkeypatch.setenv("ASSAY_CACHE", str(place))
    try:
        result = site.assay("check", "--jobs", "8")
        assert result.code == 0, result.output + result.error
        assert [p.name for p in place.glob("*/.new-*")] == []
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_one_diagram_twice_on_a_page_shares_no_id(site: Site) -> None:
    block = MERMAID.format(title="甲到乙", body="A[甲] --> B[乙]")
    site.page(f"# 图\n\n{block}\n{block}")
    assert site.assay("check").code == 0
    built = subprocess.run(
        [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--quiet"],
        cwd=site.root, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins"), "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    page = (site.root / "site" / "index.html").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert page.count("<title id=") == 2
    assert len(ids) == len(set(ids))
    references = re.findall(r'url\(#([^)]+)\)|aria-\w+="([^"]+)"|#(d[0-9a-f]{10}[\w-]*)', page)
    assert {one for found in references for one in found if one.startswith("d")} <= set(ids)


def test_names_are_spelled_as_in_the_pages_code(site: Site) -> None:
    code = '```yaml kind="yaml"\nname: order-service\nimage: redis\n```\n'
    diagram = MERMAID.format(title="下单", body="A[order_service] --> B[Redis]")
    site.page(f"# 图\n\n{code}\n{diagram}")
    seen = site.assay("check")
    said = "the diagram says “order_service”, the page's code “order-service”; spell it in one way"
    assert seen.findings == [f"docs/index.md:10:5: {said} [mermaid]"]
    site.edit("docs/index.md", "order_service", "order-service")
    assert site.assay("check").findings == []


def test_names_of_included_code_count_and_are_never_stale(site: Site) -> None:
    site.write({"snippets/a.yaml": "name: orderService\n"})
    include = '```yaml kind="yaml"\n--8<-- "a.yaml"\n```\n'
    diagram = MERMAID.format(title="下单", body="A[orderService] --> B[好]")
    site.page(f"# 图\n\n{include}\n{diagram}")
    assert site.assay("check").findings == []
    site.write({"snippets/a.yaml": "name: order-service\n"})
    assert ["order-service" in line for line in site.assay("check").findings] == [True]
