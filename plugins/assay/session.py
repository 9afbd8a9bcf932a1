"""A page's bash session: blocks run from top to bottom, and what comes out is compared."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator

from assay import headers, outputs
from assay.bench import Bench
from assay.model import Block, Finding, Unit
from assay.plan import chosen, is_file
from assay.sandbox import Shell, ShellEnded
from assay.sources import transcript

READY_S = 30.0


class Session:
    """One bash in one box, with the unit whose blocks it runs."""

    def __init__(self, unit: Unit, bench: Bench, shell: Shell, check: str) -> None:
        self.unit, self.bench, self.shell, self.check = unit, bench, shell, check
        self.stopped = False
        """Whether a command did something else than it should, not only printed it."""

    def run(self, position: int) -> Iterator[Finding]:
        """Run one block; what it does under a toolchain that isn't its own is not judged."""
        block = self.unit.blocks[position]
        if is_file(block):
            self._write(block)
            return
        versions = self.bench.boxes.toolchains.versions
        judged = self.unit.toolchain in chosen(block, versions, versions[-1:])
        self.bench.enter(block, judged)
        found = self._script(position) if block.language == "bash" else self._transcript(block)
        self.stopped = False
        for finding in found:
            if judged:
                yield finding
                if self.stopped or not self.bench.site.rewriting:
                    return

    def _write(self, block: Block) -> None:
        self.bench.enter(block, judged=False)
        place = posixpath.join("/work", block.option("file") or "")
        made = f"mkdir -p {shlex.quote(posixpath.dirname(place))}"
        self.shell.run(f"{made} && cp /steps/{block.index} {shlex.quote(place)}", timeout_s=30)

    def _transcript(self, block: Block) -> Iterator[Finding]:
        stray = transcript.stray(block)
        if stray is not None:
            self.stopped = True
            message = "no command before this line; start it with '$ '"
            yield Finding(block.at(stray), self.check, message)
        steps = transcript.steps(block)
        everything = ""
        for number, step in enumerate(steps, 1):
            log = f"{block.index + 1}-{number}" if step.background else None
            wanted = int(block.option("exit") or 0) if number == len(steps) else 0
            output, fault = self._command(block, step.command, step.line, wanted, log)
            self.bench.show(block, output)
            everything += output
            if fault:
                yield fault
            elif not step.background:
                yield from outputs.compare_step(block, step, output, self.check)
        yield from self._ready(block)
        yield from outputs.captured(block, self.bench, everything, self.check)

    def _script(self, position: int) -> Iterator[Finding]:
        block = self.unit.blocks[position]
        wanted = int(block.option("exit") or 0)
        output, fault = self._command(block, block.text, 1, wanted, None)
        if fault:
            yield fault
        every = self.bench.boxes.toolchains.versions
        for later in self.unit.blocks[position + 1 :]:
            if later.language != "output":
                break
            if self.unit.toolchain in chosen(later, every, every):
                self.bench.enter(later)
                self.bench.show(later, output)
                yield from outputs.compare(later, output, self.check)

    def _command(
        self, block: Block, command: str, line: int, wanted: int, log: str | None
    ) -> tuple[str, Finding | None]:
        limit = block.option("timeout")
        wall = self.bench.boxes.limits(self.bench.profile).wall_s
        seconds = headers.seconds(limit) if limit else float(wall)
        try:
            outcome = self.shell.run(command, timeout_s=seconds, log=log)
        except ShellEnded:
            self.stopped = True
            message = "the session has ended before this command"
            return "", Finding(block.at(line), self.check, message)
        self.bench.note((command,), outcome)
        if outcome.verdict == "exit" and outcome.code == wanted:
            return outcome.output, None
        self.stopped = True
        said = _gist(outcome.output)
        seen = f"the command ended with {outcome.describe()}, {wanted} is expected"
        message = f"{seen}: {said}" if said else seen
        return outcome.output, Finding(block.at(line), self.check, message)

    def _ready(self, block: Block) -> Iterator[Finding]:
        address = block.option("ready")
        if address:
            host, _, port = address.rpartition(":")
            limit = block.option("timeout")
            wait = min(READY_S, headers.seconds(limit)) if limit else READY_S
            if not self.shell.wait_port(host, int(port), wait):
                self.stopped = True
                message = f"nothing answers on {address} after {wait:g} s"
                yield Finding(block.header, self.check, message)


def _gist(output: str) -> str:
    """The first line, where a usage error stands, and the last, where a test's end does."""
    lines = [line.strip()[:200] for line in output.strip().split("\n")]
    return " ".join(lines) if len(lines) < 3 else f"{lines[0]} … {lines[-1]}"
