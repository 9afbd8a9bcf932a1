"""ProperDocs, the successor of MkDocs, builds the same site from the same evidence."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from checkout import ROOT, Checkout, Done, surroundings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PAGE = """\
---
title: One
---

# One

```console hidden="true"
$ echo hi
hi
```

```json title="x"
{}
```

[guide](guide.md)
"""
SITE = """\
site_name: both
theme: {name: material, font: false}
plugins: [search, assay]
"""


@pytest.fixture(scope="module")
def properdocs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with ProperDocs on top of what this one has; needs a package index once."""
    root = tmp_path_factory.mktemp("properdocs")
    venv.create(root, symlinks=True)
    library = Path(sysconfig.get_path("purelib", vars={"base": str(root)}))
    (library / "below.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    install += ["--disable-pip-version-check", "--retries=0", "--timeout=20"]
    install += ["--target", str(library), "--requirement", str(ROOT / "ci" / "properdocs.txt")]
    made = subprocess.run(install, capture_output=True, text=True, check=False)
    if made.returncode:
        said = made.stderr.strip().splitlines() or ["pip failed"]
        if not re.search(
            r"connection|resolution|timed out|No matching", made.stderr, re.IGNORECASE
        ):
            pytest.fail(made.stderr)
        pytest.skip(f"ProperDocs can't be had here: {said[-1]}")
    return Path(sysconfig.get_path("scripts", vars={"base": str(root)})) / "python"


def build(checkout: Checkout, python: Path) -> Done:
    command = [str(python), "-m", "properdocs", "build", "--strict", "--site-dir", "other"]
    made = subprocess.run(
        command, cwd=checkout.root, env=surroundings(), capture_output=True, text=True, check=False
    )
    return Done(made.returncode, made.stdout, made.stderr)


def tree(root: Path) -> dict[str, bytes]:
    """The site's files; the line that names the generator apart, and packed files unpacked once."""
    found = {}
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".gz"):
        text = path.read_bytes()
        if path.suffix == ".html":
            text = re.sub(rb'<meta name="generator"[^>]*>', b"", text)
        found[path.relative_to(root).as_posix()] = text
    return found


def compare(checkout: Checkout, python: Path) -> dict[str, bytes]:
    built = checkout.build()
    assert built.code == 0, built.error
    other = build(checkout, python)
    assert other.code == 0, other.error
    ours, theirs = tree(checkout.root / "site"), tree(checkout.root / "other")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    return ours


def test_a_small_site_is_the_same(properdocs: Path, tmp_path: Path) -> None:
    made = Checkout(tmp_path)
    made.write("mkdocs.yml", SITE)
    made.write("docs/index.md", PAGE)
    made.write("docs/guide.md", '# Guide\n\n```toml skip="shown"\na = 1\n```\n')
    assert made.assay("check").code == 0
    files = compare(made, properdocs)
    assert files["index.html"].count(b'data-assay-status="passed"') == 2
    made.edit("docs/index.md", "^{}$", "{]")
    assert build(made, properdocs).code == 1


def test_its_own_settings_file_is_read(properdocs: Path, tmp_path: Path) -> None:
    made = Checkout(tmp_path)
    made.write("properdocs.yml", SITE)
    made.write("docs/index.md", "```json\n{}\n```\n")
    done = made.assay("check")
    assert done.code == 0, done.error
    assert build(made, properdocs).code == 0


def test_this_site_is_the_same(properdocs: Path, copy: Checkout) -> None:
    files = compare(copy, properdocs)
    assert sum(text.count(b'class="assay-block"') for text in files.values()) > 100
