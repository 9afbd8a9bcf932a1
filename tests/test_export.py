"""An exported page is the folder that was checked, and it runs without assay."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from assay import txtar
from assay.project import Project
from assay.sandbox import sandbox_uid
from checkout import ROOT
from conftest import Result, Site

PAGE = """\
---
lab: hello
---

```go file="hello/greet/greet.go"
package greet

const Word = "first"
```

```go file="hello/greet/greet.go"
package greet

const Word = "hello"
```

```go file="bad/bad.go" fails="go-build: undefined"
package bad

var _ = nothing
```

```text file="shown.txt" skip="only shown"
x
```

```console
$ go run .
hello
```
"""
FILES = {
    "docs/index.md": PAGE,
    "snippets/go.mod": "module example.com/x\n\ngo 1.26.0\n",
    "snippets/hello/main.go": 'package main\n\nimport (\n\t"fmt"\n\n\t"example.com/x/hello/greet"\n'
    '\t"example.com/x/word"\n)\n\nfunc main() {\n\tfmt.Println(word.Lower(greet.Word))\n}\n',
    "snippets/word/word.go": 'package word\n\nimport "strings"\n\n'
    "func Lower(s string) string {\n\treturn strings.ToLower(s)\n}\n",
    "snippets/other/main.go": "package main\n\nfunc main() {}\n",
}
TREE = ["go.mod", "hello/greet/greet.go", "hello/main.go", "word/word.go"]


def refused(done: Result, message: str) -> None:
    assert (done.code, done.output) == (2, "")
    assert message in done.error
    assert done.error.count("\n") == 1


def test_the_archive_is_the_folder_at_the_end_of_the_page(site: Site) -> None:
    site.write(FILES)
    done = site.assay("export", "docs/index.md")
    assert done.code == 0, done.error
    made = txtar.parse(done.output)
    assert made.comment == "The folder of docs/index.md; its commands are run in hello\n\n"
    assert [name for name, _ in made.files] == TREE
    assert made.get("hello/greet/greet.go") == 'package greet\n\nconst Word = "hello"\n'
    assert made.get("word/word.go") == FILES["snippets/word/word.go"]


def test_a_folder_and_an_archive_hold_the_same(site: Site) -> None:
    site.write(FILES)
    done = site.assay("export", "docs/index.md", "--to", "out")
    assert done.output.splitlines() == [
        *(f"wrote out/{name}" for name in TREE),
        "the page's commands are run in hello",
    ]
    assert site.assay("export", "docs/index.md", "--to", "out.txtar").code == 0
    made = txtar.parse((site.root / "out.txtar").read_text())
    folder = site.root / "out"
    there = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.*")}
    assert there == dict(made.files)


def test_a_page_without_a_lab_has_a_module_of_its_own(site: Site) -> None:
    site.page('```go file="main.go"\npackage main\n\nfunc main() {}\n```\n')
    made = txtar.parse(site.assay("export", "docs/index.md").output)
    assert made.files == (
        ("go.mod", "module page\n\ngo 1.27\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
    )


def test_bytes_and_modes_are_kept(site: Site) -> None:
    site.write(FILES)
    for name, data in {"b.bin": b"\xff\x00\r\n", "run.sh": b"#!/bin/sh\necho hi"}.items():
        (site.root / "snippets/hello" / name).write_bytes(data)
    (site.root / "snippets/hello/run.sh").chmod(0o755)
    assert site.assay("export", "docs/index.md", "--to", "out").code == 0
    assert (site.root / "out/hello/b.bin").read_bytes() == b"\xff\x00\r\n"
    assert os.access(site.root / "out/hello/run.sh", os.X_OK)
    assert (site.root / "out/hello/main.go").stat().st_mode & 0o111 == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\n", "it isn't text"),
        (b"no end", "its last line has no end"),
        (b"a\n-- b --\n", "it has a line that looks like a file of the archive"),
    ],
)
def test_what_an_archive_would_change_is_refused(site: Site, data: bytes, reason: str) -> None:
    site.write(FILES)
    (site.root / "snippets/hello/x").write_bytes(data)
    done = site.assay("export", "docs/index.md")
    refused(done, f"'hello/x' would change in a txtar archive: {reason}; write --to FOLDER")
    refused(site.assay("export", "docs/index.md", "--to", "x.txtar"), reason)
    assert not (site.root / "x.txtar").exists()


def test_nothing_is_overwritten(site: Site) -> None:
    site.write({**FILES, "out/mine.txt": "mine\n", "out.txtar": "mine\n", "file": "mine\n"})
    for target in ("out", "out.txtar", "file"):
        done = site.assay("export", "docs/index.md", "--to", target)
        refused(done, f"{target!r} is there already")
    assert [p.name for p in (site.root / "out").iterdir()] == ["mine.txt"]
    (site.root / "empty").mkdir()
    assert site.assay("export", "docs/index.md", "--to", "empty").code == 0


@pytest.mark.parametrize("name", ["../x.go", "/tmp/assay-x.go", "a/../../x.go"])
def test_nothing_is_written_outside_the_folder(site: Site, name: str) -> None:
    site.page(f'```go file="{name}"\npackage main\n```\n')
    refused(site.assay("export", "docs/index.md", "--to", "out"), "leaves the page's folder")
    assert not (site.root / "out").exists()


def test_only_a_line_feed_ends_a_line_of_an_archive() -> None:
    files = (("a.txt", "x\x0c-- b --\u2028-- c --\n"), ("b.txt", ""))
    assert txtar.parse(txtar.serialize("c\n", files)) == txtar.Archive("c\n", files)


def test_one_page_is_named(site: Site) -> None:
    site.write({**FILES, "docs/b.md": "# B\n"})
    refused(site.assay("export", "docs"), "'docs' holds 2 pages; name one")
    refused(site.assay("export", "docs/c.md"), "no page at 'docs/c.md'")


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a reader who has this Go and no network."""
    toolchains = Project(ROOT).toolchains
    toolchains.prepare()
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": f"{toolchains.root(toolchains.newest)}/bin:/usr/bin:/bin", "HOME": str(home),
        "GOMODCACHE": str(toolchains.modules), "GOPROXY": "off", "GOSUMDB": "off",
        "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOCACHE": str(home / "build"), "CGO_ENABLED": "0",
    }  # fmt: skip


