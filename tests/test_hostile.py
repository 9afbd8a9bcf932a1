"""Attacks on the sandbox: each case ends as it says, and harms nothing.

tests/attacks.py says what a case is. ASSAY_UPDATE=1 records how each came out; the record and
the cases make docs/security/attacks.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from assay import interpreter, scrub
from assay.process import Outcome, Verdict
from assay.sandbox import Limits, Spec, bwrap, cgroup, own, run, sandbox_uid, scratch
from assay.toolchains import cache_dir
from attacks import (
    PAGES,
    PROGRAMS,
    RESULTS,
    Expect,
    Machine,
    descendants,
    left_of,
    machine,
    read,
    record,
    spec,
    watching,
)
from conftest import Site

__all__ = ["machine"]
ROOT = Path(__file__).parent.parent
# Attacks that don't wait for something: they take what they can.
CROWD = {f"{n:02}" for n in (1, 2, 6, 7, 8, 9, 10, 11, 14, 16, 17, 18, 19, 20, 29, 30)}
ROOMY = Limits(wall_s=60.0, cpu_s=60)
HARMLESS = "# Page\n\n```go\npackage main\n\nfunc main() { println(1) }\n```\n"


def test_what_is_left_over_is_seen_and_whose_it_is() -> None:
    with contextlib.ExitStack() as stack:
        other = stack.enter_context(subprocess.Popen(["sleep", "1000"]))
        seen = stack.enter_context(watching())
        own_one = stack.enter_context(subprocess.Popen(["sleep", "1000"]))
        for child in (other, own_one):
            stack.callback(child.kill)
        deadline = time.monotonic() + 10
        while own_one.pid not in seen.started and time.monotonic() < deadline:
            time.sleep(0.01)
        other.kill()  # dead, and not reaped
        assert [line.split()[0] for line in left_of(seen)] == [str(own_one.pid)]
        own_one.kill()
        (line,) = left_of(seen)
        assert line.rpartition(") ")[2][0] == "Z", "what nobody has reaped is left over too"
    assert left_of(seen) == []


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(path: Path, machine: Machine) -> None:
    files, expect = read(path, machine)
    if expect.one("tier") == "strict" and (reason := cgroup.missing()):
        pytest.skip(reason)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch.folder(None))
        box = spec(files, expect.limits(), folder)
        if expect.one("kill_supervisor"):
            killed_in_the_middle(box)
            record(path.stem, "nothing left")
            return
        seen = stack.enter_context(watching())
        pool = stack.enter_context(ThreadPoolExecutor())
        beside = [
            pool.submit(run, Spec(("/bin/bash", "-c", "sleep 0.2 & wait; echo fine")))
            for _ in range(int(expect.one("beside", "0")))
        ]
        outcome = run(box)
        assert [other.result().output for other in beside] == ["fine\n"] * len(beside)
    judge(outcome, expect)
    assert seen.most <= int(expect.one("most_processes", "1000000"))
    shown = expect.one("output")
    record(path.stem, f"{outcome.describe()}: {shown}" if shown else outcome.describe())


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
    code = f"""
