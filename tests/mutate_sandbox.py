"""Take the sandbox's options away, one after the other: some test must notice each time.

    python tests/mutate_sandbox.py            # all of them; goes on where it was interrupted
    python tests/mutate_sandbox.py --again    # from the beginning
    python tests/mutate_sandbox.py NAME…      # these only

As a pytest plugin (`-p mutate_sandbox`, ASSAY_MUTATION=NAME+NAME) it takes options away in that
run. An option whose loss no test can notice names another that holds meanwhile, its backup; then
both are taken away. What came out is in tests/mutation.json and makes docs/security/mutation.md.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "tests" / "mutation.json"
STATE = ROOT / ".cache" / "soak" / "mutation.json"
_SUBREAPER = 36


@dataclass(frozen=True)
class Mutation:
    """One option: how to take it away, which tests notice, what else holds if none does."""

    what: str
    take: Callable[[], None]
    noticed: tuple[str, ...] = ()
    backup: str = ""
    why: str = ""
    root_only: bool = field(default=False)


def case(*names: str) -> tuple[str, ...]:
    """Name hostile cases as tests, by the start of their file names."""
    folder = ROOT / "tests" / "hostile"
    found = []
    for name in names:
        (path,) = folder.glob(f"{name}-*.txtar")
        kind = "page" if "\npage: yes\n" in path.read_text() else "program"
        found.append(f"tests/test_hostile.py::test_{kind}[{path.stem}]")
    return tuple(found)


def sandbox(*names: str) -> tuple[str, ...]:
    """Name tests of the sandbox."""
    return tuple(f"tests/test_sandbox.py::test_{name}" for name in names)


# How options are taken away


def arguments(change: Callable[[list[str]], list[str]]) -> Callable[[], None]:
    """Change what bubblewrap is told."""

    def take() -> None:
        from assay.sandbox import bwrap

        real = bwrap.arguments
        bwrap.arguments = lambda *a, **k: change(real(*a, **k))

    return take


def without(*sought: str, put: tuple[str, ...] = ()) -> Callable[[], None]:
    """Leave out a run of arguments, or put others in its place."""

    def change(args: list[str]) -> list[str]:
        for at in range(len(args)):
            if tuple(args[at : at + len(sought)]) == sought:
                return [*args[:at], *put, *args[at + len(sought) :]]
        raise SystemExit(f"bubblewrap isn't told {sought}")

    return arguments(change)


def unshared(left_out: str) -> Callable[[], None]:
    """Make all namespaces but one."""
    kinds = {"ipc", "pid", "net", "uts", "cgroup"} - {left_out}
    return without("--unshare-all", put=tuple(f"--unshare-{kind}" for kind in sorted(kinds)))


def unsized(target: str, *, whole: bool = False) -> Callable[[], None]:
    """Leave a tmpfs without a size, or leave it out."""

    def change(args: list[str]) -> list[str]:
        at = args.index("--tmpfs", args.index(target) - 1)
        assert args[at - 2] == "--size"
        if whole:  # with its permissions
            return [*args[: at - 4], *args[at + 2 :]]
        return [*args[: at - 2], *args[at:]]

    return arguments(change)


def written_through() -> Callable[[], None]:
    """Bind the sources of overlays themselves."""

    def change(args: list[str]) -> list[str]:
        at = args.index("--overlay-src")
        return [*args[:at], "--bind", args[at + 1], args[at + 5], *args[at + 6 :]]

    return arguments(change)


def unlinked(name: str) -> Callable[[], None]:
    """Leave out one file of /etc."""

    def take() -> None:
        from assay.sandbox import bwrap

        bwrap.ETC = {k: v for k, v in bwrap.ETC.items() if k != name}
        vars(bwrap)["ETC_FROM_HOST"] = tuple(n for n in bwrap.ETC_FROM_HOST if n != name)

    return take


def topless(name: str) -> Callable[[], None]:
    """Leave out one link to /usr."""

    def take() -> None:
        from assay.sandbox import bwrap

        vars(bwrap)["TOP"] = tuple(n for n in bwrap.TOP if n != name)

    return take


def unlimited(*text: str) -> Callable[[], None]:
    """Leave a part out of the program that sets the limits inside."""

    def take() -> None:
        from assay.sandbox import launch

        real = launch._launcher

        def launcher(*a: Any, **k: Any) -> str:
            program = real(*a, **k)
            for pattern in text:
                program, count = re.subn(pattern, "", program)
                assert count == 1, f"{pattern} is {count} times in the launcher"
            return program

        launch._launcher = launcher

    return take


def patched(module: str, name: str, value: Any) -> Callable[[], None]:
    """Put something else in the place of a function."""

    def take() -> None:
        import importlib

        place = importlib.import_module(f"assay.{module}")
        assert hasattr(place, name)
        setattr(place, name, value)

    return take


def allowed(*calls: str) -> Callable[[], None]:
    """Take system calls out of the filter."""

    def take() -> None:
        from assay.sandbox import seccomp

        seccomp.DENIED = {k: v for k, v in seccomp.DENIED.items() if k not in calls}
        refiltered(seccomp.program)

    return take


def refiltered(program: Callable[[str], bytes]) -> None:
    """Use a filter that is made now instead of the committed one."""
    import platform
    import tempfile

    from assay.sandbox import seccomp

    with tempfile.NamedTemporaryFile(suffix=".bpf", delete=False) as file:
        file.write(program(platform.machine()))
    vars(seccomp)["path"] = lambda _: Path(file.name)


def part_of_filter(**constants: Any) -> Callable[[], None]:
    """Change constants from which the filter is made."""

    def take() -> None:
        from assay.sandbox import seccomp

        for name, value in constants.items():
            assert hasattr(seccomp, name)
            setattr(seccomp, name, value)
        refiltered(seccomp.program)

    return take


def any_architecture() -> None:
    """Let the filter read the numbers of other instruction sets as its own."""
    import struct

    from assay.sandbox import seccomp

    real = seccomp.program
    size = struct.calcsize("<HBBI")
    # behind the loading of the architecture: a test of it and a kill
    refiltered(lambda machine: real(machine)[3 * size :])


def late(seconds: float) -> Callable[[], None]:
    """Let the clock run on."""

    def take() -> None:
        from assay import streams

        real = streams.pump

        def pump(*a: Any, deadline: float, **k: Any) -> Any:
            return real(*a, deadline=deadline + seconds, **k)

        streams.pump = pump

    return take


def generous(factor: int) -> Callable[[], None]:
    """Read more output than the budget."""

    def take() -> None:
        from assay import streams

        real = streams.pump

        def pump(*a: Any, budget: int, **k: Any) -> Any:
            return real(*a, budget=factor * budget, **k)

        streams.pump = pump

    return take


def inherited() -> None:
    """Start boxes with this process's environment."""
    from assay import process

    real = process.start

    def start(*a: Any, env: Any, **k: Any) -> Any:
        return real(*a, env=env or dict(os.environ), **k)

    process.start = start