DATABASE = """
initdb -D data -U postgres -A trust --no-sync >initdb.log
pg_ctl -D data -l postgres.log -w -t 60 -o "-p $port -k /tmp -c fsync=off" start >pg_ctl.log
trap 'pg_ctl -D data -m immediate stop >>pg_ctl.log' EXIT
export DATABASE_URL="postgres://postgres@localhost:$port/postgres?sslmode=disable"
./bin/wait
./bin/names.test
"""
GATEWAY = """
./bin/shop product -listen "localhost:$port" 2>product.log &
trap 'kill %1 %2' EXIT
./bin/shop gateway -listen "localhost:$((port + 1))" -product "localhost:$port" 2>gateway.log &
for try in $(seq 100); do
  curl -s -m 5 -f "localhost:$((port + 1))/products/tea" && exit 0
  sleep 0.1
done
exit 1
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "build", "script", "port", "said"),
    [
        (
            "docs/load-testing/database-pool.md",
            "go build -o bin/ ./... && go test -tags postgres -c -o bin/names.test ./names",
            DATABASE, 25432, "deadline exceeded: true",
        ),
        (
            "docs/load-testing/gateway.md", "go build -o bin/shop .",
            GATEWAY, 29001, '"price_cents":350',
        ),
    ],
)  # fmt: skip
def test_an_exported_page_starts_its_servers_without_assay(
    page: str, build: str, script: str, port: int, said: str, go: dict[str, str], site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(ROOT)
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to others
        room = Path(made)
        done = site.assay("export", page, "--to", str(room / "exported"))
        assert done.code == 0, done.error
        start = room / "exported" / done.output.splitlines()[-1].rpartition(" ")[2]
        env = {**go, "PATH": f"{go['PATH']}:/usr/local/bin", "HOME": str(room), "port": str(port)}
        # what the pages are built from is compiled in the cache of the box's user
        env["GOCACHE"] = str(Project(ROOT).toolchains.builds)
        boxed = sandbox_uid()
        output = ""
        # initdb wants no root, and asks for the user's name
        for user, text in ((boxed, build), ("nobody" if boxed else None, script)):
            if user is not None:
                for path in (room, *room.rglob("*")):
                    shutil.chown(path, user)
            ran = subprocess.run(
                ["bash", "-eu", "-c", text], cwd=start, env=env, capture_output=True, text=True,
                check=False, timeout=600, user=user,
            )  # fmt: skip
            assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}"
            output += ran.stdout
        assert said in output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "commands"),
    [
        ("docs/why/build-flags.md", ["go vet ./...", "go test ./...", "go run . -version"]),
        ("docs/courses/iot-ota.md", ["go vet ./...", "go test -short ./...", "go build ./..."]),
    ],
)
def test_an_exported_page_runs_without_assay(
    page: str,
    commands: list[str],
    go: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path_factory.mktemp("exported")
    monkeypatch.chdir(ROOT)
    done = site.assay("export", page, "--to", str(out))
    assert done.code == 0, done.error
    start = out / done.output.splitlines()[-1].rpartition(" ")[2]
    for command in commands:
        ran = subprocess.run(
            command.split(), cwd=start, env=go, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{command}: {ran.stdout}{ran.stderr}"
