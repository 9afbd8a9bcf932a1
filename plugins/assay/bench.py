"""The workbench of one unit: stages its files, runs its commands in boxes, keeps what came out.

A check sees only this. It can't forge a verdict: commands and outcomes are recorded here and
the runner makes the evidence from them.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assay import gohelper, programs, scrub
from assay.boxes import Boxes
from assay.folder import Folder
from assay.judges import Answers
from assay.model import Block, Capture, Command, Unit
from assay.process import Outcome
from assay.sandbox import Shell, own, scratch
from assay.sources.settings import Settings

# A unit has few packages: room for the compiler's garbage saves a fifth of its time.
ROOM = (("GOGC", "400"), ("GOMEMLIMIT", "384MiB"))


@dataclass(frozen=True)
class Site:
    """What a page check may know of the other pages, by page path."""

    settings: Settings
    anchors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    captures: Mapping[str, tuple[Capture, ...]] = field(default_factory=dict)
    lost: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names whose block failed or was never reached: that is the finding, not the number."""
    rewriting: bool = False
    """Whether a session goes on after output that differs."""


@dataclass(frozen=True)
class Ran:
    """A finished program with the files it left."""

    outcome: Outcome
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Prepared:
    """A program that was built together with others: only its run is left.

    The box starts `binary` as `name`; `done` has what each check's command was and said.
    """

    binary: Path
    name: str
    done: Mapping[str, tuple[tuple[str, ...], Outcome]]


@dataclass
class Records:
    """What happened while a unit was judged, by block index where it belongs to a block."""

    commands: list[tuple[int | None, Command]] = field(default_factory=list)
    captures: list[tuple[int, Capture]] = field(default_factory=list)
    outputs: dict[int, list[str]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    entered: list[int] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)