def told_openly() -> None:
    """Give bubblewrap its arguments where /proc shows them."""
    started_otherwise(lambda argv: [argv[0], *words(argv), *argv[3:]])


def at_once() -> None:
    """Let a program start before anything watches it."""

    def unheld(argv: list[str]) -> list[str]:
        told = words(argv)
        at = told.index("--block-fd")
        os.truncate(int(argv[2]), 0)
        os.pwrite(
            int(argv[2]), "".join(f"{w}\0" for w in [*told[:at], *told[at + 2 :]]).encode(), 0
        )
        return argv

    started_otherwise(unheld)


def words(argv: list[str]) -> list[str]:
    """Read what bubblewrap is told through a descriptor."""
    return os.pread(int(argv[2]), 1 << 20, 0).decode().split("\0")[:-1]


def started_otherwise(change: Callable[[list[str]], list[str]]) -> None:
    """Start bubblewrap by another command."""
    from assay import process

    real = process.start
    process.start = lambda argv, **k: real(change(argv) if argv[0] == "bwrap" else argv, **k)


def unfiltered() -> None:
    """Start boxes without a filter."""
    from assay.sandbox import launch

    real = launch._arguments
    launch._arguments = lambda *a: real(*a)[:-2]


def namespaces_allowed() -> None:
    """Take the calls that make namespaces out of the filter."""
    from assay.sandbox import seccomp

    seccomp._CLONE_NEWUSER, seccomp._CLONE3 = 0, (1 << 20, 1 << 20)
    allowed("unshare", "setns")()


