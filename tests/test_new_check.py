"""What `assay new check` writes is a whole check: it fits the contract and its example is true."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from checkout import ROOT, Checkout, Done, ran
from conftest import Site

pytestmark = pytest.mark.slow
PARTS = ("docs", "mkdocs.yml", "plugins", "pyproject.toml", "tests", "assay.toml", "snippets")
LISTED = "docs/checks/index.md"
NEXT = (
    "next: add says_where to CHECKERS in plugins/assay/checkers/__init__.py and a row to "
    "docs/checks/index.md, then run 'ASSAY_UPDATE=1 pytest tests/test_check_docs.py'"
)
CHECKS = "plugins/assay/checkers/__init__.py"


@pytest.fixture
def own(tmp_path: Path) -> Checkout:
    """A copy of this repository, as somebody who adds a check has it."""
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
        else:
            shutil.copyfile(ROOT / name, tmp_path / name)
    return Checkout(tmp_path)


def verify(own: Checkout, **environment: str) -> Done:
    chosen = ["test_check_docs.py", "test_contract.py", "test_cases.py"]
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    argv += ["-k", "says or every or contract", *(f"tests/{n}" for n in chosen)]
    plugins = str(own.root / "plugins")
    return ran(argv, cwd=own.root, PYTHONPATH=plugins, **environment)


def test_a_new_check_fits_the_contract(own: Checkout) -> None:
    done = own.assay("new", "check", "says-where", PYTHONPATH=str(own.root / "plugins"))
    assert done.code == 0, done.error
    assert done.output.splitlines() == [
        "wrote docs/checks/says-where.md",
        "wrote plugins/assay/checkers/says_where.py",
        "wrote tests/cases/says-where/fails.txtar",
        "wrote tests/cases/says-where/passes.txtar",
        NEXT,
    ]
    assert verify(own).code == 1, "its cases are there and the check isn't called yet"
    own.edit(CHECKS, "^    measure,\n    mermaid,", "    measure,\n    mermaid,\n    says_where,")
    own.edit(CHECKS, "^    measure,\n\\)", "    measure,\n    says_where,\n)")
    row = "| [says-where](says-where.md) | Links say where they lead. |\n"
    own.write(LISTED, own.text(LISTED).rstrip("\n") + "\n" + row)
    verify(own, ASSAY_UPDATE="1")
    done = verify(own)
    assert done.code == 0, done.output
    assert re.search(
        r"^docs/index\.md:3:18: 'here'", own.text("docs/checks/says-where.md"), re.MULTILINE
    )


@pytest.mark.parametrize(
    ("name", "says"), [("Foo", "lower-case"), ("a/b", "lower-case"), ("links", "there already")]
)
def test_a_check_needs_a_name_of_its_own(name: str, says: str, own: Checkout) -> None:
    done = own.assay("new", "check", name)
    assert (done.code, done.output) == (2, "")
    assert says in done.error


def test_checks_are_no_matter_of_other_sites(site: Site) -> None:
    done = site.assay("new", "check", "foo")
    assert done.code == 2
    assert "checks are part of assay" in done.error
