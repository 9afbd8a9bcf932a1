"""A check is a module, cases on both sides, and a documentation page, all of one name."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from assay import kinds, txtar
from assay.checkers import CHECKERS

ROOT = Path(__file__).parent.parent
NAMES = [c.NAME for c in CHECKERS]
# Their judges have the most ways to be wrong in both directions.
CONFIGURATIONS = {"data", "versions", *kinds.NAMES, *chain.from_iterable(kinds.LANGUAGES.values())}


@pytest.mark.parametrize("name", NAMES)
def test_a_check_has_cases_that_fail_and_that_pass(name: str) -> None:
    cases = sorted((ROOT / "tests" / "cases" / name).glob("*.txtar"))
    expected = [txtar.parse(p.read_text(encoding="utf-8")).get("expected") for p in cases]
    assert None not in expected, "every case says what is expected"
    failing = sum(f"[{name}]" in (e or "") for e in expected)
    passing = sum(not (e or "").strip() for e in expected)
    assert failing >= (6 if name in CONFIGURATIONS else 1), "write cases that must fail"
    assert passing >= (4 if name in CONFIGURATIONS else 1), "write cases that must pass"


@pytest.mark.parametrize("name", NAMES)
def test_a_check_has_a_page(name: str) -> None:
    page = ROOT / "docs" / "checks" / f"{name}.md"
    assert page.is_file(), f"write docs/checks/{name}.md"


def test_no_cases_without_a_check() -> None:
    folders = {p.name for p in (ROOT / "tests" / "cases").iterdir() if p.is_dir()}
    assert folders <= {*NAMES, "fragments", "pages"}


def test_modules_are_named_after_their_check() -> None:
    for checker in CHECKERS:
        module = getattr(checker, "__name__", "")
        assert module == f"assay.checkers.{checker.NAME.replace('-', '_')}"
