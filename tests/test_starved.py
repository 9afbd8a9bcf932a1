"""A loaded machine makes boxes slow, never wrong; and a box that has ended ends at once."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from assay import process, streams
from assay.outcome import Verdict
from assay.sandbox import Limits, Mount, Shell, Spec, own, run, scratch, usage, watch
from assay.sandbox.launch import opened


def bash(script: str, **limits: float) -> Spec:
    return Spec(("/bin/bash", "-c", script), limits=Limits(**limits))  # type: ignore[arg-type]


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process gets its turn only half a second after it asked for it."""
    real = select.select

    def slow(*arguments: Any) -> Any:
        time.sleep(0.5)
        return real(*arguments)

    monkeypatch.setattr(select, "select", slow)


def test_output_that_came_in_time_is_no_timeout() -> None:
    read, write = os.pipe()
    os.write(write, b"all of it")
    os.close(write)
    data = bytearray()
    verdict = streams.pump(data, read, deadline=time.monotonic() - 5, budget=100)
    os.close(read)
    assert (verdict, bytes(data)) == (None, b"all of it")


def test_a_program_that_ended_in_time_is_no_timeout(late: None) -> None:
    outcome = run(bash("echo fine; exec 2>&-; echo more", wall_s=0.3))
    assert (outcome.describe(), outcome.output) == ("exit 0", "fine\nmore\n")


def test_a_command_that_ended_in_time_is_no_timeout(late: None) -> None:
    with Shell(Spec((), limits=Limits(wall_s=60))) as page:
        assert page.run("echo fine", timeout_s=0.3).output == "fine\n"
        assert page.run("exit 7", timeout_s=0.3).describe() == "exit 7"


def test_a_trusted_step_that_ended_in_time_is_no_timeout(late: None) -> None:
    outcome = process.run_trusted(["/bin/echo", "fine"], env={}, cwd="/", timeout_s=0.3)
    assert (outcome.describe(), outcome.output) == ("exit 0", "fine\n")


@pytest.mark.parametrize("seconds", [0.8, 30])
def test_waiting_for_a_processor_doesnt_count(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "starved", lambda _: 1000.0)
    outcome = run(bash(f"echo before; sleep {seconds}; echo after", wall_s=0.5))
    if seconds < 1:
        assert (outcome.describe(), outcome.output) == ("exit 0", "before\nafter\n")
    else:  # never more than as much again
        assert (outcome.describe(), outcome.output) == ("timeout after 0.5 s", "before\n")
        assert 900 < outcome.wall_ms < 3000


def test_a_program_without_a_processor_is_seen_to_wait() -> None:
    spin = "while :; do :; done"
    with open(os.devnull, "rb") as stdin:
        with opened(bash("sleep 60", wall_s=60), stdin.fileno()) as (box, _):
            time.sleep(0.2)
            idle = usage.starved(box.init)
        busy = bash(f"taskset -c 0 bash -c '{spin}' & taskset -c 0 bash -c '{spin}'", wall_s=60)
        with opened(busy, stdin.fileno()) as (box, _):
            deadline = time.monotonic() + 20
            while usage.starved(box.init) < idle + 0.3 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert usage.starved(box.init) >= idle + 0.3


def test_a_box_ends_at_once_whatever_its_outer_process_does() -> None:
    with (
        open(os.devnull, "rb") as stdin,
        opened(bash("setsid sleep 100 & sleep 100", wall_s=60), stdin.fileno()) as (box, _),
    ):
        os.kill(box.child.popen.pid, signal.SIGSTOP)
        inner = Path(f"/proc/{box.init}")
        began = time.monotonic()
        box.child.end()
        assert time.monotonic() - began < 1
        assert not inner.exists()
    assert process.live() == 0


def test_many_boxes_at_once_end_in_time() -> None:
    def seconds(_: int) -> float:
        began = time.monotonic()
        outcome = run(bash("read line; echo $line", wall_s=10), b"fine\n")
        assert (outcome.describe(), outcome.output) == ("exit 0", "fine\n")
        return time.monotonic() - began

    with ThreadPoolExecutor(8) as pool:
        took = sorted(pool.map(seconds, range(100)))
    assert took[-1] < 2 + 5 * took[len(took) // 2], took[-5:]


# What the watchdog costs, and what it sees


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    """A folder with many files, as a build cache is."""
    folder = scratch.default() / f"test-{os.getpid()}-{tmp_path.name}"
    for number in range(20):
        (folder / f"{number:02}").mkdir(parents=True)
        for name in range(50):
            (folder / f"{number:02}" / f"{name}").write_bytes(b"x" * 5000)
    old = time.time() - 1000
    for path in folder.iterdir():
        os.utime(path, (old, old))
    own(folder)
    yield folder
    scratch.remove(folder)


def test_old_files_of_a_cache_are_not_looked_at(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[str] = []
    real = os.scandir

    def scandir(path: str) -> Any:
        walked.append(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    now = time.time() + 5  # what was made up to now is old
    assert usage.written(cache, now, pruned=True) == 0
    assert walked == [str(cache)]
    (cache / "07" / "new").write_bytes(b"x" * 100_000)
    os.utime(cache / "07" / "new")
    walked.clear()
    assert usage.written(cache, time.time() - 1, pruned=True) >= 100_000
    assert walked == [str(cache), str(cache / "07")]


def test_a_cache_cannot_be_filled(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SHARED_AFTER_S", 0.1)
    script = "for i in {1..400}; do head -c 4M /dev/zero >/cache/07/$i; sleep 0.01; done; echo done"
    limits = Limits(work_mb=4, wall_s=60)
    spec = Spec(("/bin/bash", "-c", script), (Mount(cache, "/cache", "rw"),), limits=limits)
    outcome = run(spec)
    assert (outcome.describe(), outcome.output) == ("output limit of 4 MiB", "")


def test_a_fault_of_the_watchdog_ends_the_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(_: int, __: int) -> int:
        raise ValueError("a bug")

    monkeypatch.setattr(usage, "memory", fault)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    outcome = run(bash("sleep 30", wall_s=60))
    assert outcome.verdict is Verdict.SANDBOX_ERROR
    monkeypatch.undo()
    assert run(bash("echo fine")).output == "fine\n"
