"""Who may decide what a page uses up, what is fetched for it, and whether it gets a box."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.base import needed
from assay.errors import UsageError
from assay.sandbox import own, scratch, unsafe
from assay.toolchains import cache_dir
from conftest import Site

SLEEPS = """# Page

```go timeout="30s"
package main

import "time"

func main() { time.Sleep(3 * time.Second) }
```
"""


def git(site: Site, *arguments: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *arguments], cwd=site.root, check=True, capture_output=True)


# Limits


@pytest.mark.slow
def test_a_page_cannot_raise_its_limits(site: Site) -> None:
    site.write({"assay.toml": "[profiles.go]\nwall_s = 1\n[profiles.session]\nwall_s = 1\n"})
    site.page(SLEEPS + '\n```console timeout="30s"\n$ sleep 3\n```\n')
    result = site.assay("check")
    assert result.code == 1
    ends = [line.partition(": ")[2] for line in result.findings]
    assert ends == [
        "the program ended with timeout after 1 s [go-run]",
        "the command ended with timeout after 1 s, 0 is expected [console]",
    ]


@pytest.mark.slow
def test_a_page_may_lower_its_limits(site: Site) -> None:
    site.page(SLEEPS.replace("30s", "500ms"))
    result = site.assay("check")
    assert "timeout after 0.5 s [go-run]" in result.output


@pytest.mark.slow
def test_profiles_go_by_path(site: Site) -> None:
    site.write(
        {
            "assay.toml": "[profiles.session]\nwall_s = 1\n[profiles.lab]\nwall_s = 60\n"
            '[profiles.paths]\n"docs/load/**" = "lab"\n',
            "docs/load/index.md": "# Load\n\n```console\n$ sleep 2\n```\n",
            "docs/index.md": "# Page\n\n```console\n$ sleep 2\n```\n",
        }
    )
    result = site.assay("check")
    assert [line.partition(":")[0] for line in result.findings] == ["docs/index.md"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"docs/**" = "go"', "profiles.paths.'docs/**' is 'go'; allowed are 'lab', 'session'"),
        ('"docs/**" = 1', "profiles.paths.'docs/**' is 1; allowed are"),
        ('"docs/**" = ["lab"]', "profiles.paths.'docs/**' is ['lab']; allowed are"),
    ],
)
def test_a_profile_that_cannot_be_meant(line: str, said: str, site: Site) -> None:
    site.write({"assay.toml": f"[profiles.paths]\n{line}\n"})
    site.page("# Page\n")
    result = site.assay("check")
    assert result.code == 2
    assert said in result.error


def test_paths_of_profiles_are_a_table(site: Site) -> None:
    site.write({"assay.toml": '[profiles]\npaths = "docs/**"\n'})
    site.page("# Page\n")
    result = site.assay("check")
    assert result.code == 2
    assert "paths is 'docs/**'; write a table" in result.error


# The trusted revision


@pytest.mark.slow
def test_limits_are_the_trusted_revisions(site: Site) -> None:
    site.write({"assay.toml": "[profiles.go]\nwall_s = 1\n"})
    site.page(SLEEPS)
    git(site, "init")
    git(site, "add", ".")
    git(site, "commit", "-m", "base")
    site.write({"assay.toml": "[profiles.go]\nwall_s = 60\n"})
    assert "timeout after 1 s" in site.assay("check", "--base", "main").output
    assert site.assay("check").code == 0
    assert "timeout after 1 s" in site.assay("check", "--base", "main").output


@pytest.mark.slow
def test_modules_are_the_trusted_revisions(site: Site) -> None:
    mod = "module example.org/snippets\n\ngo 1.26\n"
    main = "package main\n\nfunc main() { println(1) }\n"
    site.write({"snippets/go.mod": mod, "snippets/hello/main.go": main})
    site.page("---\nlab: hello\n---\n\n# Page\n\n```console\n$ go run .\n1\n```\n")
    git(site, "init")
    git(site, "add", ".")
    git(site, "commit", "-m", "base")
    result = site.assay("check", "--base", "HEAD")
    assert result.code == 0, result.output + result.error
    site.edit("snippets/go.mod", "go 1.26", "go 1.26\n\nrequire example.org/new v1.2.3 // indirect")
    result = site.assay("check", "--base", "HEAD")
    assert result.code == 3
    assert (
        'snippets/go.mod needs "example.org/new v1.2.3", which the trusted revision HEAD doesn\'t '
        "name; land snippets/go.mod and go.sum first, then check the page"
    ) in result.output + result.error
    git(site, "commit", "-am", "landed")
    assert "trusted revision" not in "".join(site.assay("check", "--base", "HEAD").output)


@pytest.mark.parametrize("name", ["nosuch", "--upload-pack=touch marker", "main:assay.toml"])
def test_a_revision_that_git_does_not_know(name: str, site: Site) -> None:
    site.page("# Page\n")
    for prepare in ((), ("init",)):
        if prepare:
            git(site, *prepare)
        result = site.assay("check", f"--base={name}")
        assert result.code == 2
        assert f"git knows no revision {name!r} here" in result.error


def test_what_a_go_mod_makes_go_fetch() -> None:
    text = """module m // require a v1

