"""Each check's cases: a page goes in, exactly the expected findings come out.

A case is a txtar file in tests/cases/<check>/: its first line says what it shows, its files are a
site, `expected` lists the findings (`...` stands for any text). An empty `expected` means that
the page passes. ASSAY_UPDATE=1 rewrites `expected` from what came out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay import txtar
from assay.sources.transcript import matches
from conftest import Site

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    "path", sorted(CASES.glob("*/*.txtar")), ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_case(path: Path, site: Site) -> None:
    archive = txtar.parse(path.read_text(encoding="utf-8"))
    assert archive.comment.strip(), "the first line says what the case shows"
    site.write({name: text for name, text in archive.files if name != "expected"})
    result = site.assay("check")
    if os.environ.get("ASSAY_UPDATE"):
        _update(path, archive, result.findings)
        return
    expected = (archive.get("expected") or "").splitlines()
    assert len(result.findings) == len(expected), result.output + result.error
    for wanted, seen in zip(expected, result.findings, strict=True):
        assert matches(wanted, seen), f"expected {wanted}\nseen     {seen}"
    assert result.code == (1 if expected else 0), result.output + result.error


def _update(path: Path, archive: txtar.Archive, findings: list[str]) -> None:
    parts = [archive.comment.rstrip("\n")]
    for name, text in archive.files:
        if name != "expected":
            parts += [f"-- {name} --", text.rstrip("\n")]
    parts += ["-- expected --", *findings]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")
