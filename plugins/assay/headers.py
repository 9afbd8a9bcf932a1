"""What a fence header may say: each option's form, where it makes sense, how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assay import captures, charts, plan, schemas, wraps
from assay.model import Block, Page
from assay.sources.transcript import NOISE

NAME = r"[A-Za-z][\w-]*"
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
ANY: tuple[str, ...] = ()
# The checks that read a console block; the others see what it does.
READ = ("command-flags", "shell")


@dataclass(frozen=True, slots=True)
class Fails:
    """`fails="check: regex"`: which check must fail, and with which message."""

    check: str
    pattern: re.Pattern[str]


def fails(block: Block) -> Fails | None:
    """Read the block's `fails=`; raises ValueError where it can't be read."""
    value = block.option("fails")
    if value is None:
        return None
    check, colon, pattern = value.partition(":")
    if not colon or not pattern.strip():
        raise ValueError(f'fails={value!r} can\'t be read; write fails="check: regex"')
    try:
        return Fails(check.strip(), re.compile(pattern.strip(), re.DOTALL))
    except re.error as error:
        raise ValueError(f"fails={value!r}: not a regex: {error}") from error


def seconds(value: str) -> float:
    """Read `10s`, `500ms` or `2m`; raises ValueError."""
    match = DURATION.fullmatch(value)
    if not match:
        raise ValueError(f"{value!r} is no duration; write '500ms', '10s' or '2m'")
    return float(match[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[match[2]]


def _file(value: str) -> None:
    if not plan.inside(value) or value.endswith("/"):
        raise ValueError(f"file={value!r} leaves the page's folder; write a relative path")


def _matches(pattern: str, shape: str) -> Callable[[str], None]:
    def judge(value: str) -> None:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"{value!r} is not allowed here; write {shape}")

    return judge


def _capture(value: str) -> None:
    list(captures.specs(value))


def _noise(value: str) -> None:
    for name in value.split():
        if name not in NOISE:
            allowed = ", ".join(repr(n) for n in sorted(NOISE))
            raise ValueError(f"normalize={name!r} is unknown; allowed are {allowed}")


def _duration(value: str) -> None:
    seconds(value)


def _nothing(_: str) -> None:
    pass


OPTIONS: dict[str, tuple[tuple[str, ...], Callable[[str], None]]] = {
    "capture": (("console", "go"), _capture),
    "context": (("go",), _matches(rf"{NAME}(?: +{NAME})*", "names of earlier blocks")),
    "exit": (("bash", "console"), _matches(r"\d{1,3}", "a number from 0 to 255")),
    "fails": (ANY, _nothing),
    "fails_on": (("go",), _matches(r"\d+\.\d+(\.\d+)?", "a Go version such as '1.26'")),
    "file": (ANY, _file),
    "go": (("bash", "console", "go", "output"), _matches(r"[\d. ]+", "'1.26 1.27'")),
    "hidden": (ANY, _matches(r"true", "'true'")),
    "kind": (("json", "text", "toml", "yaml"), _nothing),
    charts.OPTION: (("mermaid",), _nothing),
    "name": (ANY, _matches(r"[A-Za-z][\w-]*", "letters, digits and '-'")),
    "normalize": (("bash", "console", "output"), _noise),
    "ready": (("console",), _matches(r"[\w.-]+:\d{1,5}", "'localhost:8080'")),
    "schema": (("json", "toml", "yaml"), schemas.judge),
    "session": (("bash", "console"), _matches(r"[A-Za-z][\w-]*", "letters, digits and '-'")),
    "skip": (ANY, _matches(r"\S.*", "the reason")),
    "timeout": (("bash", "console", "go"), _duration),
    "wrap": (("go", "yaml"), _nothing),
}


def faults(block: Block) -> Iterator[str]:
    """Yield what is wrong with the header's options, one message each."""
    for key, value in block.options:
        if key in ("title", "linenums", "linenums_start", "hl_lines"):
            continue
        if key not in OPTIONS:
            allowed = ", ".join(repr(k) for k in sorted(OPTIONS))
            yield f"unknown option {key!r}; allowed are {allowed}"
            continue
        languages, judge = OPTIONS[key]
        if languages and block.language not in languages:
            allowed = ", ".join(repr(k) for k in languages)
            yield f"option {key!r} has no meaning on {block.language!r}; it goes with {allowed}"
            continue
        try:
            judge(value)
            if key == "fails":
                fails(block)
            if key == charts.OPTION:
                charts.pairs(block)
            if key == "wrap":
                wraps.judge(block.language, value)
        except ValueError as error:
            yield str(error)
    named = (block.option("fails") or "").partition(":")[0].strip()
    if named and named not in READ and plan.in_session(block):
        yield 'fails= has no meaning on a console block; write exit="N" and the real output'


def versions(block: Block, pinned: Sequence[str]) -> Iterator[str]:
    """Yield toolchains that the header names and assay.toml doesn't pin."""
    for name in [*(block.option("go") or "").split(), block.option("fails_on") or ""]:
        if name and not any(v == name or v.startswith(name + ".") for v in pinned):
            yield f"no Go {name!r} in assay.toml; allowed are {_quoted(pinned)}"


def compared(block: Block, page: Page, pinned: Sequence[str]) -> Iterator[str]:
    """Yield why an `output` block is compared with nothing: it would be believed."""
    if block.language != "output":
        return
    ran = plan.compared(block, page, pinned)
    if ran is None:
        yield "output follows no program; put it right after a go or bash block that is run"
    elif not {*ran} & {*plan.chosen(block, ran, ran)}:
        allowed = f"that is Go {_quoted(ran)}" if ran else "it fails on purpose, so: none"
        yield f"output for a toolchain that the program isn't run with to its end; {allowed}"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(n) for n in sorted(names))