class Bench:
    """Stage, run and record for one unit."""

    def __init__(
        self,
        unit: Unit,
        folder: Folder,
        boxes: Boxes,
        site: Site,
        claimants: frozenset[str],
        prepared: Prepared | None = None,
        answers: Answers | None = None,
    ) -> None:
        self.unit, self.folder, self.boxes, self.site = unit, folder, boxes, site
        self.root = site.settings.root
        self.claimants = claimants
        """The checks, beside `fence` and `typography`, that judge the unit's first block."""
        self.prepared = prepared
        self.answers = answers or Answers(boxes)
        self.records = Records()
        self._scratch: Path | None = None
        self._staged = False
        self._current: int | None = None
        self._answers: dict[str, Any] = {}

    # -- where things are ------------------------------------------------------------------
    @property
    def scratch(self) -> Path:
        """A folder of this unit's own, outside every box until it is mounted."""
        if self._scratch is None:
            self._scratch = scratch.room(self.boxes.scratch(), "unit")
            for name in ("work", "out", "steps"):
                (self._scratch / name).mkdir()
        return self._scratch

    def stage(self, files: Mapping[str, str] | None = None) -> Path:
        """Put the page's folder, and then `files`, into the box's /work."""
        work = self.scratch / "work"
        if not self._staged:
            version = self.unit.toolchain or self.boxes.toolchains.newest
            self.folder.stage(self.root, work, version.rpartition(".")[0])
            self._staged = True
        for name, text in (files or {}).items():
            place = work / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        own(self.scratch)
        return work

    def close(self) -> None:
        """Remove everything that the unit put on disk."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    @property
    def profile(self) -> str:
        """The limits that the page's sessions run under."""
        return self.site.settings.session_profile(self.unit.page.path)

    # -- running ---------------------------------------------------------------------------
    def proven(self, check: str) -> bool:
        """Whether the check's command found the unit in order among others; records it."""
        if self.prepared is None:
            return False
        self._record(*self.prepared.done[check])
        return True

    def go(self, *arguments: str) -> Outcome:
        """Run the toolchain in the compile box: no page code runs there."""
        spec = self.boxes.compile(self._version(), self.scratch, ("go", *arguments))
        spec = replace(spec, env=(*spec.env, *ROOM))
        return self._record(("go", *arguments), self.boxes.run(spec))

    def gofmt(self, name: str) -> Outcome:
        """Print a staged file as gofmt would write it."""
        spec = self.boxes.compile(self._version(), self.scratch, ("gofmt", name))
        return self._record(("gofmt", name), self.boxes.run(spec))

    def gofmt_part(self, text: str) -> Outcome:
        """Print a part of a file as gofmt would write it: that only works on its input."""
        spec = self.boxes.compile(self._version(), self.scratch, ("gofmt",))
        return self._record(("gofmt",), gohelper.fed(spec, text))

    def helper(self, name: str, request: Mapping[str, Any]) -> Any:
        """Ask one of assay's own Go programs about the staged folder; once per question."""
        key = json.dumps([name, request])
        if key not in self._answers:
            unit, version = self.scratch, self._version()
            self._answers[key] = gohelper.ask(self.boxes, version, unit, name, request)
        return self._answers[key]

    def judge(self, program: str, request: Mapping[str, Any]) -> Any:
        """Ask a program that judges configurations, in a box with nothing else."""
        return self.answers.get(program, request)

    def execute(self, binary: str, timeout_s: float | None) -> Outcome:
        """Run a binary that the compile box left in /out, in a box with nothing else."""
        if self.prepared:
            place, name = self.prepared.binary, self.prepared.name
        else:
            place, name = self.scratch / "out" / binary, binary
        spec = self.boxes.program(place, name, timeout_s)
        return self._record((f"./{name}",), self.boxes.run(spec))

    def go_in_session(self, *arguments: str) -> Outcome:
        """Run the toolchain where page code may run too, its writes to the cache discarded."""
        spec = self.boxes.session(self._version(), self.scratch, ("go", *arguments))
        return self._record(("go", *arguments), self.boxes.run(spec))

    @contextlib.contextmanager
    def shell(self, steps: Mapping[str, str]) -> Iterator[Shell]:
        """Open the page's bash; `steps` are files that are copied in when they are reached."""
        for name, text in steps.items():
            (self.scratch / "steps" / name).write_text(text, encoding="utf-8")
        own(self.scratch)
        spec = self.boxes.session(self._version(), self.scratch, (), self.profile)
        spec = programs.beside(spec, self.unit, self.boxes)
        with Shell(spec) as shell:
            start = f"/work/{self.folder.start}".rstrip("/")
            shell.run(f"cp -R /src/. /work/ && cd {start} && mkdir -p $HOME", timeout_s=30)
            yield shell
            self.records.logs.update(shell.logs())

    def run(
        self,
        argv: Sequence[str],
        *,
        files: Mapping[str, str] | None = None,
        fetch: Sequence[str] = (),
        python: bool = False,
    ) -> Ran:
        """Run a program in a box whose /work holds `files`; `fetch` names what it leaves."""
        self.stage(files)
        outcome = self.boxes.run(self.boxes.tool(self.scratch, tuple(argv), python))
        self._record(tuple(argv), outcome)
        left: dict[str, bytes] = {}
        for name in fetch:
            path = self.scratch / "work" / name
            if path.is_file() and not path.is_symlink():
                left[name] = path.read_bytes()
        return Ran(outcome, left)

    # -- recording -------------------------------------------------------------------------
    def enter(self, block: Block, judged: bool = True) -> None:
        """Say which block the following commands belong to, and whether it is judged."""
        self._current = block.index
        self.records.entered.append(block.index)
        if judged:
            self.records.judged.append(block.index)

    def note(self, argv: Sequence[str], outcome: Outcome) -> None:
        """Record a command that a shell ran."""
        self._record(tuple(argv), outcome)

    def keep(self, name: str, text: str) -> None:
        """Store an artefact with the evidence, such as a drawn diagram."""
        self.records.kept[name] = text

    def show(self, block: Block, output: str) -> None:
        """Keep real output, for `accept`; a console block gives one per command, in order."""
        self.records.outputs.setdefault(block.index, []).append(output)

    def capture(self, block: Block, name: str, value: float, unit: str) -> None:
        """Keep a value that prose may be bound to."""
        made = Capture(name, value, unit, self.unit.toolchain)
        self.records.captures.append((block.index, made))

    def _record(self, argv: tuple[str, ...], outcome: Outcome) -> Outcome:
        code = outcome.code if outcome.verdict == "exit" else -1
        text = scrub.paths(outcome.output, {str(self.root): "."})
        self.records.commands.append((self._current, Command(argv, code, text)))
        return outcome

    def _version(self) -> str:
        return self.unit.toolchain or self.boxes.toolchains.newest
