"""`assay watch` checks what a saved file belongs to, and only that."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil
import pytest

from checkout import PROGRAMS, Checkout, surroundings
from conftest import SITE

pytestmark = pytest.mark.slow

PROGRAM = """\
# One

```go
package main

import "fmt"

func main() {
	fmt.Println("hello")
}
```

```output
hello
```
"""
LAB = """\
---
lab: two
---

```console
$ go run .
lab
```
"""
SOURCE = 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("lab")\n}\n'
# Nobody waits so long; the machine of the tests may be busy.
PATIENCE_S = 120


class Watching:
    """A running `assay watch`, line by line."""

    def __init__(self, site: Checkout, *named: str) -> None:
        self.site = site
        self.process = subprocess.Popen(
            [PROGRAMS / "assay", "watch", *named], cwd=site.root, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=surroundings(PYTHONUNBUFFERED="1"),
        )  # fmt: skip
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self.lines.put(line.rstrip("\n"))

    def until(self, pattern: str) -> list[str]:
        """Return the lines up to the first that matches."""
        seen: list[str] = []
        while not seen or not re.search(pattern, seen[-1]):
            try:
                seen.append(self.lines.get(timeout=PATIENCE_S))
            except queue.Empty:
                pytest.fail(f"no line matches {pattern!r}: {seen}")
        return seen

    def silent(self, seconds: float = 1.5) -> bool:
        """Whether nothing more is said."""
        try:
            self.lines.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def end(self) -> int:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE_S)


@pytest.fixture
def site(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    made.write("mkdocs.yml", SITE)
    made.write("docs/one.md", PROGRAM)
    made.write("docs/two.md", LAB)
    made.write("docs/three.md", '```json\n--8<-- "shared/x.json"\n```\n')
    made.write("snippets/go.mod", "module example.com/x\n\ngo 1.26.0\n")
    made.write("snippets/two/main.go", SOURCE)
    made.write("snippets/shared/x.json", "{}\n")
    return made


@pytest.fixture
def watching(site: Checkout) -> Iterator[Watching]:
    with Watching(site) as made:
        assert made.until("watching") == ["watching 3 pages; Ctrl-C ends it"]
        yield made


def test_an_edited_block_is_checked_at_once(site: Checkout, watching: Watching) -> None:
    site.edit("docs/one.md", '"hello"', '"hallo"')
    seen = watching.until(r"^docs/one\.md: ")
    assert re.fullmatch(r"docs/one\.md: 1 finding in \d+\.\d s", seen[-1])
    assert watching.until(r"\^")[0].startswith("  docs/one.md:14:1: the real output has 'hallo'")
    site.edit("docs/one.md", '"hallo"', '"hello"')
    assert re.fullmatch(
        r"docs/one\.md: ok, 2 blocks in \d+\.\d s", watching.until(r"^docs/one\.md: ")[-1]
    )
    assert watching.silent()


def test_a_lab_and_an_included_file_reach_only_their_page(
    site: Checkout, watching: Watching
) -> None:
    site.edit("snippets/two/main.go", '"lab"', '"Lab"')
    assert "docs/two.md: 1 finding" in watching.until("docs/")[-1]
    watching.until(r"\^")
    site.edit("snippets/two/main.go", '"Lab"', '"lab"')
    assert "docs/two.md: ok" in watching.until("docs/")[-1]
    site.write("snippets/shared/x.json", "{]\n")
    assert "docs/three.md: 1 finding" in watching.until("docs/")[-1]
    watching.until(r"\^")
    assert watching.silent()


def test_what_changes_nothing_is_not_checked(site: Checkout, watching: Watching) -> None:
    os.utime(site.root / "docs/one.md")
    site.write("docs/notes.txt", "x\n")
    site.write("snippets/other/main.go", SOURCE)
    (site.root / "docs/one.md").read_text()
    assert watching.silent()


def test_pages_come_and_go(site: Checkout, watching: Watching) -> None:
    site.write("docs/new/four.md", "```json\n{}\n```\n")
    assert watching.until("docs/")[-1].startswith("docs/new/four.md: ok, 1 block in ")
    (site.root / "docs/new/four.md").unlink()
    assert watching.silent()
    (site.root / "docs/.tmp").write_text(PROGRAM.replace("One", "Two"))
    os.replace(site.root / "docs/.tmp", site.root / "docs/one.md")  # as editors save
    assert watching.until("docs/")[-1].startswith("docs/one.md: ok")


def test_several_steps_of_a_save_are_one_check(site: Checkout, watching: Watching) -> None:
    for n in range(5):
        site.write("docs/three.md", f"# {n}\n")
        time.sleep(0.005)
    watching.until(r"^docs/three\.md: ok, 0 blocks")
    assert watching.silent()


def test_wrong_settings_are_told_and_mended(site: Checkout, watching: Watching) -> None:
    site.write("assay.toml", "nonsense = 1\n")
    assert "assay: assay.toml: unknown key 'nonsense'" in watching.until("assay")[-1]
    site.write("assay.toml", 'names = ["x"]\n')
    pages = {watching.until("docs/")[-1].partition(":")[0] for _ in range(3)}
    assert pages == {"docs/one.md", "docs/two.md", "docs/three.md"}


@pytest.mark.parametrize("busy", [False, True])
def test_ctrl_c_leaves_nothing(site: Checkout, busy: bool) -> None:
    started: set[psutil.Process] = set()
    with Watching(site, "docs/two.md") as made:
        made.until("watching 1 pages")
        if busy:
            site.edit("docs/two.md", r"^\$ go run \.$", "$ sleep 100")
            deadline = time.monotonic() + PATIENCE_S
            while not started and time.monotonic() < deadline:
                started = set(psutil.Process(made.process.pid).children(recursive=True))
        assert made.end() == 130
        assert made.until("interrupted")[-1] == "assay: interrupted; finished evidence is kept"
    gone, alive = psutil.wait_procs(started, timeout=10)
    assert not alive
    assert bool(gone) == busy


def test_only_what_was_named_is_watched(site: Checkout) -> None:
    with Watching(site, "docs/one.md") as made:
        made.until("watching 1 pages")
        site.write("docs/two.md", "# changed\n")
        assert made.silent()
        assert made.end() == 130


def test_a_page_that_is_not_there_is_one_line(site: Checkout) -> None:
    done = site.assay("watch", "docs/nothing.md")
    assert (done.code, done.output) == (2, "")
    assert "no page at 'docs/nothing.md'" in done.error
