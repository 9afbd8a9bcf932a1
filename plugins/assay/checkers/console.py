"""Transcripts and scripts: run in the page's bash from top to bottom, and compared."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Mapping

from assay import headers, outputs, programs
from assay.bench import Bench
from assay.model import Block, Finding, Unit
from assay.plan import chosen, is_file
from assay.sandbox import Shell, ShellEnded
from assay.sources import transcript

NAME = "console"
READY_S = 30.0


def claims(unit: Unit) -> bool:
    """The console and bash blocks of one session."""
    return unit.kind == "session"


def tools() -> Mapping[str, str]:
    """Programs found on PATH are hashed into the key one by one."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Run the blocks in page order; the first finding ends the session."""
    programs.require(unit)
    bench.stage()
    files = {str(b.index): b.text for b in unit.blocks if is_file(b)}
    with bench.shell(files) as shell:
        for position, block in enumerate(unit.blocks):
            if block.language == "output":
                continue
            found = list(_block(unit, position, bench, shell))
            yield from found
            if found:
                return


def _block(unit: Unit, position: int, bench: Bench, shell: Shell) -> Iterator[Finding]:
    block = unit.blocks[position]
    if is_file(block):
        bench.enter(block, judged=False)
        place = posixpath.join("/work", block.option("file") or "")
        made = f"mkdir -p {shlex.quote(posixpath.dirname(place))}"
        shell.run(f"{made} && cp /steps/{block.index} {shlex.quote(place)}", timeout_s=30)
        return
    versions = bench.boxes.toolchains.versions
    judged = unit.toolchain in chosen(block, versions, versions[-1:])
    bench.enter(block, judged)
    runner = _script if block.language == "bash" else _transcript
    for finding in runner(unit, position, bench, shell):
        if judged:
            yield finding
            return


def _transcript(unit: Unit, position: int, bench: Bench, shell: Shell) -> Iterator[Finding]:
    block = unit.blocks[position]
    stray = transcript.stray(block)
    if stray is not None:
        yield Finding(block.at(stray), NAME, "no command before this line; start it with '$ '")
    steps = transcript.steps(block)
    everything = ""
    for number, step in enumerate(steps, 1):
        log = f"{block.index + 1}-{number}" if step.background else None
        wanted = int(block.option("exit") or 0) if number == len(steps) else 0
        output, fault = _run(block, step.command, step.line, wanted, bench, shell, log)
        bench.show(block, output)
        everything += output
        if fault:
            yield fault
        elif not step.background:
            yield from outputs.compare_step(block, step, output, NAME)
    yield from _ready(block, shell)
    yield from outputs.captured(block, bench, everything, NAME)


def _script(unit: Unit, position: int, bench: Bench, shell: Shell) -> Iterator[Finding]:
    block = unit.blocks[position]
    wanted = int(block.option("exit") or 0)
    output, fault = _run(block, block.text, 1, wanted, bench, shell, None)
    if fault:
        yield fault
    every = bench.boxes.toolchains.versions
    for later in unit.blocks[position + 1 :]:
        if later.language != "output":
            break
        if unit.toolchain in chosen(later, every, every):
            bench.enter(later)
            bench.show(later, output)
            yield from outputs.compare(later, output, NAME)


def _run(
    block: Block, command: str, line: int, wanted: int, bench: Bench, shell: Shell, log: str | None
) -> tuple[str, Finding | None]:
    limit = block.option("timeout")
    seconds = headers.seconds(limit) if limit else float(bench.boxes.limits("session").wall_s)
    try:
        outcome = shell.run(command, timeout_s=seconds, log=log)
    except ShellEnded:
        return "", Finding(block.at(line), NAME, "the session has ended before this command")
    bench.note((command,), outcome)
    if outcome.verdict == "exit" and outcome.code == wanted:
        return outcome.output, None
    last = " ".join(outcome.output.strip().split("\n")[-2:])[-200:]
    seen = f"the command ended with {outcome.describe()}, {wanted} is expected: {last}"
    return outcome.output, Finding(block.at(line), NAME, seen.rstrip(": "))


def _ready(block: Block, shell: Shell) -> Iterator[Finding]:
    address = block.option("ready")
    if address:
        host, _, port = address.rpartition(":")
        if not shell.wait_port(host, int(port), READY_S):
            message = f"nothing answers on {address} after {READY_S:.0f} s"
            yield Finding(block.header, NAME, message)
