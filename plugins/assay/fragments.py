"""Go fragments: closed so that the toolchain can judge them, explained where they can't be.

A fragment is closed as declarations of a file, else as the statements of a function; its context
stands beside it or before it. The files that come out carry line directives, Go's own way of
saying where code was written, so the tools name the author's lines by themselves.
Reasons: docs/decisions/0005-fragments.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assay import diagnostics, headers
from assay.bench import Bench
from assay.model import Block, Finding, Unit
from assay.plan import is_fragment, is_region
from assay.wraps import WRAPS

# Where added lines say they are: what a tool finds there isn't the author's.
GENERATED = "generated.go"
TESTS = re.compile(r"^func (?:Benchmark|Example|Fuzz|Test)\w*\(", re.MULTILINE)
FUNCTION = re.compile(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*func\b", re.DOTALL)
UNREACHABLE = re.compile(rf"^\S*{re.escape(GENERATED)}:\d+:\d+: unreachable code$")
INSIDE = re.compile(
    r"(?:^|\s)(?:\./)?(?P<file>[\w./-]+\.go):(?P<line>\d+)(?::\d+)?(?:\[[^]\s]*\])?: "
)
ON_LINE = re.compile(r"\bon line \d+\b(?! of )")
UNDEFINED = re.compile(r"undefined: (\w+)")


@dataclass(frozen=True)
class Closed:
    """A closed fragment; faults are (block, line of its text, byte column, message).

    `notes` says of names that no package was found for which packages they may mean, and what
    packages of that name lack.
    """

    kind: str
    files: Mapping[str, str]
    imports: tuple[str, ...]
    syntax: tuple[tuple[Block, int, int, str], ...]
    faults: tuple[tuple[Block, int, int, str], ...]
    notes: Mapping[str, Mapping[str, Any]]


def file_of(unit: Unit) -> str:
    """Where the closed fragment stands in the folder: a package of its own."""
    return _file(unit, "main")


def sources(unit: Unit) -> dict[str, Block]:
    """Map the names that line directives give to the block whose text stands there."""
    found = {file_of(unit): unit.block}
    found.update((_file(unit, f"context{n}"), b) for n, b in enumerate(unit.before, 1))
    return found


def closed(unit: Unit, bench: Bench) -> Closed:
    """Close the unit's fragment; raises UnableError where that can't be tried."""
    bench.stage()
    answer = bench.helper("fragment", {"fragments": [_request(unit)], "regions": []})
    made = answer["fragments"][0]
    blocks = (*unit.before, unit.block)

    def located(faults: list[dict[str, Any]]) -> tuple[tuple[Block, int, int, str], ...]:
        return tuple((blocks[f["piece"]], f["line"], f["column"], f["message"]) for f in faults)

    return Closed(
        kind=made["kind"],
        files=made["files"],
        imports=tuple(made["imports"]),
        syntax=located(made["syntax"]),
        faults=located(made["faults"]),
        notes=made["notes"],
    )


def unclosed(unit: Unit, bench: Bench, check: str) -> Iterator[Finding]:
    """Yield why the fragment can't be closed: its syntax is for `go-format` to tell."""
    made = closed(unit, bench)
    if made.imports:
        bench.keep("imports.txt", "\n".join(made.imports))
    for block, line, column, message in made.syntax if check == "go-format" else made.faults:
        where = diagnostics.place(block, line, column, block) if line else block.header
        yield Finding(where, check, message)


def compiling(unit: Unit) -> tuple[str, ...]:
    """The go command that compiles a fragment, to the last missing name (`-e`).

    Only `go list` compiles tests without linking them.
    """
    if file_of(unit).endswith("_test.go"):
        return ("list", "-export", "-test", "-gcflags=-e", "-f", "{{.ImportPath}}")
    return ("build", "-gcflags=-e", "-o", "/dev/null")


def lead(unit: Unit, bench: Bench) -> str:
    """A line that lets gofmt read statements whose first one it takes for a declaration."""
    made = closed(unit, bench)
    starts = FUNCTION.match(unit.block.text)
    return "_ = 0\n" if starts and made.kind != "declarations" else ""


