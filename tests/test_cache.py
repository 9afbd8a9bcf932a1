"""A cached verdict never differs from a fresh one."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from assay import project as project_module
from assay.checkers import console, data
from conftest import Result, Site

STEPS = int(os.environ.get("ASSAY_CACHE_STEPS", "500"))
MOD = "module example.com/x\n\ngo 1.26\n"
PROGRAM = """\
package main

import "fmt"

func main() {
	// --8<-- [start:say]
	fmt.Println("one")
	// --8<-- [end:say]
}
"""
FILES = {
    "docs/index.md": """\
---
title: T
lab: say
---
# T

Bound: [3](measure:n).

```console capture="n=n is (\\d+)"
$ cat main.go | grep -c Println
1
$ echo "n is 3"
n is 3
```

```yaml kind="yaml"
a: 1
```
""",
    "docs/other.md": "# Other\n\nSee [T](index.md) and [3](measure:index.md#n).\n",
    "snippets/go.mod": MOD,
    "snippets/say/main.go": PROGRAM,
    "assay.toml": 'toolchains = ["1.26.8", "1.27.3"]\n',
}


def outcome(result: Result) -> Any:
    """What a run said, without how it knew."""
    made = json.loads(result.output)
    for block in made["blocks"]:
        del block["cached"]
    del made["summary"]
    return result.code, made


def cached(result: Result) -> list[bool]:
    return [b["cached"] for b in json.loads(result.output)["blocks"]]


def replace(name: str, *pairs: tuple[str, str]) -> Callable[[Path, random.Random], None]:
    """Swap one text for another, or back, wherever it stands."""

    def edit(root: Path, chance: random.Random) -> None:
        old, new = chance.choice(pairs)
        path = root / name
        text = path.read_text(encoding="utf-8")
        swapped = text.replace(old, new) if old in text else text.replace(new, old)
        path.write_text(swapped, encoding="utf-8")

    return edit


def _add(root: Path, text: str) -> None:
    (root / "snippets/say/b.txt").write_text(text, encoding="utf-8")


EDITS: Mapping[str, Callable[[Path, random.Random], None]] = {
    "page": replace(
        "docs/index.md",
        ("n is 3\n```", "n is 4\n```"), ("a: 1", "a: 1\na: 2"), ("# T", "# T\n\nmore\n"),
    ),
    "prose": replace("docs/index.md", ("[3](measure:n)", "[4](measure:n)")),
    "capture": replace("docs/index.md", ('echo "n is 3"\nn is 3', 'echo "n is 5"\nn is 5')),
    "option": replace(
        "docs/index.md",
        ('kind="yaml"', 'kind="yaml" title="t"'), ("```console ", '```console session="a" '),
    ),
    "other page": replace(
        "docs/other.md", ("index.md)", "index.md#t)"), ("index.md#n", "index.md#m")
    ),
    "included file": replace(
        "snippets/say/main.go", ('"one"', '"two"'), ("fmt.Println", "fmt.Print")
    ),
    "go.mod": replace("snippets/go.mod", ("go 1.26", "go 1.26.0")),
    "new file": lambda root, chance: _add(root, chance.choice("abc")),
}  # fmt: skip


def _toml(root: Path, chance: random.Random) -> None:
    wall = chance.choice((100, 200, 300))
    text = f'toolchains = ["1.26.8", "1.27.3"]\n\n[profiles.session]\nwall_s = {wall}\n'
    (root / "assay.toml").write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(4 * STEPS)
def test_a_cached_verdict_never_differs_from_a_fresh_one(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(FILES)
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    edits = {**EDITS, "limits": _toml}
    fresh = tmp_path_factory.mktemp("fresh")
    done: list[str] = []
    for step in range(STEPS):
        kind = chance.choice(sorted(edits))
        edits[kind](site.root, chance)
        done.append(kind)
        known = outcome(site.assay("check", "--format", "json"))
        if step % 5 and step != STEPS - 1:
            continue  # several edits may come between two looks, and back
        shutil.rmtree(fresh)
        shutil.copytree(site.root, fresh, ignore=shutil.ignore_patterns(".cache"))
        monkeypatch.chdir(fresh)
        anew = outcome(site.assay("check", "--format", "json"))
        monkeypatch.chdir(site.root)
        assert known == anew, f"seed {seed}, step {step}: {done[-12:]}"


def _tool(site: Site, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(data, "tools", lambda: {"ruamel.yaml": "another"})


def _source(site: Site, patch: pytest.MonkeyPatch) -> None:
    real = project_module.Project.source

    def other(self: project_module.Project, part: str) -> str:
        return "another" if part == console.NAME else real(self, part)

    patch.setattr(project_module.Project, "source", other)


def _go(name: str) -> Callable[[Site, pytest.MonkeyPatch], None]:
    return lambda site, patch: EDITS[name](site.root, random.Random(1))


CHANGES: Mapping[str, tuple[Callable[[Site, pytest.MonkeyPatch], None], list[bool]]] = {
    "nothing": (lambda site, patch: None, [True, True]),
    "page": (lambda s, p: s.edit("docs/index.md", "a: 1", "a: 2"), [True, False]),
    "earlier step": (lambda s, p: s.edit("docs/index.md", "grep -c", "grep  -c"), [False, True]),
    "option": (
        lambda s, p: s.edit("docs/index.md", "```yaml ", '```yaml title="x" '),
        [True, False],
    ),
    "included file": (_go("included file"), [False, True]),
    "go.mod": (_go("go.mod"), [False, True]),
    "new file": (_go("new file"), [False, True]),
    "limits": (lambda s, p: _toml(s.root, random.Random(1)), [False, True]),
    "tool version": (_tool, [True, False]),
    "checker source": (_source, [False, True]),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_each_kind_of_input_is_part_of_the_key(
    kind: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(FILES)
    site.assay("check")
    change, expected = CHANGES[kind]
    change(site, monkeypatch)
    assert cached(site.assay("check", "--format", "json")) == expected


def test_audit_finds_a_planted_false_verdict(site: Site) -> None:
    site.write(FILES)
    site.edit("docs/index.md", "a: 1", "a: 1\na: 2")
    assert site.assay("check").code == 1
    for path in (site.root / ".cache/assay/evidence").glob("*/*.json"):
        text = path.read_text(encoding="utf-8")
        if "duplicate key" in text:
            raw = json.loads(text)
            raw["findings"] = []
            raw["results"] = [{**r, "status": "passed"} for r in raw["results"]]
            path.write_text(json.dumps(raw), encoding="utf-8")
    assert site.assay("check").code == 0, "the planted verdict is believed"
    result = site.assay("check", "--audit", "100")
    assert result.code == 3
    assert "kept evidence is false" in result.output
    assert "docs/index.md:16:1" in result.output


def test_audit_is_content_with_true_evidence(site: Site) -> None:
    site.write(FILES)
    site.assay("check")
    result = site.assay("check", "--audit", "100")
    assert result.code == 0, result.output
    assert result.started > 0
