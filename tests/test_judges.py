"""Judges are asked for many blocks at once, and what they don't answer is no pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from assay import gohelper, goprogram
from assay.errors import UnableError
from assay.goprogram import Program
from assay.toolchains import cache_dir
from conftest import Site

MANIFEST = """# Page

```yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: n}
data: {text: NUMBER}
```
"""
# A judge that answers each request, unless one of them is poison to it.
FAKE = """#!/bin/bash
read -r line
case $line in *poison*) echo "no such thing" >&2; exit 3 ;; esac
wanted=$(grep -o '"text": ' <<<"$line" | wc -l)
answers=$(for ((n = 0; n < wanted; n++)); do printf ',{"faults": []}'; done)
echo "ANSWER"
"""
GOOD = '{\\"answers\\": [${answers:1}]}'

Judge = Callable[[str], None]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Judge]:
    """Put a program that prints what it is told in the place of kubecheck."""
    place = cache_dir() / "scratch" / f"judge-{uuid4()}"

    def fake(boxes: object, name: str) -> Path:
        return place

    def use(answer: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(FAKE.replace("ANSWER", answer), encoding="utf-8")
        place.chmod(0o755)
        monkeypatch.setattr(gohelper, "binary", fake)
        monkeypatch.setattr(gohelper, "built", lambda boxes, name: True)

    yield use
    place.unlink(missing_ok=True)


def pages(*texts: str) -> dict[str, str]:
    return {f"docs/p{n}.md": MANIFEST.replace("NUMBER", t) for n, t in enumerate(texts)}


def test_many_blocks_are_one_process(site: Site, judge: Judge) -> None:
    judge(GOOD)
    site.write(pages(*(f"t{n}" for n in range(25))))
    site.assay("check")  # prepares the box, once
    result = site.assay("check", "--no-cache", "--jobs", "1")
    assert result.code == 0, result.output + result.error
    assert "25 passed" in result.output
    assert result.started == 1


def test_a_judge_that_crashes_makes_only_its_block_unable(site: Site, judge: Judge) -> None:
    judge(GOOD)
    site.write(pages("one", "poison", "three"))
    result = site.assay("check")
    assert result.code == 3
    assert [line.partition(":")[0] for line in result.findings] == ["docs/p1.md"]
    assert "no such thing" in result.output
    assert "2 passed" in result.output


@pytest.mark.parametrize("answer", ["", "well", "{}", '{\\"answers\\": []}', '{\\"answers\\": 7}'])
def test_an_answer_that_is_none_is_no_pass(answer: str, site: Site, judge: Judge) -> None:
    judge(answer)
    site.write(pages("one", "two"))
    result = site.assay("check")
    assert result.code == 3, result.output + result.error
    assert "2 unable; 0 findings, 1 errors" in result.output


def test_a_judge_that_cannot_be_built_is_tried_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def build(boxes: object, program: Program, place: Path) -> None:
        tries.append(program.name)
        raise UnableError("no room to build in")

    monkeypatch.setattr(goprogram, "_place", lambda _, program: cache_dir() / "x" / program.name)
    monkeypatch.setattr(goprogram, "_build", build)
    site.write(pages("one", "two", "three"))
    result = site.assay("check")
    assert result.code == 3
    assert "no room to build in" in result.output
    assert "3 unable" in result.output
    assert tries == ["kubecheck"]