def explained(found: Iterator[Finding], unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Say what to do about missing names, each once: where it is used first."""
    notes, known = closed(unit, bench).notes, sources(unit)
    seen: set[str] = set()
    for finding in found:
        message = INSIDE.sub(lambda m: _told(m, known, unit), finding.message)
        message = ON_LINE.sub(r"\g<0> of its block", message)
        match = UNDEFINED.fullmatch(message)
        if match:
            if match[1] in seen:
                continue
            seen.add(match[1])
            message = f"{message}; {_advice(match[1], notes.get(match[1], {}))}"
        yield Finding(finding.position, finding.check, message)


def _told(place: re.Match[str], known: Mapping[str, Block], unit: Unit) -> str:
    """Name a place inside a message: by block, since evidence may move on the page."""
    block = known.get(place["file"])
    if block is None:
        return place[0]
    whose = "this block" if block is unit.block else f"block {block.option('name')!r}"
    return f"; on line {place['line']} of {whose}: "


def tidied(output: str) -> str:
    """Drop the one thing that vet says about added lines although nothing is wrong.

    What ends with a return leaves the added uses of its variables out of reach. '' if that was
    all it said.
    """
    lines = [n for n in output.split("\n") if not UNREACHABLE.match(n)]
    return "\n".join(lines) if any(n and not n.startswith("# ") for n in lines) else ""


def faults(unit: Unit) -> Iterator[str]:
    """Yield what is wrong with `context=` and `wrap=`, as far as the header tells."""
    block = unit.block
    for option in ("context", "wrap"):
        if block.language == "go" and block.option(option) and not is_fragment(block):
            yield f"{option}= closes a fragment, and {_whole(block)}; delete {option}="
    for option in ("capture", "timeout"):
        if block.option(option) and is_fragment(block):
            yield f"{option}= needs a program that runs, a fragment never does; delete {option}="
    named = {b.option("name") or "": b for b in unit.before}
    for name in (block.option("context") or "").split():
        if name not in named:
            known = ", ".join(repr(n) for n in sorted(named)) or "none"
            yield f"context={name!r} names no earlier Go block; named before this one: {known}"
        elif reason := _unfit(named[name]):
            yield f"context={name!r} can't be in scope: {reason}"


def _unfit(block: Block) -> str:
    """Why a block can't be in scope, '' if it can."""
    if block.option("skip"):
        return "it is not checked (skip=); delete one of the two"
    if block.option("fails"):
        return "it fails on purpose (fails=); name a block that passes"
    if is_region(block):
        return "it shows a part of a file; import that file's package"
    return ""


def _whole(block: Block) -> str:
    if is_region(block):
        return "this block shows a part of a file that is judged with its package"
    if block.option("file"):
        return "this block is a file of the folder"
    return "this block has a package clause"


def _advice(name: str, note: Mapping[str, Any]) -> str:
    choices = note.get("choices") or []
    if choices:
        listed = " or ".join(f'"{c}"' for c in choices)
        return f"it can be {listed}; import one in a block named by context="
    lacking = note.get("lacking") or {}
    if lacking:
        said = [f'"{p}" has no {", ".join(map(repr, n))}' for p, n in sorted(lacking.items())]
        names = ", ".join(said)
        return f"{names}; mend that, or declare {name!r} here or in a block named by context="
    return "declare it, or name the block that does in context="


def _request(unit: Unit) -> dict[str, Any]:
    block = unit.block
    beside = [
        {"name": b.option("name"), "file": _file(unit, f"context{n}"), **_text(b)}
        for n, b in enumerate(unit.before, 1)
    ]
    strict = _unused(unit)
    return {"file": file_of(unit), **_text(block), "strict": strict, "context": beside}


def _unused(unit: Unit) -> bool:
    """Whether the page says that the compiler refuses a variable here because of no use."""
    wanted = headers.fails(unit.block)
    only = unit.block.option("fails_on")
    if wanted is None or wanted.check != "go-build":
        return False
    if only and not f"{unit.toolchain}.".startswith(f"{only}."):
        return False
    names = set(re.findall(r"\w+", unit.block.text))
    return any(wanted.pattern.search(f"declared and not used: {name}") for name in names)


def _text(block: Block) -> dict[str, Any]:
    name = block.option("wrap") or ""
    wrap = WRAPS.get(name)
    return {"text": block.text, "wrap": {"name": name, **asdict(wrap)} if wrap else None}


def _folder(unit: Unit) -> str:
    return f"block{unit.block.index + 1}"


def _file(unit: Unit, stem: str) -> str:
    """Name a file: where one of a package's files is a test, only tests can see it."""
    every = (*unit.before, unit.block)
    wraps = [WRAPS[w] for b in every if (w := b.option("wrap")) in WRAPS]
    tests = any(w.test for w in wraps) or any(TESTS.search(b.text) for b in every)
    return f"{_folder(unit)}/{stem}{'_test' if tests else ''}.go"
