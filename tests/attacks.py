"""What the hostile cases have in common: how they are read, what they must not touch, the record.

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
    link            a file of the site that is a link to the secret
    fifo            a file of the site that is a named pipe
    tier            the tier that the case needs: skipped where a box has another
    no_sandbox      namespaces are forbidden
    kill_supervisor assay is killed while the program runs

`$CANARY_FILE`, `$CANARY_FOLDER` and `$CHECKOUT` are paths of this machine, `$CANARY_VALUE` a
secret that is in the file and in the environment, `$PORT` and `$ABSTRACT` a listener,
`$NAMESPACE_PID` and the like what this machine's namespaces are called, `$TOP` and `$ETC` what
a box has in / and /etc. A line
`$TIMES 300 text` stands for 300 times the text, in which `#` is the number and `\\n` a line end.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import resource
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from assay import process, txtar
from assay.sandbox import Limits, Mount, Spec, run, scratch

FOLDER = Path(__file__).parent / "hostile"
CASES = sorted(FOLDER.glob("*.txtar"))
PAGES = [path for path in CASES if "\npage: yes\n" in path.read_text(encoding="utf-8")]
PROGRAMS = [path for path in CASES if path not in PAGES]
RESULTS = FOLDER / "results.json"
SECRET = "CANARY-5eab1f0c"
ENV = (("PATH", "/usr/local/bin:/usr/bin:/bin"),)
NOTHING: Mapping[int, str] = {}
OWN_ETC = ("group", "hosts", "nsswitch.conf", "passwd")
_TOP = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = ("etc/alternatives", "etc/ld.so.cache", "etc/protocols", "etc/services")
_TIMES = re.compile(r"^(.*)\$TIMES (\d+) (.*)$", re.MULTILINE)


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
            "$SCRATCH": str(scratch.default()),
            "$TOP": " ".join(
                sorted(["dev", "etc", "proc", "src", "tmp", "usr", "work", *there(_TOP)])
            ),
            "$ETC": " ".join(sorted([*OWN_ETC, *(n[4:] for n in there(_ETC))])),
            **{
                f"$NAMESPACE_{name.upper()}": os.readlink(f"/proc/self/ns/{name}")
                for name in ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
            },
        }

    def fill(self, text: str) -> str:
        """Replace the names by what they are here."""
        for word, value in self.words.items():
            text = text.replace(word, value)
        return _TIMES.sub(_repeated, text)

    def shown(self, text: str) -> str:
        """Replace the paths of this machine by their names."""
        for word in ("$CANARY_FILE", "$CANARY_FOLDER"):
            text = text.replace(self.words[word], word)
        return text


def there(names: tuple[str, ...]) -> list[str]:
    """Which of these this machine has below /."""
    return [name for name in names if Path("/", name).exists()]


def _repeated(match: re.Match[str]) -> str:
    text = match[3].replace("\\n", "\n").replace("\\t", "\t")
    return match[1] + "".join(text.replace("#", str(n)) for n in range(int(match[2])))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Machine]:
    """Lay out what must stay as it is; afterwards it is, nothing runs, and boxes work."""
    with contextlib.suppress(ChildProcessError):  # orphans of earlier tests, long dead
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    # where the sandbox's user could read it if the box showed it
    folder = scratch.default() / f"canary-{os.getpid()}-{tmp_path.name}"
    folder.mkdir()
    canary = folder / "secret.go"
    canary.write_text(f"{SECRET}\n")
    monkeypatch.setenv("CANARY", SECRET)
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
        watching() as seen,
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
    assert os.environ["CANARY"] == SECRET
    assert [path.name for path in folder.iterdir()] == [canary.name]
    scratch.remove(folder)
    assert process.live() == 0
    assert not left_of(seen)
    assert os.geteuid() or 0 not in seen.uids, "something of a page ran as root"
    assert run(Spec(("/bin/echo", "harmless"))).output == "harmless\n"


@dataclass
class Seen:
    """The processes below this one, as a thread that looks now and then saw them.

    What was there before, such as another test's browser, isn't counted, nor what it starts.
    """

    before: dict[int, str] = field(default_factory=lambda: at_once(os.getpid()))
    most: int = 0
    started: dict[int, str] = field(default_factory=dict)
    uids: set[int] = field(default_factory=set)

    def look(self) -> None:
        """Take down what is running now."""
        pids = descendants(os.getpid(), self.before)
        self.most = max(self.most, len(pids))
        own = os.readlink("/proc/self/ns/user")
        for pid in pids:
            with contextlib.suppress(OSError):
                if time_of := started(pid):
                    self.started[pid] = time_of
                if os.readlink(f"/proc/{pid}/ns/user") != own:
                    self.uids.add(os.stat(f"/proc/{pid}").st_uid)


@contextlib.contextmanager
def watching() -> Iterator[Seen]:
    """Look, meanwhile, at the processes below this one."""
    seen = Seen()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            seen.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def left_of(seen: Seen) -> list[str]:
    """Say what of that which was seen is left after a second."""
    deadline = time.monotonic() + 1
    left = [*seen.started]
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if started(pid) == seen.started[pid]]
        time.sleep(0.01)
    return [stat(pid) for pid in left if started(pid) == seen.started[pid]]


def started(pid: int) -> str:
    """When the process began, in clock ticks; '' where there is none."""
    fields = stat(pid).rpartition(") ")[2].split()
    return fields[19] if fields else ""


def stat(pid: int) -> str:
    """What /proc says about the process; '' where there is none."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text()
    return ""


