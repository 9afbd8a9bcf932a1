"""Images, actions and runners that pages pin, judged by a table of what still gets fixes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from assay import kinds, pins, supported
from assay.bench import Bench
from assay.model import Finding, Unit
from assay.pins import Pin

NAME = supported.CHECK


def claims(unit: Unit) -> bool:
    """Dockerfiles, manifests, GitHub workflows, GitLab pipelines and Compose files."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The table, by its content: no day of the calendar changes a verdict."""
    digest = hashlib.sha256(supported.FILE.read_bytes()).hexdigest()
    return {"versions.yml": digest[:12]}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what is pinned below the oldest version that still gets fixes."""
    block = unit.block
    read = pins.dockerfile if block.language == "dockerfile" else pins.yaml
    for pin in read(block.text):
        told = _told(pin)
        if told is not None:
            yield Finding(block.at(pin.line, pin.column), NAME, told)


def _told(pin: Pin) -> str | None:
    if pin.kind == "image":
        return supported.image(pin.text)
    if pin.kind == "action":
        return supported.action(pin.text, pin.more[0])
    if pin.kind == "runner":
        return supported.runner(pin.text)
    uses, name = pin.more
    return supported.given(uses, name, pin.text)
