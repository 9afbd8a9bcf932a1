from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assay import process
from assay.errors import SandboxUnavailableError
from assay.process import Outcome, Verdict
from assay.sandbox import (
    Limits,
    Mount,
    Shell,
    ShellEnded,
    Spec,
    bwrap,
    cgroup,
    own,
    probe,
    reachable,
    run,
    sandbox_uid,
    scratch,
    seccomp,
)

PYTHON = "/usr/bin/python3"


def bash(script: str, *mounts: Mount, **limits: float) -> Outcome:
    return run(Spec(("/bin/bash", "-c", script), mounts, limits=Limits(**limits)))  # type: ignore[arg-type]


def python(script: str, **limits: float) -> Outcome:
    return run(Spec((PYTHON, "-c", script), limits=Limits(**limits)))  # type: ignore[arg-type]


@contextlib.contextmanager
def shell(*mounts: Mount, **limits: float) -> Iterator[Shell]:
    with Shell(Spec((), mounts, limits=Limits(**limits))) as opened:  # type: ignore[arg-type]
        yield opened


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = os.listdir("/proc/self/fd")
    yield
    assert process.live() == 0
    deadline = time.monotonic() + 2  # the watchdog may just be looking
    while len(os.listdir("/proc/self/fd")) > len(before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(os.listdir("/proc/self/fd")) <= len(before)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that the sandbox's user may enter, unlike pytest's own."""
    path = scratch.default() / f"test-{os.getpid()}-{tmp_path.name}"
    path.mkdir()
    yield path
    scratch.remove(path)


# How programs end


@pytest.mark.parametrize(
    ("script", "ends"),
    [
        ("exit 0", "exit 0"),
        ("exit 3", "exit 3"),
        ("exit 137", "exit 137"),
        ("exit 143", "exit 143"),
        ("kill -9 $$", "signal 9"),
        ("kill -15 $$", "signal 15"),
        ("kill -SEGV $$", "signal 11"),
        ("kill -PIPE $$", "signal 13"),
        ("(sleep 0.1; kill -CONT $$) & kill -STOP $$; exit 137", "exit 137"),
        ("kill -9 -1", "signal 9"),
        ("kill -9 1; exit 7", "exit 7"),
    ],
)
def test_exit_code_or_signal(script: str, ends: str) -> None:
    assert bash(script).describe() == ends


def test_signal_and_exit_are_told_apart_every_time() -> None:
    scripts = ["kill -9 $$", "exit 137"] * 30
    with ThreadPoolExecutor(4) as pool:
        ends = [outcome.describe() for outcome in pool.map(bash, scripts)]
    assert ends == ["signal 9", "exit 137"] * 30


def test_standard_input_and_both_streams_in_order() -> None:
    spec = Spec(("/bin/bash", "-c", "echo a; echo b >&2; cat"))
    data = b"x" * 40_000 + b"\n"
    assert run(spec, data).output == "a\nb\n" + data.decode()


def test_a_program_that_is_not_there() -> None:
    outcome = run(Spec(("/nonexistent",)))
    assert outcome.verdict is Verdict.SANDBOX_ERROR
    assert outcome.output == "/nonexistent: command not found\n"
    assert not outcome.ok


# Limits


@pytest.mark.parametrize(
    "script",
    [
        "echo before; while :; do :; done",
        "echo before; trap '' TERM INT HUP; while :; do :; done",
        "echo before; kill -STOP $$",
        "echo before; sleep 100",
        "echo before; exec >&- 2>&-; sleep 100",
    ],
)
def test_timeout_keeps_what_was_said(script: str) -> None:
    outcome = bash(script, wall_s=0.4)
    assert outcome.describe() == "timeout after 0.4 s"
    assert outcome.output == "before\n"
    assert outcome.wall_ms < 3000


def test_processor_time() -> None:
    outcome = bash("while :; do :; done", cpu_s=1, wall_s=30)
    assert outcome.describe() == "timeout after 1 s"


@pytest.mark.parametrize("bomb", [":(){ :|:& };:", "while :; do setsid sleep 100 & done"])
def test_fork_bomb_leaves_others_alone(bomb: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        hostile = pool.submit(bash, bomb, wall_s=1.5)
        others = [pool.submit(bash, "sleep 0.1 & wait; echo fine") for _ in range(5)]
        assert [other.result().output for other in others] == ["fine\n"] * 5
        assert hostile.result().verdict in {Verdict.EXIT, Verdict.TIMEOUT, Verdict.OUTPUT_LIMIT}


def test_process_limit() -> None:
    script = """
import os, time
count = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(100)
        count += 1
except BlockingIOError:
    print(count)
"""
    assert 40 < int(python(script, processes=64).output) < 64


MEMORY = {
    "many processes": """
import os, time
for _ in range(6):
    if os.fork() == 0:
        block = b"x" * (64 << 20)
        time.sleep(100)
time.sleep(100)""",
    "shared memory": """
import mmap
block = mmap.mmap(-1, 1 << 30)
for at in range(0, 1 << 30, 4096):
    block[at] = 1
print("not reached")""",
}


@pytest.mark.parametrize("script", MEMORY.values(), ids=MEMORY)
def test_memory_of_the_whole_tree(script: str) -> None:
    outcome = python(script, memory_mb=200, wall_s=30)
    assert outcome.describe() == "memory limit of 200 MiB"
    assert outcome.output == ""


def test_a_program_waits_until_it_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    real, watched = process.Child.adopt, []

    def adopt(child: process.Child, pid: int) -> None:
        time.sleep(0.3)
        watched.append(time.time())
        real(child, pid)

    monkeypatch.setattr(process.Child, "adopt", adopt)
    assert float(python("import time; print(time.time())").output) > watched[0]


def test_memory_of_one_process_is_refused_not_killed() -> None:
    outcome = python("bytearray(2 << 30)", memory_mb=256)
    assert outcome.describe() == "exit 1"
    assert "MemoryError" in outcome.output


def test_shared_pages_count_once() -> None:
    script = """
import os, time
block = b"x" * (100 << 20)
for _ in range(5):
    if os.fork() == 0:
        time.sleep(0.5)
        os._exit(0)
time.sleep(0.6)
print("fine")"""
    assert python(script, memory_mb=256).output == "fine\n"


@pytest.mark.parametrize(
    "script",
    ["yes", "yes >&2", "yes & yes >&2", "head -c 500M /dev/zero", "yes | tr -d '\\n'"],
)
def test_output_limit(script: str) -> None:
    outcome = bash(script, output_kb=64)
    assert outcome.describe() == "output limit of 64 KiB"
    assert len(outcome.output.replace("\\x00", "0")) == 64 << 10
    assert outcome.wall_ms < 3000


def test_folders_in_memory_are_small() -> None:
    script = """
for path in /work /tmp /dev/shm; do
    head -c 20M /dev/zero >$path/file || echo "$path is full"
done 2>/dev/null"""
    output = bash(script, work_mb=8, tmp_mb=8).output
    assert output == "/work is full\n/tmp is full\n/dev/shm is full\n"


def test_file_size() -> None:
    outcome = bash("truncate -s 1T /work/file", file_mb=4)
    assert outcome.code == 128 + signal.SIGXFSZ or outcome.code == signal.SIGXFSZ


def test_an_overlay_is_thrown_away(folder: Path) -> None:
    (folder / "file").write_text("before\n")
    own(folder)
    overlay = Mount(folder, "/page", "overlay")
    outcome = bash("cd /page; cat file; echo after >file; cat file; mkdir d; ls", overlay)
    assert outcome.output == "before\nafter\nd\nfile\n"
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert (folder / "file").read_text() == "before\n"
    assert not list(scratch.default().glob(f"box-{os.getpid()}-*"))


def test_an_overlay_is_limited(folder: Path) -> None:
    own(folder)
    overlay = Mount(folder, "/page", "overlay")
    script = "for i in {1..400}; do head -c 4M /dev/zero >/page/$i; sleep 0.01; done; echo done"
    outcome = bash(script, overlay, work_mb=16)
    assert outcome.describe() == "output limit of 16 MiB"
    assert outcome.output == ""


def test_read_only_and_writable_mounts(folder: Path) -> None:
    (folder / "ro").mkdir()
    (folder / "rw").mkdir()
    own(folder)
    mounts = Mount(folder / "ro", "/a"), Mount(folder / "rw", "/b", "rw")
    outcome = bash("touch /a/x || echo refused; touch /b/x", *mounts)
    assert outcome.output.splitlines()[-1] == "refused"
    assert [path.name for path in (folder / "rw").iterdir()] == ["x"]


# What a box sees


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "secret")
    spec = Spec(("/usr/bin/env",), env=(("PATH", "/usr/bin:/bin"), ("GREETING", "hello")))
    output = run(spec).output
    names = {line.partition("=")[0] for line in output.splitlines()}
    assert names == {"PATH", "GREETING", "SHLVL", "_"}  # the last two are any shell's


def test_nothing_of_the_machine() -> None:
    hidden = ["/root", "/home", "/etc/shadow", "/run/docker.sock", "/sys", "/var", str(Path.cwd())]
    output = bash("ls -d " + " ".join(hidden)).output
    assert output.count("No such file or directory") == len(hidden)
    assert bash("hostname; whoami; getent hosts localhost | wc -l").output == "sandbox\nuser\n1\n"


def test_processes_and_arguments() -> None:
    assert len(bash("ls -d /proc/[0-9]*").output.splitlines()) <= 6
    output = bash("cat /proc/1/cmdline /proc/2/cmdline").output
    assert str(bwrap.binary().parent) not in output
    assert bash("ls /proc/self/fd").output.split() == ["0", "1", "2", "3"]  # 3 is what ls opens


@pytest.mark.parametrize("path", ["/file", "/usr/file", "/dev/file", "/etc/hosts", "/proc/sys/x"])
def test_nothing_can_be_written(path: str) -> None:
    assert not bash(f": >{path}").ok


def test_a_listener_of_the_machine_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        assert "refused" in bash(f"exec 3<>/dev/tcp/127.0.0.1/{port}").output
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_way_out_of_the_network() -> None:
    for address in ("192.0.2.1", "169.254.169.254"):
        assert "unreachable" in bash(f"exec 3<>/dev/tcp/{address}/80").output


SYSTEM_CALLS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name, *arguments in {calls}:
    result = libc[name](*arguments)
    print(name, os.strerror(ctypes.get_errno()) if result == -1 else "allowed")
"""


def test_refused_system_calls() -> None:
    calls: list[tuple[str, *tuple[int | bytes, ...]]] = [
        ("ptrace", 0, 0, 0, 0), ("unshare", 0x10000000), ("mount", 0, b"/work", b"tmpfs", 0, 0),
        ("chroot", b"/"), ("acct", 0), ("adjtimex", 0), ("swapoff", b"/x"),
    ]  # fmt: skip
    lines = python(SYSTEM_CALLS.format(calls=repr(calls))).output.splitlines()
    assert lines == [f"{call[0]} Operation not permitted" for call in calls]


def test_socket_families() -> None:
    script = """
import socket
for family, kind in [(1, 1), (2, 1), (10, 1), (16, 3), (40, 1), (17, 3), (38, 5)]:
    try:
        socket.socket(family, kind).close()
        print(family)
    except OSError as error:
        print(family, error.strerror)
"""
    refused = "Address family not supported by protocol"
    expected = ["1", "2", "10", "16", f"40 {refused}", f"17 {refused}", f"38 {refused}"]
    assert python(script).output.splitlines() == expected


def test_root_stays_outside() -> None:
    uid = sandbox_uid()
    assert (uid is None) == (os.geteuid() != 0)
    outcome = bash("grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status; id -u")
    assert "CapEff:\t0000000000000000" in outcome.output
    assert outcome.output.endswith("1000\n")


def test_committed_filters_are_the_generated_ones() -> None:
    for architecture in seccomp.ARCHITECTURES:
        assert seccomp.path(architecture).read_bytes() == seccomp.program(architecture)


def answer(filtered: bytes, architecture: int, number: int, *arguments: int) -> int:
    """Run a filter as the kernel does; return what becomes of a call."""
    code = list(struct.iter_unpack("<HBBI", filtered))
    data = struct.pack("<IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    at = value = 0
    while True:
        operation, yes, no, k = code[at]
        if operation == 0x06:
            return int(k)
        if operation == 0x20:
            (value,) = struct.unpack_from("<I", data, k)
        else:
            holds = {0x15: value == k, 0x35: value >= k, 0x45: bool(value & k)}[operation]
            at += yes if holds else no
        at += 1


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
def test_what_a_filter_answers(machine: str) -> None:
    filtered = seccomp.path(machine).read_bytes()
    column = list(seccomp.ARCHITECTURES).index(machine)
    own = seccomp.ARCHITECTURES[machine]
    allowed, refused, missing, killed = 0x7FFF0000, 0x50001, 0x50026, 0x80000000
    for name, numbers in seccomp.DENIED.items():
        if (number := numbers[column]) is not None:
            assert answer(filtered, own, number) == refused, name
            for other in {*seccomp.ARCHITECTURES.values(), 0x40000003} - {own}:
                assert answer(filtered, other, number) == killed, name
            if machine == "x86_64":  # the same calls under the numbers of x32
                assert answer(filtered, own, number | 1 << 30) == missing, name
    clone, clone3 = (56, 220)[column], 435
    assert answer(filtered, own, clone, 0x11) == allowed
    assert answer(filtered, own, clone, 0x10000011) == refused
    assert answer(filtered, own, clone3) == missing
    assert answer(filtered, own, (0, 63)[column]) == allowed  # read


# Nothing is left


def test_background_programs_end_with_their_box() -> None:
    outcome = bash("sleep 1000 & (setsid sleep 1000 &) ; echo done")
    assert (outcome.output, outcome.ok) == ("done\n", True)
    assert outcome.wall_ms < 2000


def test_background_programs_end_with_their_shell() -> None:
    marker = f"sleep 1000.{os.getpid()}"
    with shell() as page:
        page.run(f"setsid {marker} & sleep 0.3", timeout_s=5)
        assert commands().count(marker) == 1
    assert commands().count(marker) == 0


def commands() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
    return found


def test_no_box_outlives_a_killed_assay() -> None:
    marker = f"sleep 1000.{os.getpid()}"
    code = f"""
from assay.sandbox import *
with Shell(Spec((), limits=Limits(wall_s=60))) as shell:
    shell.run("(setsid {marker} &) ; {marker}", timeout_s=60)
"""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as supervisor:
        deadline = time.monotonic() + 20
        while commands().count(marker) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert commands().count(marker) == 2
        supervisor.kill()
    deadline = time.monotonic() + 1
    while commands().count(marker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert commands().count(marker) == 0
    boxes = list(scratch.default().glob(f"box-{supervisor.pid}-*"))
    assert len(boxes) == 1
    scratch.sweep(scratch.default())
    assert not boxes[0].exists()


@pytest.mark.slow
def test_two_hundred_boxes_leak_nothing() -> None:
    bash("true")
    descriptors, children = len(os.listdir("/proc/self/fd")), own_children()
    for _ in range(200):
        assert bash("sleep 100 & true").ok
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert own_children() == children


def own_children() -> set[str]:
    paths = Path("/proc/self/task").glob("*/children")
    return {pid for path in paths for pid in path.read_text().split()}


def test_interruption_ends_everything() -> None:
    ended: list[type[BaseException]] = []

    def wait(work: str) -> None:
        try:
            if work == "shell":
                with shell() as page:
                    page.run("sleep 100", timeout_s=60)
            elif work == "box":
                bash("sleep 100", wall_s=60)
            else:
                process.run_trusted(["sleep", "100"], env={}, cwd="/", timeout_s=60)
        except process.Cancelled as error:
            ended.append(type(error))

    threads = [threading.Thread(target=wait, args=[work]) for work in ("shell", "box", "trusted")]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while process.live() < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    process.kill_all()
    try:
        for thread in threads:
            thread.join(10)
        assert ended == [process.Cancelled] * 3
        with pytest.raises(process.Cancelled):
            bash("true")
    finally:
        process.resume()
    assert bash("true").ok


# Trusted steps


def test_trusted_steps(tmp_path: Path) -> None:
    def trusted(script: str, timeout_s: float = 10) -> Outcome:
        argv = ["/bin/sh", "-c", script]
        return process.run_trusted(argv, env={"A": "1"}, cwd=tmp_path, timeout_s=timeout_s)

    outcome = trusted("pwd; echo $A >&2; exit 3")
    assert (outcome.describe(), outcome.output) == ("exit 3", f"{tmp_path}\n1\n")
    assert trusted("kill -9 $$").describe() == "signal 9"
    assert trusted("echo x; sleep 100", 0.3).describe() == "timeout after 0.3 s"
    marker = f"1000.{os.getpid()}"
    assert trusted(f"sleep {marker} & echo $!").ok
    assert f"sleep {marker}" not in commands()
    started = process.count()
    assert trusted("true").ok
    assert process.count() == started + 1


# The shell of a page


def test_one_shell_for_all_commands() -> None:
    with shell() as page:
        for command in ("x=5; cd /tmp", "greet() { echo hello $1; return 3; }", "alias a=b"):
            assert page.run(command, timeout_s=5).ok
        assert page.run("echo $x $PWD $0", timeout_s=5).output == "5 /tmp bash\n"
        outcome = page.run("greet you", timeout_s=5)
        assert (outcome.code, outcome.output) == (3, "hello you\n")
        assert page.run("echo $?", timeout_s=5).output == "3\n"
        here = "cat <<EOF\n  $x\n'quoted'\nEOF\necho end"
        assert page.run(here, timeout_s=5).output == "  5\n'quoted'\nend\n"
        assert page.run("echo a; echo b >&2; echo c", timeout_s=5).output == "a\nb\nc\n"
        assert page.run("cat", timeout_s=5).output == ""


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [
        ("nosuch", 127, "bash: nosuch: command not found\n"),
        ("cd /nosuch", 1, "bash: cd: /nosuch: No such file or directory\n"),
        ("echo )", 2, "bash: syntax error near unexpected token `)'\n"),
        ("if true; then", 2, "bash: syntax error: unexpected end of file\n"),
        ("sh -c 'kill -9 $$'", 137, "Killed\n"),
        ("sh -c 'kill -SEGV $$'", 139, "Segmentation fault\n"),
        ("bash -c nosuch", 127, "bash: line 1: nosuch: command not found\n"),
        ("exec /nosuch", 127, "bash: /nosuch: No such file or directory\n"),
    ],
)
def test_messages_read_as_on_a_terminal(command: str, code: int, output: str) -> None:
    with shell() as page:
        outcome = page.run(command, timeout_s=5)
        assert (outcome.code, outcome.output) == (code, output)


def test_background_server_and_its_log() -> None:
    with shell() as page:
        server = f"{PYTHON} -u -m http.server 8080 --bind localhost &"
        assert page.run(server, timeout_s=5, log="server").output == ""
        assert page.wait_port("localhost", 8080, 10)
        assert not page.wait_port("localhost", 8081, 0.2)
        client = f"{PYTHON} -c 'from urllib.request import urlopen; "
        client += 'print(urlopen("http://localhost:8080/").status)\''
        assert page.run(client, timeout_s=10).output == "200\n"
        assert page.run("kill %1; wait; echo gone", timeout_s=5).output == "gone\n"
        assert "GET / HTTP" in page.logs()["server"]


def test_interrupt_reaches_a_background_program() -> None:
    script = "trap 'echo bye; exit' INT; echo up; while :; do sleep 0.01; done"
    with shell() as page:
        page.run(f"bash -c {shlex.quote(script)} &", timeout_s=5, log="program")
        page.run("sleep 0.3; kill -INT $!; wait", timeout_s=5)
        assert page.logs() == {"program": "up\nbye\n"}


@pytest.mark.parametrize(
    ("command", "ends"),
    [
        ("exit 4", "exit 4"),
        ("exit 137", "exit 137"),
        ("kill -9 $$", "signal 9"),
        ("echo x; sleep 100", "timeout after 0.5 s"),
        ("yes", "output limit of 64 KiB"),
        ("set -e; false", "exit 1"),
    ],
)
def test_a_shell_that_ended_stays_ended(command: str, ends: str) -> None:
    with shell() as page:
        assert page.run(command, timeout_s=0.5).describe() == ends
        with pytest.raises(ShellEnded):
            page.run("true", timeout_s=1)


def test_a_background_program_cannot_answer_for_a_command() -> None:
    forger = """
(while sleep 0.01; do
    for fd in /proc/$$/fd/*; do echo "0 0" >$fd; printf '%032x 0\\n' 0 >$fd; done
done) >/dev/null 2>&1 &"""
    with shell() as page:
        page.run(forger, timeout_s=5)
        for _ in range(5):
            outcome = page.run("sleep 0.05; (exit 9)", timeout_s=5)
            assert outcome.describe() == "exit 9"  # what it wrote is output at most


def test_printed_answers_are_output() -> None:
    with shell() as page:
        outcome = page.run("echo 'done 0'; echo '0123 0' ; (exit 8)", timeout_s=5)
        assert (outcome.code, outcome.output) == (8, "done 0\n0123 0\n")
        assert page.run("ls /proc/self/fd", timeout_s=5).output.split() == ["0", "1", "2", "3"]


def test_a_log_that_became_a_link_is_not_followed() -> None:
    with shell() as page:
        page.run("echo text", timeout_s=5, log="first")
        assert page.logs() == {"first": "text\n"}
        page.run("rm /run/log/*; ln -s /etc/shadow /run/log/0", timeout_s=5)
        assert page.logs() == {"first": ""}


# Start-up


def test_probe_is_remembered(tmp_path: Path) -> None:
    tier = probe(tmp_path / "cache")
    started = process.count()
    assert probe(tmp_path / "cache") == tier
    assert process.count() == started
    assert json.loads((tmp_path / "cache" / "sandbox.json").read_text())["tier"] == tier


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("bwrap: setting up uid map: Permission denied", "kernel.apparmor_restrict_unprivileged"),
        (
            "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
            "kernel.apparmor_restrict",
        ),
        ("bwrap: No permissions to creating new namespace, likely because", "seccomp=unconfined"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "systempaths="),
        ("something new", "seccomp=unconfined"),
    ],
)
def test_refusal_names_the_remedy(
    said: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # a machine that forbids namespaces can't be had here: this program says what it would say
    refusing = scratch.default() / f"refusing-{os.getpid()}-{tmp_path.name}"
    refusing.write_text(f"#!/bin/sh\necho {json.dumps(said)} >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(bwrap, "binary", lambda: refusing)
    with pytest.raises(SandboxUnavailableError) as refusal:
        probe(tmp_path / "cache")
    refusing.unlink()
    assert remedy in str(refusal.value)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "cache" / "sandbox.json").exists()


def test_private_files_are_copied_once(tmp_path: Path, folder: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "tool").write_text("#!/bin/sh\necho works\n")
    (private / "tool").chmod(0o700)
    tool = reachable(private / "tool", folder)
    if sandbox_uid() is None:
        assert tool == private / "tool"
        return
    assert tool.is_relative_to(folder)
    assert reachable(private / "tool", folder) == tool
    assert reachable(Path("/usr/bin/env"), folder) == Path("/usr/bin/env")
    assert run(Spec(("/tool",), (Mount(tool, "/tool"),))).output == "works\n"
    (private / "tool").write_text("#!/bin/sh\necho works still\n")
    assert reachable(private / "tool", folder) != tool


def test_group_of_the_strict_tier(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # a plain folder stands in for a delegated group, which needs a machine set up for it
    files = "cgroup.procs", "memory.max", "memory.swap.max", "memory.oom.group", "pids.max"
    seen: dict[str, str] = {}
    real = Path.mkdir

    def mkdir(path: Path, mode: int = 0o777, **options: bool) -> None:
        real(path, mode, **options)
        if path.parent == tmp_path:
            for name in files:
                (path / name).write_text("")

    def remove(path: Path) -> None:
        seen.update({name: (path / name).read_text() for name in files})

    monkeypatch.setattr(cgroup, "base", lambda: tmp_path)
    monkeypatch.setattr(cgroup, "_remove", remove)
    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert bash("echo inside", memory_mb=100, work_mb=10, tmp_mb=10, shm_mb=5).output == "inside\n"
    assert seen["memory.max"] == str(125 << 20)
    assert (seen["memory.swap.max"], seen["memory.oom.group"]) == ("0", "1")
    assert int(seen["cgroup.procs"]) > 1
