"""Bad input gets one line that says what to do, the right exit code, and never a traceback."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from assay import boxes
from assay.sandbox import bwrap
from checkout import PROGRAMS, ran, surroundings
from conftest import Result, Site

GOOD = """\
# Good

```yaml kind="yaml"
a: 1
```

```console
$ echo one
one
```
"""


def one_line(result: Result, code: int, says: str) -> None:
    """Assert that a command refused to start: nothing but one line on stderr."""
    lines = result.error.splitlines()
    assert len(lines) == 1, result.error + result.output
    assert lines[0].startswith("assay: ")
    assert says in lines[0]
    assert result.output == ""
    assert result.code == code


def one_place(result: Result, code: int, place: str, says: str) -> None:
    """Assert that a check told of exactly one place."""
    assert len(result.findings) == 1, result.output + result.error
    assert result.findings[0].startswith(f"{place}: "), result.findings[0]
    assert says in result.findings[0]
    assert "Traceback" not in result.output + result.error
    assert result.code == code


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("mkdocs.yml", "site_name: [\n", "mkdocs.yml"),
        ("mkdocs.yml", "- a\n", "a mapping is expected"),
        ("mkdocs.yml", "INHERIT: nothing.yml\n", "nothing.yml"),
        ("mkdocs.yml", "markdown_extensions: 7\n", "markdown_extensions"),
        ("mkdocs.yml", "markdown_extensions: [nothing.there]\n", "No module named 'nothing'"),
        ("mkdocs.yml", "markdown_extensions:\n  - toc:\n      nonsense: 1\n", "nonsense"),
        ("mkdocs.yml", "x: !!python/name:nothing.there.at.all\n", "nothing"),
        ("mkdocs.yml", "docs_dir: nothing\n", "'nothing'"),
        ("mkdocs.yml", "docs_dir: ../elsewhere\n", "docs_dir"),
        ("assay.toml", "toolchains = [\n", "assay.toml"),
        ("assay.toml", "tool = 1\n", "unknown key 'tool'; allowed are"),
        ("assay.toml", 'toolchains = "1.26.8"\n', "toolchains"),
        ("assay.toml", "toolchains = []\n", "toolchains"),
        ("assay.toml", 'toolchains = ["latest"]\n', "'latest'"),
        ("assay.toml", 'toolchains = ["1.26"]\n', "'1.26'"),
        ("assay.toml", "snippets = 7\n", "snippets"),
        ("assay.toml", 'snippets = "../elsewhere"\n', "snippets"),
        ("assay.toml", "names = 7\n", "names"),
        ("assay.toml", "profiles = 7\n", "profiles"),
        ("assay.toml", "[profiles.big]\nwall_s = 5\n", "unknown profile 'big'; allowed are"),
        ("assay.toml", "[profiles.go]\nwal_s = 5\n", "'wal_s'"),
        ("assay.toml", '[profiles.go]\nwall_s = "long"\n', "wall_s"),
        ("assay.toml", "[profiles.go]\nwall_s = -1\n", "wall_s"),
        ("assay.toml", 'path = ["/opt/x"]\n', "path has '/opt/x'; write folders below /usr"),
        ("assay.toml", 'path = ["/usr/../x"]\n', "write folders below /usr, which boxes see"),
        ("assay.toml", "programs = 7\n", "write a table [programs]"),
        ("assay.toml", "programs.jaeger = 7\n", "write a table [programs.jaeger]"),
        ("assay.toml", "[programs.jaeger]\n", "programs.jaeger.module is None; write a folder"),
        ("assay.toml", '[programs."../x"]\nmodule = "a"\n', "write a command's name"),
        ("assay.toml", '[programs.x]\nmodule = "/a"\n', "'/a'; write a folder of this"),
        ("assay.toml", '[programs.x]\nmodule = "a"\ntags = 1\n', "tags is 1; write one string"),
        ("assay.toml", '[programs.x]\nmodul = "a"\n', "'modul'; allowed are 'module', 'tags'"),
        ("assay.toml", "front_matter = 7\n", "front_matter"),
        ("assay.toml", '[front_matter]\nrequired = "title"\n', "required"),
        ("assay.toml", '[front_matter.paths]\n"docs/**" = 7\n', "docs/**"),
    ],
)
def test_a_broken_settings_file(name: str, text: str, says: str, site: Site) -> None:
    site.page(GOOD)
    site.write({name: text})
    one_line(site.assay("check"), 2, says)


def test_settings_that_are_no_text(site: Site) -> None:
    for name in ("assay.toml", "mkdocs.yml"):
        (site.root / name).write_bytes(b"\xff\xfe")
        one_line(site.assay("check"), 2, name)


def test_no_mkdocs_yml(site: Site) -> None:
    (site.root / "mkdocs.yml").unlink()
    one_line(site.assay("check"), 2, "no mkdocs.yml")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "--frobnicate"), "--frobnicate"),
        (("chek",), "chek"),
        (("check", "--only", "nothing"), "unknown check 'nothing'; allowed are 'command-flags'"),
        (("check", "--jobs", "0"), "--jobs"),
        (("check", "--jobs", "many"), "--jobs"),
        (("check", "--format", "xml"), "--format"),
        (("check", "docs/nothing.md"), "no page at 'docs/nothing.md'"),
        (("check", "mkdocs.yml"), "no page at 'mkdocs.yml'"),
        (("check", "/etc"), "outside this project"),
        (("check", ".."), "outside this project"),
        (("check", "docs/\0.md"), "docs/"),
        (("accept", "docs/nothing.md"), "no page at"),
        (("explain", "nothing"), "unknown check 'nothing'"),
        (("explain",), "CHECK"),
    ],
)
def test_a_wrong_command_line(arguments: tuple[str, ...], says: str, site: Site) -> None:
    site.page(GOOD)
    one_line(site.assay(*arguments), 2, says)


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("---\ntitle: [\n---\n# T\n", "docs/index.md:3:1", "[front-matter]"),
        ("---\ntitle: a: b\n---\n# T\n", "docs/index.md:2:9", "[front-matter]"),
        ("---\n- a\n---\n# T\n", "docs/index.md:2:1", "[front-matter]"),
        ("---\ntitle: 7\n---\n# T\n", "docs/index.md:2:1", "'title' is a int"),
        ('# T\n\n```go colour="red"\n```\n', "docs/index.md:3:1", "unknown option 'colour'"),
        ("# T\n\n```console now\n$ true\n```\n", "docs/index.md:3:1", "can't be read"),
        ('# T\n\n```text file="../x"\nx\n```\n', "docs/index.md:3:1", "leaves the page's folder"),
        ('# T\n\n```text file="/x"\nx\n```\n', "docs/index.md:3:1", "leaves the page's folder"),
        (
            '# T\n\n```console capture="n=("\n$ true\n```\n\n[7](measure:n)\n',
            "docs/index.md:3:1", "not a regex",
        ),
        ('# T\n\n```yaml fails="data: ("\na: 1\n```\n', "docs/index.md:3:1", "not a regex"),
        ("# T\n\n```go\npackage main\n", "docs/index.md:3:1", "[fence]"),
        ("# T\n\n[x](../mkdocs.yml)\n", "docs/index.md:3:1", "leaves the docs folder"),
        ("# T\n\n[x](../../../etc/passwd)\n", "docs/index.md:3:1", "leaves the docs folder"),
        ("# T\n\n[x](/etc/passwd)\n", "docs/index.md:3:1", "is absolute"),
        ("# T\n\n[x](file:///etc/passwd)\n", "docs/index.md:3:1", "[links]"),
        ('# T\n\n--8<-- "../../etc/passwd"\n', "docs/index.md:3:1", "[fence]"),
        ('# T\n\n--8<-- "/etc/passwd"\n', "docs/index.md:3:1", "[fence]"),
        ('# T\n\n--8<-- "away.txt"\n', "docs/index.md:3:1", "symbolic link"),
        ('# T\n\n--8<-- "https://example.com/x"\n', "docs/index.md:3:1", "[fence]"),
        ('# T\n\n--8<-- "nothing.txt"\n', "docs/index.md:3:1", "no file 'nothing.txt'"),
    ],
)  # fmt: skip
def test_a_fault_of_a_page(text: str, place: str, says: str, site: Site) -> None:
    (site.root / "snippets").mkdir()
    (site.root / "snippets" / "away.txt").symlink_to("/etc/passwd")
    site.page(text)
    result = site.assay("check")
    one_place(result, 1, place, says)
    assert "root:x:" not in result.output


@pytest.mark.parametrize("lab", ["../../etc", "/etc", "../docs", "nothing", ".."])
def test_a_lab_out_of_its_folder(lab: str, site: Site) -> None:
    (site.root / "snippets").mkdir()
    site.page(f"---\nlab: {lab}\n---\n{GOOD}")
    result = site.assay("check")
    assert result.code == 1
    one_place(result, 1, "docs/index.md:2:1", repr(lab))
    assert "1 blocked" in result.output, "its commands are judged as text, and not run"


def dangling(path: Path) -> None:
    path.symlink_to("nothing")


def away(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def not_text(path: Path) -> None:
    path.write_bytes(b"# T\n\n\xff\n")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("make", [dangling, away, not_text, pipe, loop])
def test_a_page_that_cannot_be_read(make: Callable[[Path], None], site: Site) -> None:
    site.page(GOOD)
    make(site.root / "docs" / "x.md")
    result = site.assay("check")
    assert "root:x:" not in result.output
    one_place(result, 3, "docs/x.md:1:1", "[read]")
    assert "2 passed" in result.output, "every other page is judged"


def test_a_folder_named_like_a_page(site: Site) -> None:
    site.page(GOOD)
    (site.root / "docs" / "x.md").mkdir()
    assert site.assay("check").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("make", [dangling, away, not_text, pipe, loop])
def test_a_build_with_a_page_that_cannot_be_read(make: Callable[[Path], None], site: Site) -> None:
    site.page(GOOD)
    make(site.root / "docs" / "x.md")
    done = ran([str(PROGRAMS / "mkdocs"), "build", "--strict"], cwd=site.root)
    assert done.code != 0
    assert "docs/x.md" in done.error
    assert "Traceback" not in done.error
    assert not (site.root / "site" / "x").exists()


def test_no_sandbox(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "marker"
    away = tmp_path / "away"
    away.mkdir()
    fake = away / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    for path in (*fake.parents, fake):
        with contextlib.suppress(PermissionError):
            path.chmod(path.stat().st_mode | 0o055)
    monkeypatch.setattr(bwrap, "binary", lambda: fake)
    site.page(
        f"# T\n\n```console\n$ touch {marker}\n```\n\n"
        f'```bash\ntouch {marker}\n```\n\n```yaml kind="yaml"\na: 1\n```\n\n'
        '```yaml kind="yaml"\na: 1\na: 2\n```\n'
    )
    result = site.assay("check")
    assert result.code == 3
    errors = [line for line in result.findings if "sandbox unavailable" in line]
    assert len(errors) == 1, result.output
    assert "sysctl" in errors[0]
    assert len(result.findings) == 2, "what needs no box is judged"
    assert "duplicate" in result.output
    assert not marker.exists()
    again = site.assay("check", "--format", "json")
    assert again.code == 3, "it isn't remembered as done"
    assert [b["status"] for b in again.json["blocks"]] == ["unable", "unable", "passed", "failed"]
    assert not marker.exists()


def test_a_go_that_does_not_exist(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOPROXY", "off")
    site.write({"assay.toml": 'toolchains = ["1.26.99"]\n'})
    site.page(
        '# T\n\n```go\npackage main\n\nfunc main() {}\n```\n\n```yaml kind="yaml"\na: 1\n```\n'
    )
    result = site.assay("check")
    one_place(result, 3, "docs/index.md:3:1", "Go 1.26.99 can't be had")
    assert "1 passed" in result.output


def test_a_version_that_is_not_pinned(site: Site) -> None:
    site.page('# T\n\n```console go="1.20"\n$ true\n```\n')
    one_place(site.assay("check"), 1, "docs/index.md:3:1", "no Go '1.20' in assay.toml")


DAMAGES = {
    "emptied": b"",
    "cut": None,
    "other bytes": b"\x00\xff\x00",
    "a list": b"[]",
    "nothing": b"null",
    "an object": b"{}",
    "a number": b"7",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_made_anew(damage: str, site: Site) -> None:
    site.page(GOOD)
    assert site.assay("check").code == 0
    store = site.root / ".cache" / "assay"
    names = [p for p in store.rglob("*") if p.is_file()]
    assert {p.relative_to(store).parts[0] for p in names} >= {"evidence", "hashes.json", "index"}
    for path in names:
        data = DAMAGES[damage]
        path.write_bytes(path.read_bytes()[:-20] if data is None else data)
    result = site.assay("check")
    assert result.code == 0, result.output
    assert "2 passed" in result.output
    assert site.assay("check").started == 0
    assert {p for p in store.rglob("*") if p.is_file()} >= set(names), "made anew"


def test_wrong_values_in_the_stamps(site: Site) -> None:
    site.page(GOOD)
    site.assay("check")
    stamps = site.root / ".cache" / "assay" / "hashes.json"
    known = json.loads(stamps.read_text())
    for value in (7, [], [1], None, {"a": 1}, "x"):
        stamps.write_text(json.dumps(dict.fromkeys(known, value)))
        assert site.assay("check").code == 0


def test_one_damaged_record_loses_no_other(site: Site) -> None:
    site.page(GOOD)
    site.assay("check")
    store = site.root / ".cache" / "assay"
    shutil.rmtree(store / "settled", ignore_errors=True)
    records = sorted((store / "evidence").rglob("*.json"))
    known = {p: json.loads(p.read_text()) for p in records}
    data = [p for p, r in known.items() if r["kind"] == "block" and "shellcheck" not in r["tools"]]
    data[0].write_text("{")
    result = site.assay("check", "--format", "json")
    assert result.code == 0
    assert result.started == 0, "the session is still known"
    assert sorted(b["cached"] for b in result.json["blocks"]) == [False, True]


@pytest.mark.slow
def test_a_build_with_damaged_evidence_is_stale(site: Site) -> None:
    site.page(GOOD)
    site.assay("check")
    for path in (site.root / ".cache" / "assay").rglob("*.json"):
        path.write_text("{")
    done = ran([str(PROGRAMS / "mkdocs"), "build", "--strict"], cwd=site.root)
    assert done.code == 1
    assert "docs/index.md:3: block is unchecked" in done.error
    assert "Traceback" not in done.error


@contextlib.contextmanager
def full(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing more be written below a folder: a small disk as root, else a pretended one."""
    path.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        mount = ["mount", "-t", "tmpfs", "-o", "size=16k,mode=755", "tmpfs", str(path)]
        if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            try:
                with contextlib.suppress(OSError), (path / "filler").open("wb") as filler:
                    filler.write(b"0" * 64_000)
                yield
            finally:
                subprocess.run(["umount", "--lazy", str(path)], check=True)
            return

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.mkstemp", refuse)
        patch.setattr("tempfile.mkdtemp", refuse)
        yield


