"""Small sites in temporary folders, checked through the command line."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from filelock import FileLock

from assay import cli, process
from assay.errors import AssayError
from checkout import ROOT, Checkout, copied

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run that was started in the background ignores Ctrl-C, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)

SITE = """\
site_name: test
markdown_extensions:
  - admonition
  - attr_list
  - footnotes
  - tables
  - pymdownx.details
  - pymdownx.superfences
  - pymdownx.tabbed:
      alternate_style: true
  - pymdownx.snippets:
      base_path: [snippets]
      check_paths: true
      restrict_base_path: true
plugins: [assay]
"""


@dataclass(frozen=True)
class Result:
    """What a command printed and how it ended."""

    code: int
    output: str
    error: str
    started: int

    @property
    def findings(self) -> list[str]:
        """The lines that name a place, without excerpts and summary."""
        lines = self.output.splitlines()[:-1]
        return [line for line in lines if not line.startswith("  | ")]

    @property
    def json(self) -> Any:
        """The output of --format json."""
        return json.loads(self.output)


class Site:
    """A checkout of its own; `assay` runs in it."""

    def __init__(self, root: Path, capture: Callable[[], tuple[str, str]]) -> None:
        self.root = root
        self._capture = capture

    def write(self, files: Mapping[str, str]) -> None:
        """Write files below the root."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def page(self, text: str) -> None:
        """Write docs/index.md."""
        self.write({"docs/index.md": text})

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text that must be there."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def assay(self, *arguments: str) -> Result:
        """Run a command as its user would, in this process."""
        self._capture()
        before = process.count()
        try:
            code = cli.command.main(list(arguments), standalone_mode=False)
        except click.ClickException as problem:
            click.echo(f"assay: {problem.format_message()}", err=True)
            code = 2
        except AssayError as problem:
            click.echo(f"assay: {problem}", err=True)
            code = problem.exit_code
        output, error = self._capture()
        return Result(int(code or 0), output, error, process.count() - before)


@pytest.fixture
def site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Site:
    """A site with the usual extensions and no pages."""

    def capture() -> tuple[str, str]:
        out, err = capfd.readouterr()
        return out, err

    made = Site(tmp_path, capture)
    made.write({"mkdocs.yml": SITE})
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    return made


@pytest.fixture(scope="session")
def proven(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Checkout:
    """A copy of the whole site, checked without a finding; shared, so not to be edited."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    root = shared / "proven"
    with FileLock(shared / "proven.lock"):
        if not root.exists():
            made = copied(ROOT, root)
            made.write("check.json", made.assay("check", "--format", "json").output)
    made = Checkout(root)
    report = json.loads(made.text("check.json"))
    assert not report["findings"], report["findings"]
    assert not report["errors"], report["errors"]
    return made


@pytest.fixture
def copy(proven: Checkout, tmp_path: Path) -> Checkout:
    """A checked copy of the whole site for one test to edit."""
    return copied(proven.root, tmp_path / "copy")