import mutate_sandbox
from pathlib import PosixPath
from assay.sandbox import *
run({box!r})
"""
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
    for pid in pids:  # this process is their subreaper, as a machine's init otherwise is
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


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
    for link in expect.all("link"):
        (site.root / link).symlink_to(machine.canary)
    for fifo in expect.all("fifo"):
        os.mkfifo(site.root / fifo)
    began = time.monotonic()
    with monkeypatch.context() as patch, scratch.folder(None) as folder:
        if expect.one("no_sandbox"):
            patch.setattr(bwrap, "binary", lambda: refusing(folder))
            patch.setenv("ASSAY_CACHE", str(folder / "cache"))  # nothing was probed there
        result = site.assay("check")
    assert time.monotonic() - began <= float(expect.one("within", "120"))
    said = result.output + result.error
    assert re.fullmatch(expect.one("exit"), str(result.code)), said
    for finding in expect.all("finding"):
        assert any(re.match(finding, line) for line in result.findings), said
    for error in expect.all("error"):
        assert error in said
    published = [said, *map(text, site.root.rglob("*"))]
    for never in expect.all("never"):
        assert never not in "".join(published)
    first = [*result.findings, "no finding"][0].partition(": ")
    seen = machine.shown(f"exit {result.code}: {first[2] or first[0]}")
    record(path.stem, re.sub(r":( \d+)+ ", " ", seen)[:200])
    (site.root / "assay.toml").unlink(missing_ok=True)
    site.page(HARMLESS)
    result = site.assay("check")
    assert result.code == 0, result.output + result.error


def text(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")


def refusing(folder: Path) -> Path:
    """A program that says what bubblewrap says where namespaces are forbidden."""
    program = folder / "refusing-bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    return program


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="this whole run is a plain user's already")
def test_everything_again_as_a_plain_user(tmp_path: Path) -> None:
    uid = sandbox_uid()
    assert uid
    with scratch.folder(None) as home:
        cache = home / "cache"
        cache.mkdir()
        for name in ("gobuild", "gomod"):  # the same user's in a root's run
            (cache / name).symlink_to(cache_dir() / name)
        for name in ("drawing", "modules", "python", "tools", "warm"):
            subprocess.run(["cp", "-a", cache_dir() / name, cache], check=False)
        own(home)
        argv = ["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--tb=short"]
        argv += ["-n", "2", "--basetemp", str(home / "tests")]
        argv += ["tests/test_hostile.py", "tests/test_sandbox.py", "tests/test_starved.py"]
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(home), "USER": "plain", "TMPDIR": str(home),
            "ASSAY_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join((sysconfig.get_path("purelib"), str(ROOT / "plugins"))),
            **{k: v for k, v in os.environ.items() if k == "ASSAY_UPDATE"},
            "ASSAY_RESULTS": str(home / "results.json"),
        }  # fmt: skip
        python = interpreter.python_mounts(cache_dir())[0].source / "bin" / "python3"
        ran = subprocess.run(
            [str(python), *argv], cwd=ROOT, env=environment, user=uid, group=uid, extra_groups=[],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout[-6000:]
        merge(home / "results.json")


def merge(place: Path) -> None:
    """Add what a plain user's run recorded to the record."""
    if place.exists():
        for case, verdicts in json.loads(place.read_text())["cases"].items():
            known = json.loads(RESULTS.read_text())
            known["cases"].setdefault(case, {})["user"] = verdicts["user"]
            RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


@pytest.mark.slow
def test_two_hundred_harmless_programs_beside_twenty_attacks(machine: Machine) -> None:
    attacks = [path for path in PROGRAMS if path.stem[:2] in CROWD]
    assert len(attacks) >= 10
    with scratch.folder(None) as folder, ThreadPoolExecutor(24) as pool:
        boxes = []
        for number in range(20):
            files, expect = read(attacks[number % len(attacks)], machine)
            place = folder / str(number)
            place.mkdir()
            boxes.append(spec(files, replace(expect.limits(), wall_s=8.0), place))
        own(folder)
        hostile = [pool.submit(run, box) for box in boxes]
        script = "for i in 1 2; do sleep 0.02 & done; wait; echo $((6 * 7)) | cat; echo x >/tmp/x"
        harmless = [
            pool.submit(run, Spec(("/bin/bash", "-c", f"{script}; echo {n}"), limits=ROOMY))
            for n in range(200)
        ]
        seen = [(future.result().describe(), future.result().output) for future in harmless]
        assert seen == [("exit 0", f"42\n{n}\n") for n in range(200)]
        ends = [future.result().verdict for future in hostile]
    assert Verdict.SANDBOX_ERROR not in ends
    assert Verdict.TIMEOUT in ends
