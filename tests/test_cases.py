"""Each check's cases: a page goes in, exactly the expected findings come out.

A case is a txtar file in tests/cases/<check>/: its first line says what it shows, its files are a
site, `expected` lists the findings (`...` stands for any text). An empty `expected` means that
the page passes. Where a case has them, `errors` lists what could not be checked, `code` is the
exit code, and `blocks` has a line per block: page:line, language, status. ASSAY_UPDATE=1
rewrites `expected` and `errors` from what came out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay import txtar
from assay.checkers import CHECKERS
from assay.sources.transcript import matches
from conftest import Result, Site

CASES = Path(__file__).parent / "cases"
EXPECTATIONS = ("expected", "errors", "code", "blocks")


# Their judges take minutes to build on a new machine.
HEAVY = {c.NAME for c in CHECKERS if getattr(c, "PROGRAMS", ())}


def with_speed(name: str, *values: object) -> object:
    """A parameter set, marked slow where `check/case` needs a judge that has to be built."""
    marks = [pytest.mark.slow] if name.partition("/")[0] in HEAVY else []
    return pytest.param(*values, marks=marks, id=name)


@pytest.mark.parametrize(
    "path",
    [with_speed(f"{p.parent.name}/{p.stem}", p) for p in sorted(CASES.glob("*/*.txtar"))],
)
def test_case(path: Path, site: Site) -> None:
    archive = txtar.parse(path.read_bytes().decode())
    assert archive.comment.strip(), "the first line says what the case shows"
    site.write({name: text for name, text in archive.files if name not in EXPECTATIONS})
    result = site.assay("check")
    if os.environ.get("ASSAY_UPDATE"):
        _update(path, archive, result)
        return
    expected = (archive.get("expected") or "").splitlines()
    errors = (archive.get("errors") or "").splitlines()
    assert len(result.findings) == len(expected + errors), result.output + result.error
    for wanted, seen in zip(expected + errors, result.findings, strict=True):
        assert matches(wanted, seen), f"expected {wanted}\nseen     {seen}"
    assert f"{len(expected)} findings, {len(errors)} errors" in result.output
    code = 3 if errors else 1 if expected else 0
    assert result.code == int(archive.get("code") or code), result.output + result.error
    if archive.get("blocks") is not None:
        assert _blocks(site) == (archive.get("blocks") or "").splitlines()


def _blocks(site: Site) -> list[str]:
    """Ask again, in the other format: what is in the cache must say the same."""
    blocks = site.assay("check", "--format", "json").json["blocks"]
    return [f"{b['page']}:{b['line']} {b['language']} {b['status']}" for b in blocks]


def _update(path: Path, archive: txtar.Archive, result: Result) -> None:
    cut = len(result.findings) - int(result.output.rpartition(" errors")[0].split()[-1])
    came = {"expected": result.findings[:cut], "errors": result.findings[cut:]}
    files = [
        (name, "".join(f"{line}\n" for line in came[name]) if name in came else text)
        for name, text in archive.files
    ]
    path.write_bytes(txtar.serialize(archive.comment, files).encode())