def descendants(pid: int, but: Mapping[int, str] = NOTHING) -> set[int]:
    """Every process below `pid`, but for some that are named with their start, and all of theirs.

    One of theirs that outlives its parent is this process's then, and counts.
    """
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                if child not in but or but[child] != started(child):
                    found |= {child, *descendants(child, but)}
    return found


def at_once(pid: int) -> dict[int, str]:
    """Every process below `pid` now, with its start."""
    return {child: started(child) for child in descendants(pid)}


class Expect:
    """The expectations of a case."""

    def __init__(self, text: str) -> None:
        self.lines = [tuple(line.split(": ", 1)) for line in text.splitlines() if line]

    def all(self, key: str) -> list[str]:
        """Every value of a key."""
        return [value for name, value in self.lines if name == key]

    def one(self, key: str, default: str = "") -> str:
        """The first value of a key."""
        return next(iter(self.all(key)), default)

    def limits(self) -> Limits:
        """The limits of the box."""
        pairs = (pair.split("=") for pair in self.one("limits").split())
        return Limits(**{name: int(value) for name, value in pairs})


def read(path: Path, machine: Machine) -> tuple[dict[str, str], Expect]:
    """Read a case for this machine."""
    archive = txtar.parse(path.read_text(encoding="utf-8"))
    assert archive.comment.strip(), "the first line says what is attacked"
    files = {name: machine.fill(text) for name, text in archive.files}
    return files, Expect(files.pop("expect"))


def spec(files: dict[str, str], limits: Limits, folder: Path) -> Spec:
    """Make the box of a case's program."""
    name = next(name for name in files if name.startswith("program."))
    program = folder / name
    program.write_text(files[name])
    interpreter = "/bin/bash" if name.endswith(".sh") else "/usr/bin/python3"
    mounts = (Mount(program, f"/src/{name}"),)
    return Spec((interpreter, f"/src/{name}"), mounts, env=ENV, limits=limits)


def record(case: str, verdict: str) -> None:
    """Keep how a case came out, for docs/security/attacks.md, if ASSAY_UPDATE=1 asks for it."""
    if not os.environ.get("ASSAY_UPDATE"):
        return
    place = Path(os.environ.get("ASSAY_RESULTS", RESULTS))
    with FileLock(f"{place}.lock"):
        known: dict[str, Any] = json.loads(place.read_text()) if place.exists() else {}
        who = "root" if os.geteuid() == 0 else "user"
        known.setdefault("cases", {}).setdefault(case, {})[who] = verdict
        known["kernel"] = platform.release().partition("-")[0]
        known["date"] = time.strftime("%Y-%m-%d", time.gmtime())
        place.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    Path(f"{place}.lock").unlink(missing_ok=True)