def visible(path: str) -> Callable[[], None]:
    """Show one more folder of the machine."""
    return arguments(lambda args: [*args, "--ro-bind-try", path, path])


LOOKING = ("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
           "process_madvise", "move_pages")  # fmt: skip
VIEW = ("mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
        "fsconfig", "fsmount", "fspick", "mount_setattr", "open_tree_attr", "name_to_handle_at",
        "open_by_handle_at")  # fmt: skip
SURFACES = ("bpf", "io_uring_setup", "io_uring_enter", "io_uring_register", "perf_event_open",
            "userfaultfd", "keyctl", "add_key", "request_key", "fanotify_init",
            "lookup_dcookie", "modify_ldt", "uselib", "sysfs", "nfsservctl")  # fmt: skip
WHOLE = ("clock_settime", "settimeofday", "adjtimex", "clock_adjtime", "reboot", "swapon",
         "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "init_module",
         "finit_module", "delete_module", "kexec_load", "kexec_file_load", "iopl", "ioperm",
         "vhangup")  # fmt: skip

NAMESPACES = ("unshare", "setns")

MUTATIONS: dict[str, Mutation] = {
    # namespaces
    "user namespace": Mutation("--unshare-user", without("--unshare-user"), case("46")),
    "ipc namespace": Mutation("--unshare-all without ipc", unshared("ipc"), case("23b")),
    "pid namespace": Mutation("--unshare-all without pid", unshared("pid"), case("23b")),
    "net namespace": Mutation("--unshare-all without net", unshared("net"), case("23b", "25")),
    "uts namespace": Mutation("--unshare-all without uts", unshared("uts"), case("23b")),
    "cgroup namespace": Mutation(
        "--unshare-all without cgroup", unshared("cgroup"), case("23b")
    ),
    "nested namespaces": Mutation(
        "--disable-userns", without("--disable-userns"), case("32"),
        "filter: new namespaces", "the filter refuses the calls that make them",
    ),
    "host name": Mutation("--hostname", without("--hostname", "sandbox"), case("23b")),
    "ids": Mutation("--uid, --gid", without("--uid", "1000", "--gid", "1000"), case("46")),
    "capabilities": Mutation(
        "--cap-drop ALL", without("--cap-drop", "ALL"), case("46"),
        "default capabilities", "bubblewrap gives a box none unless told to",
    ),
    "default capabilities": Mutation(
        "--cap-add ALL added", arguments(lambda args: [*args, "--cap-add", "ALL"]), case("46")
    ),
    # how a box ends, and from where it was started
    "death of the parent": Mutation("--die-with-parent", without("--die-with-parent"), case("34")),
    "new session": Mutation(
        "--new-session", without("--new-session"), case("31c"),
        "filter: terminals", "the filter refuses to type into a terminal, and no box has one",
    ),
    "hidden arguments": Mutation("--args FD", told_openly, case("23")),
    "held back": Mutation(
        "--block-fd", at_once, sandbox("a_program_waits_until_it_is_watched")
    ),
    # what a box sees
    "environment": Mutation(
        "--clearenv", without("--clearenv"), case("21"),
        "empty environment", "bubblewrap itself is started without an environment",
    ),
    "empty environment": Mutation(
        "bubblewrap without an environment", inherited, case("21"),
        "environment", "bubblewrap clears it",
    ),
    "/usr": Mutation("--ro-bind /usr", without("--ro-bind", "/usr", "/usr"), case("21")),
    "read-only /usr": Mutation(
        "--bind /usr", without("--ro-bind", "/usr", "/usr", put=("--bind", "/usr", "/usr")),
        case("15"), "another user", "/usr belongs to root, and boxes run as somebody else",
        root_only=True,
    ),
    "read-only mounts": Mutation(
        "--bind for mounts that are read-only",
        arguments(lambda args: ["--bind" if _mount(args, n) else a for n, a in enumerate(args)]),
        sandbox("read_only_and_writable_mounts"),
    ),
    "overlay": Mutation(
        "--bind for --overlay-src and --overlay", written_through(),
        sandbox("an_overlay_is_thrown_away"),
    ),
    "own /proc": Mutation("--proc", without("--proc", "/proc"), case("23")),
    "own /dev": Mutation("--dev", without("--dev", "/dev"), case("21")),
    "own /work": Mutation("--tmpfs /work", unsized("/work", whole=True), case("21")),
    "/dev read-only": Mutation("--remount-ro /dev", without("--remount-ro", "/dev"), case("15")),
    "/ read-only": Mutation("--remount-ro /", without("--remount-ro", "/"), case("15")),
    "no /root": Mutation("/root bound", visible("/root"), case("22")),
    "no /etc": Mutation("/etc/shadow bound", visible("/etc/shadow"), case("22")),
    "no /var": Mutation("/var bound", visible("/var"), case("22")),
    "no checkout": Mutation("the checkout bound", visible(str(ROOT)), case("22")),
    **{
        f"/{name}": Mutation(f"--symlink /{name}", topless(name), case("27b"))
        for name in ("bin", "lib", "lib64", "sbin")
    },
    **{
        f"/etc/{name}": Mutation(f"{option} /etc/{name}", unlinked(name), case("27b"))
        for option, names in (
            ("--file", ("group", "hosts", "nsswitch.conf", "passwd")),
            ("--ro-bind-try", ("alternatives", "ld.so.cache", "protocols", "services")),
        )
        for name in names
    },
    # limits
    "size of /work": Mutation("--size for /work", unsized("/work"), case("14")),
    "size of /tmp": Mutation("--size for /tmp", unsized("/tmp"), case("14")),
    "size of /dev/shm": Mutation("--size for /dev/shm", unsized("/dev/shm"), case("15")),
    "core files": Mutation("ulimit -c", unlimited(r"-c 0 "), case("36c")),
    "open files": Mutation("ulimit -n", unlimited(r"-n \d+ "), case("17c")),
    "processes": Mutation("ulimit -u", unlimited(r"-u \d+ "), case("46")),
    "memory of a process": Mutation("ulimit -d", unlimited(r"-d \d+ "), case("09")),
    "file size": Mutation("ulimit -f", unlimited(r"-f \d+ "), case("16")),
    "processor time": Mutation("ulimit -t", unlimited(r"ulimit -S.*"), case("01b")),
    "clock": Mutation("wall clock, four seconds late", late(4.0), case("01")),
    "output": Mutation("output budget times 64", generous(64), case("18")),
    "memory of a box": Mutation(
        "watchdog sees no memory", patched("sandbox.usage", "memory", lambda *_: 0), case("10")
    ),
    "disk of a box": Mutation(
        "watchdog sees no disk", patched("sandbox.usage", "written", lambda *_, **__: 0),
        case("14b"),
    ),
    "another user": Mutation(
        "root isn't given up", patched("sandbox.launch", "sandbox_uid", lambda: None),
        case("46"), root_only=True,
    ),
    # the filter
    "filter": Mutation("--seccomp", unfiltered, case("28")),
    "filter: other processes": Mutation("ptrace and its like", allowed(*LOOKING), case("31")),
    "filter: file systems": Mutation(
        "mount and its like", allowed(*VIEW), case("32"),
        "default capabilities", "the kernel wants capabilities for them, and boxes have none",
    ),
    "filter: new namespaces": Mutation(
        "unshare, setns, clone, clone3", namespaces_allowed, case("32"),
        "nested namespaces", "the kernel counts them, and bubblewrap sets the count",
    ),
    "filter: large surfaces": Mutation("bpf, io_uring and more", allowed(*SURFACES), case("31")),
    "filter: whole machine": Mutation(
        "clocks, modules and more", allowed(*WHOLE), sandbox("refused_system_calls")
    ),
    "filter: terminals": Mutation(
        "TIOCSTI, TIOCLINUX", part_of_filter(_TIOCSTI=1 << 20, _TIOCLINUX=1 << 21), case("31c")
    ),
    "filter: sockets": Mutation(
        "socket families", part_of_filter(FAMILIES=tuple(range(46))), case("28")
    ),
    "filter: instruction sets": Mutation("architecture", any_architecture, case("31b")),
    "filter: x32": Mutation(
        "the numbers of x32", part_of_filter(_X32_BIT=1 << 31),
        ("tests/test_sandbox.py::test_what_a_filter_answers[x86_64]",),
    ),
}  # fmt: skip
# What denies nothing, by how it begins.
HARMLESS = ("--bind", "--chdir", "--info-fd", "--perms", "--setenv", "--tmpfs /dev/shm",
            "--tmpfs /tmp")  # fmt: skip


