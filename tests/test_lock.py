"""The proof lock: written by accept, used where nothing runs, compared by --prove."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.sandbox import bwrap
from assay.toolchains import Toolchains
from checkout import PROGRAMS, ran
from conftest import Site

PAGE = """\
# Page

```console capture="size:B=(\\d+) bytes;noise:ms=took (\\d+)"
$ echo "40 bytes, took $(date +%N) ms"
40 bytes, took ... ms
```

It has [40 B](measure:size).

```go go="1.27"
package main

import "fmt"

func main() { fmt.Println("hello") }
```

```output
hello
```

```go go="1.27" fails="go-build: undefined"
package main

func main() { missing() }
```

```yaml kind="yaml"
a: 1
```
"""
KEY = r"[0-9a-f]{16}"


@pytest.fixture
def locked(site: Site) -> Site:
    """A page that was accepted."""
    site.page(PAGE)
    result = site.assay("accept")
    assert result.code == 0, result.output + result.error
    assert "evidence.lock: 1 change" in result.output
    return site


def lock(site: Site) -> list[str]:
    text = (site.root / "evidence.lock").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.fixture
def no_box(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What takes the machine's sandbox away, and forgets what was judged here."""

    def take() -> None:
        fake = tmp_path / "bwrap"
        fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create namespace' >&2\nexit 1\n")
        fake.chmod(0o755)
        for path in fake.parents:
            if path.stat().st_uid == fake.stat().st_uid:
                path.chmod(path.stat().st_mode | 0o055)
        monkeypatch.setattr(bwrap, "binary", lambda: fake)
        for path in (site.root / ".cache").rglob("*.json"):
            path.unlink()

    return take


def test_a_line_for_each_block_and_check_in_page_order(locked: Site) -> None:
    shown = [re.sub(KEY, "KEY", line) for line in lock(locked)]
    shown = [re.sub(r"sh=\S+ shellcheck=\S+ shellparse=\S+", "TOOLS", line) for line in shown]
    assert [re.sub(r"-[0-9a-f]{8} ", "-ID ", line) for line in shown] == [
        "docs/index.md | console-ID | - | shell | passed | KEY | - | TOOLS",
        "docs/index.md | console-ID | - | command-flags | passed | KEY | - | TOOLS",
        "docs/index.md | console-ID | 1.27.3 | console | passed | KEY | size:B=40 | go=1.27.3",
        "docs/index.md | go-ID | 1.27.3 | go-format | passed | KEY | - | go=1.27.3",
        "docs/index.md | go-ID | 1.27.3 | go-build | passed | KEY | - | go=1.27.3",
        "docs/index.md | go-ID | 1.27.3 | go-vet | passed | KEY | - | go=1.27.3",
        "docs/index.md | go-ID | 1.27.3 | go-run | passed | KEY | - | go=1.27.3",
        "docs/index.md | output-ID | 1.27.3 | go-run | passed | KEY | - | go=1.27.3",
        "docs/index.md | go-ID | 1.27.3 | go-format | passed | KEY | - | go=1.27.3",
        "docs/index.md | go-ID | 1.27.3 | go-build | failed-as-shown | KEY | - | go=1.27.3",
    ]


def test_proof_agrees_and_noise_rewrites_nothing(locked: Site) -> None:
    before = lock(locked)
    assert locked.assay("check", "--prove", "--no-cache").code == 0
    result = locked.assay("accept")
    assert "nothing to change" in result.output
    assert lock(locked) == before


CHART = """\
```mermaid title="Size" measures="B=size ±30%"
xychart-beta
  x-axis ["all"]
  bar [40]
```
"""


@pytest.mark.parametrize("bound", ['It has [40 B](measure:size "±30%").\n', CHART])
def test_a_bound_number_that_still_holds_is_not_rewritten(locked: Site, bound: str) -> None:
    locked.edit("docs/index.md", "It has [40 B](measure:size).\n", bound)
    locked.assay("accept")  # the chart's own lines
    locked.edit("evidence.lock", "size:B=40", "size:B=37")
    assert locked.assay("check", "--prove").code == 0
    assert "nothing to change" in locked.assay("accept").output
    assert "size:B=37" in lock(locked)[2]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"\| passed \|", "| failed-as-shown |", "verdict is 'failed-as-shown' here"),
        ("size:B=40", "size:B=41", "captured is 'size:B=41' here"),
        (r"size:B=40", "-", "captured is '-' here"),
        (rf"\| {KEY} \|", "| 0123456789abcdef |", "key is '0123456789abcdef' here"),
        (r"go=1\.27\.3$", "go=1.27.9", "tools is 'go=1.27.9' here"),
        (r"console-[0-9a-f]{8}", "console-00000000", "nothing on docs/index.md is"),
    ],
)
def test_a_forged_line_is_found(locked: Site, old: str, new: str, said: str) -> None:
    path = locked.root / "evidence.lock"
    text = path.read_text()
    forged, count = re.subn(f"(?m){old}", new, text, count=1)
    assert count == 1
    path.write_text(forged)
    assert locked.assay("check").code == 0, "what is judged here needs no lock"
    result = locked.assay("check", "--prove")
    assert result.code == 1
    (found,) = [line for line in result.findings if line.startswith("evidence.lock:")]
    place = re.search(f"(?m){old}", text)
    assert place
    assert found.startswith(f"evidence.lock:{text.count(chr(10), 0, place.start()) + 1}:1: ")
    assert said in found
    assert "run assay accept" in found
    locked.assay("accept")
    assert path.read_text() == text
    assert locked.assay("check", "--prove").code == 0


