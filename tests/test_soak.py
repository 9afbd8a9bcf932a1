"""The soak of pages: rounds are counted, a stopped run goes on, what fails is a row to explain."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Site

SCRIPT = Path(__file__).with_name("soak_pages.py")
PAGE = """# Page

```console
$ echo 1
1
```
"""


@pytest.fixture
def soaked(site: Site) -> Site:
    """A project with one page of chapter 2, and the script where it belongs."""
    site.write({
        "assay.toml": "", "snippets/go.mod": "module example.com/x\n", "snippets/go.sum": "",
        "tests/soak.md": "", "docs/load-testing/page.md": PAGE,
    })  # fmt: skip
    shutil.copy(SCRIPT, site.root / "tests")
    return site


def soak(site: Site, rounds: int = 2) -> tuple[int, str]:
    """Run the script; return its exit code and the rows of the table."""
    ran = subprocess.run(
        [sys.executable, "tests/soak_pages.py"], cwd=site.root, check=False,
        env={**os.environ, "ASSAY_ROUNDS": str(rounds)},
    )  # fmt: skip
    return ran.returncode, (site.root / "tests" / "soak.md").read_text(encoding="utf-8")


def counted(site: Site) -> int:
    state = json.loads((site.root / ".cache" / "soak" / "pages.json").read_text(encoding="utf-8"))
    return int(state["docs/load-testing/page.md"]["rounds"])


def test_a_page_has_its_rounds_once(soaked: Site) -> None:
    code, rows = soak(soaked)
    assert (code, rows.count("nothing in 2 rounds in a row"), counted(soaked)) == (0, 1, 2)
    assert soak(soaked) == (0, rows)  # nothing is left to do
    code, rows = soak(soaked, 3)  # goes on from the second
    assert (code, rows.count("nothing in 3 rounds in a row"), counted(soaked)) == (0, 1, 3)


def test_a_page_that_is_edited_starts_anew_and_its_fault_is_open(soaked: Site) -> None:
    soak(soaked)
    soaked.edit("docs/load-testing/page.md", "\n1\n", "\n2\n")
    code, rows = soak(soaked)
    assert (code, counted(soaked)) == (1, 0)
    # Three times in a row is no flake: it doesn't go on for ever.
    assert rows.count("`docs/load-testing/page.md:5:1`") == rows.count("| open |") == 3
