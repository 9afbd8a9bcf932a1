"""The gate behind the make targets, with stubs in place of the programs that it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def gate(
    place: Path, target: str, base: str = "", **programs: str
) -> subprocess.CompletedProcess[str]:
    """Run the real ci/gate in a repository where each program is a line of shell."""
    stubs = dict.fromkeys(("assay", "mkdocs", "mypy", "pytest", "ruff"), "") | programs
    for name, line in (
        *((f".venv/bin/{n}", text) for n, text in stubs.items()),
        ("ci/missing", ""),
    ):
        program = place / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)
    shutil.copy(ROOT / "ci" / "gate", place / "ci")
    (place / ".gitignore").write_text("/.venv/\n/.cache/\n/ci/\n")
    for command in ("init -q", "add -A", "-c user.name=x -c user.email=x@x commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=place, check=True)
    environment = {**os.environ, "ASSAY_BASE": base}
    return subprocess.run(
        [place / "ci" / "gate", target],
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(("base", "told"), [("HEAD^1", "check --base HEAD^1"), ("", "check")])
def test_the_base_is_passed_on(base: str, told: str, tmp_path: Path) -> None:
    ran = gate(tmp_path, "site", base, assay='echo "told: $*"')
    assert ran.returncode == 0
    assert f"told: {told}\n" in ran.stdout


def test_everything_is_proven_and_the_tree_stays_as_it_was(tmp_path: Path) -> None:
    ran = gate(tmp_path, "test", assay='echo "told: $*"', mkdocs='echo "needs $ASSAY_REQUIRE"')
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = [line for line in ran.stdout.splitlines() if line.startswith("told")]
    assert told == ["told: tools", "told: check --prove"]
    assert "needs proven\n" in ran.stdout


def test_a_pull_request_builds_nothing_ahead_of_its_check(tmp_path: Path) -> None:
    ran = gate(tmp_path, "test", "HEAD^1", assay='echo "told: $*"')
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = [line for line in ran.stdout.splitlines() if line.startswith("told")]
    assert told == ["told: check --base HEAD^1 --prove"]


def test_what_a_run_leaves_in_the_tree_fails_it(tmp_path: Path) -> None:
    ran = gate(tmp_path, "test", pytest="touch stray")
    assert ran.returncode == 1
    assert "?? stray" in ran.stdout
    assert "the run changed the work tree" in ran.stderr


@pytest.mark.parametrize("program", ["ruff", "mypy", "assay", "pytest", "mkdocs"])
def test_a_part_that_fails_ends_it(program: str, tmp_path: Path) -> None:
    ran = gate(tmp_path, "test", **{program: "exit 7"})
    assert ran.returncode == 7
    assert ": failed" in ran.stdout
