"""Commands of transcripts, scripts, Dockerfiles and pipelines: whose flags exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import commands, flags, gohelper, kinds, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "command-flags"
PROGRAMS = ("shellparse",)
# Where no other check reads the shell.
UNREAD = ("dockerfile", "yaml")


def claims(unit: Unit) -> bool:
    """Bash, console and Dockerfile fences, and YAML that is a pipeline."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """What splits a command into words; the table is part of assay."""
    release = gohelper.required("shellparse", "mvdan.cc/sh/v3").removeprefix("v")
    return {"sh": release, "shellparse": gohelper.pin("shellparse")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield flags and commands that a tool doesn't have."""
    try:
        scripts = tuple(commands.scripts(unit.block))
    except yamltree.YAMLError:  # the check `data` says so
        return
    for script in scripts:
        answer = bench.judge("shellparse", {"text": script.text})
        for words in answer["commands"]:
            for word, message in flags.faults([flags.Word(**w) for w in words]):
                yield Finding(script.at(word.line, word.column), NAME, message)
        fault = answer["error"]
        if fault and unit.block.language in UNREAD:
            message = f"the shell can't read this: {fault['message']}"
            yield Finding(script.at(fault["line"], fault["column"]), NAME, message)
