"""Programs that a site brings for its pages: built once, on the PATH of pages that need them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from assay import goprogram, programs
from assay.errors import UnableError
from assay.goprogram import Program
from assay.project import Project
from conftest import Site

MAIN = """package main

import "fmt"

func main() { fmt.Println("greeted") }
"""
MOD = "module example.com/greet\n\ngo 1.27.0\n"
SETTINGS = '[programs.greet]\nmodule = "ci/tools/greet"\n'
PAGE = "---\nneeds: [greet]\n---\n# Page\n\n```console\n$ greet\ngreeted\n```\n"


@pytest.fixture
def greeting(site: Site) -> Site:
    """A site with one program, and a page that needs it."""
    site.write({"ci/tools/greet/main.go": MAIN, "ci/tools/greet/go.mod": MOD})
    site.write({"assay.toml": SETTINGS})
    site.page(PAGE)
    return site


@pytest.mark.slow
def test_a_page_runs_the_program_that_it_needs(greeting: Site) -> None:
    assert greeting.assay("check").code == 0
    again = greeting.assay("check")
    assert (again.code, again.started) == (0, 0)
    greeting.edit("ci/tools/greet/main.go", "greeted", "hailed")
    changed = greeting.assay("check")
    assert len(changed.findings) == 1
    assert changed.findings[0].startswith("docs/index.md:8:1: the real output has 'hailed' here")


@pytest.mark.slow
def test_a_page_that_does_not_need_it_does_not_have_it(greeting: Site) -> None:
    greeting.page(PAGE.replace("needs: [greet]", "title: x"))
    result = greeting.assay("check")
    assert result.code == 1
    assert "ended with exit 127, 0 is expected" in result.output


@pytest.mark.slow
def test_the_lock_knows_what_the_program_was_built_from(greeting: Site) -> None:
    greeting.assay("accept")
    assert greeting.assay("check", "--prove").code == 0
    shutil.rmtree(greeting.root / ".cache")
    greeting.edit("ci/tools/greet/main.go", "fmt.Println", "_, _ = fmt.Println")
    moved = greeting.assay("check", "--prove")
    assert moved.code == 1
    assert "evidence.lock" in moved.output


@pytest.mark.slow
def test_a_program_that_is_not_built_is_recorded(
    greeting: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    greeting.assay("accept")
    shutil.rmtree(greeting.root / ".cache")
    monkeypatch.setattr(goprogram, "built", lambda boxes, program: program.name != "greet")
    result = greeting.assay("check")
    assert result.code == 0, result.output
    assert "greet isn't built; make tools builds it (minutes)" in result.output


@pytest.mark.slow
def test_a_program_that_cannot_be_built_is_no_finding(greeting: Site) -> None:
    greeting.edit("ci/tools/greet/main.go", "fmt.Println", "fmt.Shout")
    result = greeting.assay("check")
    assert result.code == 3
    assert "can't build the Go program 'greet'" in result.output
    assert "undefined: fmt.Shout" in result.output


def test_a_folder_without_a_module(greeting: Site) -> None:
    (greeting.root / "ci/tools/greet/go.mod").unlink()
    result = greeting.assay("check")
    assert result.code == 3
    assert "the program 'greet' has no go.mod in 'greet'; mend its module" in result.output


@pytest.mark.slow
def test_a_changed_program_waits_for_the_trusted_revision(greeting: Site) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=greeting.root, check=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    assert greeting.assay("check", "--base", "main").code == 0
    greeting.edit("ci/tools/greet/main.go", "greeted", "hailed")
    result = greeting.assay("check", "--base", "main")
    assert result.code == 3
    assert "ci/tools/greet/main.go isn't what the trusted revision main has" in result.output


@pytest.mark.parametrize(
    ("lines", "package"),
    [
        ("tool example.org/a/greet\n", "example.org/a/greet"),
        ("tool (\n\texample.org/a/other\n\texample.org/b/greet\n)\n", "example.org/b/greet"),
        ("tool example.org/a\ntool example.org/greet/v12\n", "example.org/greet/v12"),
    ],
)
def test_a_tool_is_found_by_its_name(tmp_path: Path, lines: str, package: str) -> None:
    (tmp_path / "go.mod").write_text(f"{MOD}\n{lines}")
    assert Program("greet", tmp_path).package == package


def test_a_tool_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(f"{MOD}\ntool example.org/a/other\n")
    with pytest.raises(UnableError, match=r"has no tool 'greet'; it has 'example.org/a/other'"):
        _ = Program("greet", tmp_path).package


def test_two_tools_of_one_module_are_two_programs(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(f"{MOD}\ntool (\n\texample.org/a\n\texample.org/b\n)\n")
    assert Program("a", tmp_path).pin != Program("b", tmp_path).pin


# A lab's own modules

LAB = {
    "assay.toml": "",
    "snippets/go.mod": "module example.com/snippets\n\ngo 1.26.0\n",
    "snippets/own/go.mod": "module example.com/own\n\ngo 1.26.0\n",
    "snippets/own/go.sum": "",
    "snippets/own/main.go": MAIN,
    "docs/index.md": "---\nlab: own\n---\n# Page\n\n```console\n$ go run .\ngreeted\n```\n",
}


@pytest.mark.slow
def test_a_lab_whose_modules_are_not_here_is_recorded(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(LAB)
    site.assay("accept")
    shutil.rmtree(site.root / ".cache")
    monkeypatch.setattr("assay.warming.warm", lambda *_: False)
    result = site.assay("check")
    assert result.code == 0, result.output
    assert "the modules of own aren't here; make tools fetches and compiles them" in result.output
    proven = site.assay("check", "--prove")
    assert (proven.code, "recorded" in proven.output) == (0, False)


@pytest.mark.slow
def test_tools_compiles_the_modules_of_labs(site: Site) -> None:
    site.write(LAB)
    made = site.assay("tools")
    assert "modules of own, Go 1.27.3: compiled" in made.output
    project = Project(site.root)
    page = project.page("docs/index.md")
    assert [project.lacking(u) for u in project.units(page) if u.kind == "session"] == [""]


# Programs of the machine


@pytest.mark.slow
def test_a_folder_of_programs_beside_the_usual_ones(site: Site) -> None:
    site.page(
        "---\nneeds: [initdb]\n---\n# Page\n\n```console\n$ initdb --version\ninitdb ...\n```\n"
    )
    site.write({"assay.toml": 'path = ["/usr/lib/postgresql/15/bin"]\n'})
    result = site.assay("check")
    assert result.code == 0, result.output
    assert programs.find("initdb", Project(site.root).settings)
    assert programs.find("pg_waldump", Project(site.root).settings) == (
        "/usr/lib/postgresql/15/bin/pg_waldump"
    )


@pytest.mark.slow
def test_another_path_is_another_verdict(site: Site) -> None:
    seen = "$ case :$PATH: in *:/usr/lib/there:*) echo there;; *) echo gone;; esac\nthere\n"
    site.page(f"# Page\n\n```console\n{seen}```\n")
    site.write({"assay.toml": 'path = ["/usr/lib/there"]\n'})
    assert site.assay("check").code == 0
    site.write({"assay.toml": ""})
    result = site.assay("check")
    assert result.code == 1
    assert "the real output has 'gone' here" in result.output