require example.org/one v1.0.0
require (
\texample.org/two v2.0.0+incompatible // indirect
\t// example.org/no v0.0.0
\texample.org/three v0.0.0-2026-abc
)
replace example.org/one => ../one
replace example.org/two v2.0.0 => example.org/fork v1.1.1
exclude example.org/four v4.0.0
"""
    assert needed(text) == {
        "example.org/one v1.0.0",
        "example.org/two v2.0.0+incompatible",
        "example.org/three v0.0.0-2026-abc",
        "example.org/fork v1.1.1",
    }


# Without a box

PAGE = """# Page

```go
package main

import (
	"fmt"
	"os"
)

func main() {
	where, _ := os.Getwd()
	fmt.Println("here", where)
}
```

```output
here /work
```

```go file="main.go"
package main

func main() { println("built") }
```

```console
$ pwd; ls
/work
go.mod
main.go
$ go run .
built
$ sleep 100 &
$ exit 3
```
"""


@pytest.fixture
def unboxed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own for runs without a box, with what is costly to make linked into it."""
    with scratch.folder(None) as cache:
        place = cache / "unsandboxed"
        place.mkdir()
        for name in ("gobuild", "gomod"):
            (place / name).symlink_to(cache_dir() / name)
        for name in ("tools", "warm", "modules"):
            if (cache_dir() / name).is_dir():
                shutil.copytree(cache_dir() / name, place / name)
        own(cache)
        monkeypatch.setenv("ASSAY_CACHE", str(cache))
        for name in [*os.environ]:
            if unsafe._SECRET.fullmatch(name):
                monkeypatch.delenv(name)
        yield cache


@pytest.mark.slow
def test_without_a_box_everything_is_marked(unboxed: Path, site: Site) -> None:
    site.page(PAGE.replace("$ exit 3\n", ""))
    result = site.assay("check", "--unsafe-no-sandbox")
    assert result.code == 0, result.output + result.error
    assert result.error.count("UNSANDBOXED") == 1
    records = [p.read_text() for p in (site.root / ".cache").rglob("evidence/*/*.json")]
    tiers = {"UNSANDBOXED" for text in records if '"tier": "UNSANDBOXED"' in text}
    assert tiers == {"UNSANDBOXED"}
    assert not any('"standard"' in text or '"strict"' in text for text in records)
    ran = build(site)
    assert ran.returncode == 1
    assert "docs/index.md:3: the block was judged without a sandbox" in ran.stderr
    site.edit("mkdocs.yml", "plugins: [assay]", "plugins:\n  - assay:\n      unsandboxed: true")
    ran = build(site)
    assert ran.returncode == 0, ran.stderr
    assert not (unboxed / "sandbox.json").exists()


def build(site: Site) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    argv = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    return subprocess.run(
        argv, cwd=site.root, env=environment, text=True, capture_output=True, check=False
    )


@pytest.mark.slow
def test_without_a_box_programs_end_as_in_one(unboxed: Path, site: Site) -> None:
    site.write({"assay.toml": "[profiles.go]\nwall_s = 2\n"})
    site.page(PAGE.replace("$ exit 3", "$ kill -9 $$") + SLEEPS.partition("\n\n")[2])
    result = site.assay("check", "--unsafe-no-sandbox")
    assert [line.partition(": ")[2] for line in result.findings] == [
        "the command ended with signal 9, 0 is expected [console]",
        "the program ended with timeout after 2 s [go-run]",
    ]


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"GITHUB_TOKEN": "x"}, '"GITHUB_TOKEN"'),
        ({"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x"}, '"ACTIONS_ID_TOKEN_REQUEST_TOKEN"'),
        ({"AWS_PROFILE": "x", "AWS_REGION": ""}, '"AWS_PROFILE"'),
        ({"NPM_TOKEN": "x", "PYPI_PASSWORD": "y"}, '"NPM_TOKEN", "PYPI_PASSWORD"'),
        ({"GOOGLE_APPLICATION_CREDENTIALS": "x"}, '"GOOGLE_APPLICATION_CREDENTIALS"'),
        ({"GITHUB_EVENT_NAME": "pull_request_target"}, "pull_request_target"),
    ],
)
def test_without_a_box_nothing_runs_near_secrets(environ: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError) as refusal:
        unsafe.allowed({"PATH": "/bin", "HOME": "/x", **environ})
    assert named in str(refusal.value)
    assert str(refusal.value).startswith("--unsafe-no-sandbox is refused: ")


def test_the_refusal_comes_before_anything_runs(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    site.page(PAGE)
    result = site.assay("check", "--unsafe-no-sandbox")
    assert (result.code, result.started) == (2, 0)
    assert "GITHUB_TOKEN" in result.error


def test_usual_names_are_no_secrets() -> None:
    usual = "PATH HOME LANG GITHUB_ACTIONS GITHUB_SHA GITHUB_EVENT_NAME TERM PATTERN TOKENIZERS"
    unsafe.allowed(dict.fromkeys([*usual.split(), "COMPATIBILITY", "SSH_AUTH_SOCK"], "x"))