def test_a_full_disk(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page(GOOD)
    with full(site.root / ".cache", monkeypatch):
        result = site.assay("check")
    assert result.code == 3, result.output
    assert len(result.findings) == 1, result.output
    assert "can't write below .cache: No space left on device" in result.findings[0]
    assert not result.error
    assert site.assay("check").code == 0


def test_no_room_for_running(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page(GOOD)
    room = tmp_path / "room"
    monkeypatch.setattr(boxes.Boxes, "scratch", lambda _: room)
    with full(room, monkeypatch):
        result = site.assay("check")
    assert result.code == 3, result.output
    assert "No space left on device" in result.output + result.error
    assert "Traceback" not in result.output + result.error


SLEEP = "sleep 67.31"
INTERRUPTED = f"""\
# T

```console session="quick"
$ echo one
one
```

```console session="long"
$ {SLEEP}
```
"""


def sleepers() -> list[psutil.Process]:
    running = psutil.process_iter(["cmdline"])
    return [p for p in running if p.info["cmdline"] == SLEEP.split()]


def until(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
def test_interrupted_from_the_keyboard(site: Site) -> None:
    site.page(INTERRUPTED)
    records = site.root / ".cache" / "assay" / "evidence"

    def quick_is_done() -> bool:
        texts = (p.read_text() for p in records.rglob("[0-9a-f]*.json"))
        return any('"kind": "session"' in t for t in texts)

    with subprocess.Popen(
        [PROGRAMS / "assay", "check", "--jobs", "2"], cwd=site.root, env=surroundings(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as running:  # fmt: skip
        assert until(lambda: quick_is_done() and sleepers(), 120)
        os.killpg(running.pid, signal.SIGINT)
        output, error = running.communicate(timeout=60)
    assert running.returncode == 130
    assert error.splitlines()[-1] == "assay: interrupted; finished evidence is kept"
    assert "Traceback" not in output + error
    assert until(lambda: not sleepers(), 5)
    site.edit("docs/index.md", SLEEP, "true")
    result = site.assay("check", "--format", "json")
    assert result.code == 0, result.output
    assert [b["cached"] for b in result.json["blocks"]] == [True, False]


@pytest.mark.slow
def test_a_reader_that_goes_away(site: Site) -> None:
    site.page("# T\n" + "\n```nothing\nx\n```\n" * 400)
    program = f"{PROGRAMS / 'assay'} check | head -n 1"
    done = ran(["bash", "-c", program], cwd=site.root)
    assert done.code == 0
    assert "Traceback" not in done.error
    assert "BrokenPipe" not in done.error


def test_the_usual_site_is_good(site: Site) -> None:
    """The cases above fail for their own fault."""
    site.page(GOOD)
    assert site.assay("check").code == 0