def test_missing_and_surplus_lines_are_found(locked: Site) -> None:
    path = locked.root / "evidence.lock"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], *lines[3:], lines[-1].replace("go-", "gone-", 1)]))
    result = locked.assay("check", "--prove")
    assert result.code == 1
    assert result.findings == [
        "docs/index.md:3:1: shell isn't in evidence.lock; run assay accept docs/index.md [lock]",
        f"evidence.lock:12:1: nothing on docs/index.md is {lines[-1].split(' | ')[1]!r}".replace(
            "go-", "gone-"
        )
        + " with this check; run assay accept [lock]",
    ]


def test_equal_blocks_have_a_line_each(site: Site) -> None:
    block = '```go go="1.27"\npackage main\n\nfunc main() {}\n```\n'
    site.page(f"# Page\n\n{block}\nAgain:\n\n{block}")
    assert site.assay("accept").code == 0
    assert len(lock(site)) == 8
    result = site.assay("check", "--prove")
    assert result.code == 0, result.output


def test_lines_of_a_page_that_is_gone(locked: Site) -> None:
    locked.write({"docs/other.md": PAGE})
    assert locked.assay("accept", "docs/other.md").code == 0
    assert len(lock(locked)) == 20
    (locked.root / "docs" / "other.md").unlink()
    assert locked.assay("check", "--prove").code == 1
    locked.assay("accept")
    assert len(lock(locked)) == 10


def test_where_nothing_can_run_the_lock_is_used(locked: Site, no_box: Callable[[], None]) -> None:
    no_box()
    result = locked.assay("check")
    assert result.code == 0, result.output
    assert "4 recorded" in result.output
    assert "1 passed" in result.output
    assert "recorded in evidence.lock and not judged here: sandbox unavailable" in result.output
    assert locked.assay("check", "--prove").code == 3, "nothing is believed for good"
    assert locked.assay("check").code == 0
    for require, code in (("proven", 1), ("recorded", 0)):
        locked.edit("mkdocs.yml", "plugins: [assay]", f"plugins: [assay: {{require: {require}}}]")
        done = ran([str(PROGRAMS / "mkdocs"), "build", "--strict"], cwd=locked.root)
        assert done.code == code, done.error
        locked.edit("mkdocs.yml", f"plugins: [assay: {{require: {require}}}]", "plugins: [assay]")
    html = (locked.root / "site" / "index.html").read_text(encoding="utf-8")
    assert html.count("有记录") >= 4


def test_a_tool_that_would_have_to_be_fetched_waits(
    locked: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(locked.root / ".cache")
    monkeypatch.setattr(Toolchains, "present", lambda self, version: False)
    result = locked.assay("check")
    assert (result.code, result.started) == (0, 2), "what reads the shell's text runs, and no Go"
    assert "4 recorded" in result.output
    assert "Go 1.27.3 isn't here; make tools fetches it" in result.output
    locked.edit("docs/index.md", '"hello"', '"hallo"')
    locked.edit("docs/index.md", "output\nhello", "output\nhallo")
    result = locked.assay("check")
    assert result.code == 0, result.output
    assert "2 recorded" in result.output, "what changed is judged; its tool is fetched for it"


@pytest.mark.parametrize(
    ("old", "new"), [("bytes, took $", "byte, took $"), ('"hello"', '"hallo"')]
)
def test_what_changed_is_not_recorded(
    locked: Site, no_box: Callable[[], None], old: str, new: str
) -> None:
    locked.edit("docs/index.md", old, new)
    no_box()
    result = locked.assay("check")
    assert result.code == 3
    assert "sandbox unavailable" in result.output


def test_a_deleted_line_hides_nothing(locked: Site, no_box: Callable[[], None]) -> None:
    path = locked.root / "evidence.lock"
    path.write_text("".join(n for n in path.read_text().splitlines(True) if "| output-" not in n))
    no_box()
    result = locked.assay("check", "--format", "json")
    assert {b["status"] for b in result.json["blocks"] if b["language"] == "output"} == {"recorded"}


def test_accept_keeps_what_it_cannot_judge(locked: Site, no_box: Callable[[], None]) -> None:
    before = lock(locked)
    no_box()
    assert locked.assay("accept").code == 0
    assert lock(locked) == before


def test_a_merge_conflict_is_one_line_and_accept_resolves_it(
    locked: Site, no_box: Callable[[], None]
) -> None:
    path = locked.root / "evidence.lock"
    text = path.read_text()
    lines = text.splitlines()
    lines[2:3] = ["<<<<<<< ours", lines[2], "=======", lines[2].replace("40", "41"), ">>>>>>> x"]
    path.write_text("\n".join(lines))
    result = locked.assay("check", "--prove")
    assert result.code == 2
    assert result.error.endswith(
        "assay: evidence.lock:3: a merge conflict is no entry; run assay accept to write it anew\n"
    )
    assert locked.assay("accept").code == 0
    assert path.read_text() == text


def test_without_a_lock(site: Site) -> None:
    site.page('# Page\n\n```yaml kind="yaml"\na: 1\n```\n')
    assert site.assay("check", "--prove").code == 0, "nothing here needs proof"
    assert "nothing to change" in site.assay("accept").output
    assert not (site.root / "evidence.lock").exists()


def test_prove_and_only_exclude_each_other(site: Site) -> None:
    site.page("# Page\n")
    result = site.assay("check", "--prove", "--only", "console")
    assert result.code == 2
    assert "--prove compares whole pages" in result.error


@pytest.mark.slow
def test_tools_and_doctor_name_every_judge(site: Site) -> None:
    made = site.assay("tools")
    assert made.code == 0, made.error
    told = site.assay("doctor").output
    for name in ("fragment", "kubecheck"):
        assert f"{name}: " in made.output
        assert re.search(rf"{name} [0-9a-f]{{12}}: \d+ MB, built in \d+ s", told), told
