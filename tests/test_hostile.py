"""Attacks on the sandbox, each a readable file with the outcome that it must have.

A case is a txtar file in tests/hostile/: its first line says what is attacked. `program.sh` or
`program.py` runs in a box; with `page: yes` the other files are a site that is checked. `expect`
has a line per expectation, `key: value`:

    ends            regular expression for how the program ended
    output          a line that must be in the output
    never           text that must not be in the output
    limits          limits of the box, other than the defaults
    within          seconds
    most_processes  how many processes the box had at most
    beside          how many harmless boxes must work at the same time
    exit, finding   regular expressions for the exit code and the findings of `assay check`
    error           text that must be in its messages
    then_passes     a harmless Go page must pass afterwards
    link            a file of the site that is a link to the secret
    no_sandbox      namespaces are forbidden
    kill_supervisor assay is killed while the program runs

`$CANARY_FILE`, `$CANARY_FOLDER` and `$CHECKOUT` are paths of this machine, `$CANARY_VALUE` a
secret that is in the file and in the environment, `$PORT` and `$ABSTRACT` a listener. After every
case nothing of the box is left, the secrets are as they were, and a harmless program works.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from assay import process, scrub, txtar
from assay.process import Outcome
from assay.sandbox import Limits, Mount, Spec, bwrap, run, scratch
from conftest import Site

CASES = sorted((Path(__file__).parent / "hostile").glob("*.txtar"))
PAGES = [path for path in CASES if "\npage: yes\n" in path.read_text(encoding="utf-8")]
PROGRAMS = [path for path in CASES if path not in PAGES]
SECRET = "CANARY-5eab1f0c"
ENV = (("PATH", "/usr/local/bin:/usr/bin:/bin"),)


@dataclass
class Machine:
    """What an attack must neither reach nor change."""

    canary: Path
    server: socket.socket
    abstract: socket.socket

    @property
    def words(self) -> dict[str, str]:
        """The names that cases use."""
        return {
            "$CANARY_FILE": str(self.canary),
            "$CANARY_FOLDER": str(self.canary.parent),
            "$CANARY_VALUE": SECRET,
            "$CHECKOUT": str(Path(__file__).parent.parent),
            "$PORT": str(self.server.getsockname()[1]),
            "$ABSTRACT": f"assay-{os.getpid()}",
        }

    def fill(self, text: str) -> str:
        """Replace the names by what they are here."""
        for word, value in self.words.items():
            text = text.replace(word, value)
        return text


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Machine]:
    # where the sandbox's user could read it if the box showed it
    folder = scratch.default() / f"canary-{os.getpid()}-{tmp_path.name}"
    folder.mkdir()
    canary = folder / "secret.go"
    canary.write_text(f"{SECRET}\n")
    monkeypatch.setenv("CANARY", SECRET)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        abstract.bind(f"\0assay-{os.getpid()}")
        abstract.listen()
        for listener in (server, abstract):
            listener.settimeout(0)
        yield Machine(canary, server, abstract)
        for listener in (server, abstract):
            with pytest.raises(BlockingIOError):
                listener.accept()
    assert canary.read_text() == f"{SECRET}\n"
    assert [path.name for path in folder.iterdir()] == [canary.name]
    scratch.remove(folder)
    assert process.live() == 0
    assert run(Spec(("/bin/echo", "harmless"))).output == "harmless\n"


class Expect:
    """The expectations of a case."""

    def __init__(self, text: str) -> None:
        self.lines = [tuple(line.split(": ", 1)) for line in text.splitlines() if line]

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.lines if name == key]

    def one(self, key: str, default: str = "") -> str:
        return next(iter(self.all(key)), default)

    def limits(self) -> Limits:
        pairs = (pair.split("=") for pair in self.one("limits").split())
        return Limits(**{name: int(value) for name, value in pairs})


def read(path: Path, machine: Machine) -> tuple[dict[str, str], Expect]:
    archive = txtar.parse(path.read_text(encoding="utf-8"))
    assert archive.comment.strip(), "the first line says what is attacked"
    files = {name: machine.fill(text) for name, text in archive.files}
    return files, Expect(files.pop("expect"))


@contextlib.contextmanager
def counting() -> Iterator[list[int]]:
    """Count, meanwhile, how many processes there are at most below this one."""
    most = [0]
    ended = threading.Event()

    def count() -> None:
        while not ended.wait(0.05):
            most[0] = max(most[0], len(descendants(os.getpid())))

    thread = threading.Thread(target=count)
    thread.start()
    yield most
    ended.set()
    thread.join()


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def spec(files: dict[str, str], limits: Limits, folder: Path) -> Spec:
    name = next(name for name in files if name.startswith("program."))
    program = folder / name
    program.write_text(files[name])
    interpreter = "/bin/bash" if name.endswith(".sh") else "/usr/bin/python3"
    mounts = (Mount(program, f"/src/{name}"),)
    return Spec((interpreter, f"/src/{name}"), mounts, env=ENV, limits=limits)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(path: Path, machine: Machine) -> None:
    files, expect = read(path, machine)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch.folder(None))
        box = spec(files, expect.limits(), folder)
        if expect.one("kill_supervisor"):
            killed_in_the_middle(box)
            return
        most = stack.enter_context(counting())
        pool = stack.enter_context(ThreadPoolExecutor())
        beside = [
            pool.submit(run, Spec(("/bin/bash", "-c", "sleep 0.2 & wait; echo fine")))
            for _ in range(int(expect.one("beside", "0")))
        ]
        outcome = run(box)
        assert [other.result().output for other in beside] == ["fine\n"] * len(beside)
    judge(outcome, expect)
    assert most[0] <= int(expect.one("most_processes", "1000000"))


def judge(outcome: Outcome, expect: Expect) -> None:
    said = f"{outcome.describe()} in {outcome.wall_ms} ms:\n{outcome.output[-2000:]}"
    assert re.fullmatch(expect.one("ends"), outcome.describe()), said
    for line in expect.all("output"):
        assert line in outcome.output, said
    for text in expect.all("never"):
        assert text not in outcome.output, said
    assert outcome.wall_ms <= 1000 * float(expect.one("within", "60")), said
    assert len(outcome.output.encode()) <= 4 * 64 << 10  # shown escapes are longer than bytes
    assert not re.search(
        r"[^\t\n -~\u00a0-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]", outcome.output
    )
    assert not re.search(r"^\s*::", scrub.github(outcome.output), re.MULTILINE)


def killed_in_the_middle(box: Spec) -> None:
    code = f"from pathlib import PosixPath\nfrom assay.sandbox import *\nrun({box!r})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as supervisor:
        deadline = time.monotonic() + 20
        while len(descendants(supervisor.pid)) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        pids = descendants(supervisor.pid)
        assert len(pids) >= 5
        supervisor.kill()
    deadline = time.monotonic() + 1
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [pid for pid in pids if alive(pid)]


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    return False


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path: Path, machine: Machine, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    files, expect = read(path, machine)
    (site.root / "snippets").mkdir()
    site.write(files)
    if link := expect.one("link"):
        (site.root / link).symlink_to(machine.canary)
    with monkeypatch.context() as patch:
        if expect.one("no_sandbox"):
            patch.setattr(bwrap, "binary", lambda: refusing(machine.canary.parent.parent))
        result = site.assay("check")
    said = result.output + result.error
    assert re.fullmatch(expect.one("exit"), str(result.code)), said
    for finding in expect.all("finding"):
        assert any(re.match(finding, line) for line in result.findings), said
    for error in expect.all("error"):
        assert error in said
    published = [said, *(text(file) for file in site.root.rglob("*") if not file.is_symlink())]
    for never in expect.all("never"):
        assert never not in "".join(published)
    if expect.one("then_passes"):
        site.page("# Page\n\n```go\npackage main\n\nfunc main() { println(1) }\n```\n")
        result = site.assay("check", "--no-cache")
        assert result.code == 0, result.output + result.error


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def refusing(folder: Path) -> Path:
    """A program that says what bubblewrap says where namespaces are forbidden."""
    program = folder / "refusing-bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    return program
