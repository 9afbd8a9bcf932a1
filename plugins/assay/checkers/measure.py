"""Numbers in prose and in charts agree with what was captured when the page ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import captures, charts
from assay.bench import Bench
from assay.model import Capture, Finding, Link, Page, Unit

NAME = "measure"
SCHEME = captures.SCHEME


def claims(unit: Unit) -> bool:
    """Pages that bind a number."""
    return unit.kind == "page"


def tools() -> Mapping[str, str]:
    """Judged by assay itself."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield numbers that disagree with their capture, and captures that don't exist."""
    for link in charts.numbers(unit.page):
        message = judge(unit.page, link, bench.site.captures)
        if message and not _lost(unit.page, link, bench):
            yield Finding(link.position, NAME, message)


def _lost(page: Page, link: Link, bench: Bench) -> bool:
    """Whether the number's block failed or was never reached, which is the finding."""
    path, name, _ = captures.meant(page, link)
    return name in bench.site.lost.get(path, ())


def judge(page: Page, link: Link, known: Mapping[str, tuple[Capture, ...]]) -> str | None:
    """Say what is wrong with one bound number; None if it agrees under every toolchain meant."""
    found, message = bound(page, link, known)
    if message:
        return message
    for capture in found:
        fault = captures.compare(link.text, link.title, capture.value, capture.unit)
        if fault:
            several = len({c.value for c in found}) > 1
            return f"{fault} (Go {capture.toolchain})" if several else fault
    return None


def bound(
    page: Page, link: Link, known: Mapping[str, tuple[Capture, ...]]
) -> tuple[tuple[Capture, ...], str | None]:
    """Resolve `measure:name`, `measure:page#name`, `measure:name@1.26`."""
    path, name, toolchain = captures.meant(page, link)
    there = known.get(path, ())
    named = [c for c in there if c.name == name]
    if not named:
        allowed = ", ".join(repr(n) for n in sorted({c.name for c in there})) or "none"
        return (), f"nothing captured as {name!r} in {path}; captured are {allowed}"
    if toolchain:
        named = [c for c in named if (c.toolchain or "").startswith(toolchain)]
        if not named:
            return (), f"{name!r} was not captured under Go {toolchain!r}"
    return tuple(named), None