def _mount(args: list[str], n: int) -> bool:
    """Whether a mount of the test is bound read-only here."""
    return args[n] == "--ro-bind" and args[n + 2] == "/a"


def apply(names: str) -> None:
    """Take options away in this process."""
    for name in names.split("+"):
        MUTATIONS[name].take()


# The run


def tried(names: tuple[str, ...], tests: tuple[str, ...]) -> list[str]:
    """Run tests without the options; return those that notice."""
    argv = [sys.executable, "-m", "pytest", "-q", "-rfE", "-p", "no:cacheprovider", "--tb=no"]
    environment = {
        **os.environ, "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT / 'plugins'}",
        "ASSAY_MUTATION": "+".join(names), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    if names:
        argv += ["-p", "mutate_sandbox"]
    ran = subprocess.run(
        [*argv, *tests], cwd=ROOT, env=environment, text=True, capture_output=True, check=False
    )
    clean_up()
    if ran.returncode not in (0, 1):
        raise SystemExit(
            f"mutate_sandbox: pytest failed:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
        )
    lines = [
        line.split(" ")[1] for line in ran.stdout.splitlines() if line[:6] in ("FAILED", "ERROR ")
    ]
    return sorted({line.partition("::test_")[2] for line in lines})


def clean_up() -> None:
    """End what a box without this or that option has left behind; this process inherits it."""
    for _ in range(100):
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        for pid in map(int, children):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if not children:
            break
    if os.geteuid() == 0:  # "read-only /usr" with "another user" writes exactly this
        Path("/usr/file").unlink(missing_ok=True)


def judged(name: str) -> dict[str, Any]:
    """Take one option away, and its backup too if that goes unnoticed."""
    mutation = MUTATIONS[name]
    made: dict[str, Any] = {"alone": tried((name,), mutation.noticed)}
    if not made["alone"] and mutation.backup:
        tests = tuple(dict.fromkeys((*mutation.noticed, *MUTATIONS[mutation.backup].noticed)))
        made["both"] = tried((name, mutation.backup), tests)
    return made


def state() -> str:
    """Name what the results depend on."""
    files = [*(ROOT / "plugins" / "assay" / "sandbox").glob("*"), Path(__file__)]
    files += [*(ROOT / "tests" / "hostile").glob("*.txtar"), ROOT / "tests" / "attacks.py"]
    files += [ROOT / "plugins" / "assay" / f"{n}.py" for n in ("process", "streams", "scrub")]
    digest = hashlib.sha256()
    for file in sorted(f for f in files if f.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:24]


def main(arguments: list[str]) -> int:
    """Run all mutations, or those that are named; tell which nothing notices."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    wanted = [a for a in arguments if a != "--again"] or list(MUTATIONS)
    known: dict[str, Any] = {}
    if STATE.exists() and "--again" not in arguments:
        kept = json.loads(STATE.read_text())
        known = kept["results"] if kept["state"] == state() else {}
    STATE.parent.mkdir(parents=True, exist_ok=True)
    todo = [
        n for n in wanted if n not in known and (os.geteuid() == 0 or not MUTATIONS[n].root_only)
    ]
    if todo:
        tests = tuple(dict.fromkeys(t for n in todo for t in MUTATIONS[n].noticed))
        if found := tried((), tests):
            raise SystemExit(f"mutate_sandbox: these fail with every option in place: {found}")
    for number, name in enumerate(todo, 1):
        began = time.monotonic()
        known[name] = judged(name)
        seen = known[name].get("both", known[name]["alone"])
        said = ", ".join(seen) or "NOTHING NOTICES"
        took = time.monotonic() - began
        print(f"{number}/{len(todo)} {name}: {said} ({took:.0f} s)", flush=True)  # noqa: T201 - a program tells
        STATE.write_text(json.dumps({"state": state(), "results": known}, indent=1) + "\n")
    if set(known) >= set(MUTATIONS):
        RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    missed = [n for n in wanted if n in known and not (known[n]["alone"] or known[n].get("both"))]
    for name in missed:
        print(f"nothing notices that {name!r} is gone", file=sys.stderr)  # noqa: T201 - a program tells
    return 1 if missed else 0


if os.environ.get("ASSAY_MUTATION") and __name__ != "__main__":
    apply(os.environ["ASSAY_MUTATION"])
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
