"""The rules of the house that are about modules: imports go one way, rooms stay small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "plugins" / "assay"
MODULES = sorted(p for p in HOUSE.rglob("*.py"))
# Each room may import the rooms before it; rooms of one line may import each other.
FLOORS = (
    ["model errors txtar outcome streams scrub"],
    [
        "files sources pictures captures charts process sandbox yamltree wraps yamlwraps headers",
        "plan kinds commands flags flagtable schemas datafiles pins supported pipeline jobgraph",
        "dashboards dashqueries panels variables yamlplaces",
    ],
    [
        "goprogram programs base toolchains folder interpreter boxes warming bench gosource",
        "diagnostics outputs session gohelper crds chaosblade manifests judges outside fragments",
        "declared ruletests",
    ],
    ["checkers"],
    [
        "evidence digests project lock sharing settled captured bulk judge batch rounds runner",
        "proving report verdicts marks",
        "home alignment pagetext wholefile accept doctor explain progress new watch watching",
        "export",
    ],
    ["markdown_ext plugin cli"],
)
FLOOR = {
    room: number for number, rooms in enumerate(FLOORS) for row in rooms for room in row.split()
}


def room(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names]
            found.update(names if node.module == "assay" else [node.module])
        elif isinstance(node, ast.Import):
            found.update(a.name for a in node.names)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(HOUSE).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    if path.parent == HOUSE and path.name == "__init__.py":
        return
    floor = FLOOR[room(path)]
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "assay" and len(parts) > 1 and parts[1] in FLOOR:
            assert FLOOR[parts[1]] <= floor, f"{room(path)} imports {name} from a floor above"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(HOUSE).as_posix())
def test_rooms_stay_small(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    checker = path.parent.name == "checkers" and path.name != "__init__.py"
    assert lines <= (80 if checker else 250)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} is too long"


def test_only_one_module_starts_processes_and_only_one_imports_mkdocs() -> None:
    for path in MODULES:
        names = {n.split(".")[0] for n in imported(path)}
        assert ("subprocess" in names) <= (path.name == "process.py")
        assert ("mkdocs" in names) <= (path.name == "plugin.py")
        assert "TYPE_CHECKING" not in path.read_text(encoding="utf-8")


def test_the_model_does_no_io() -> None:
    assert imported(HOUSE / "model.py") <= {
        "__future__", "collections.abc", "dataclasses", "hashlib", "typing",
    }  # fmt: skip


def test_the_shop_is_read_in_half_an_hour() -> None:
    """The sample system of chapter 2, tests included, in lines that hold something to read.

    Left out: what protoc's plugins write with the test that compares it, and the marks of the
    regions that pages show.
    """
    shop = HOUSE.parent.parent / "snippets" / "shop"
    files = [p for p in sorted(shop.rglob("*.go")) if p.parent.name != "shoppb"]
    lines = [n for p in files for n in p.read_text(encoding="utf-8").splitlines() if n.strip()]
    assert len(files) > 10
    assert len([n for n in lines if "--8<--" not in n]) <= 1200
