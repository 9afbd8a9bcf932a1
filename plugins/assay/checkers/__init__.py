"""The checks: one module each, in the order in which a chain runs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from assay.bench import Bench
from assay.checkers import (
    command_flags,
    console,
    crd,
    data,
    diagram,
    dockerfile,
    fence,
    front_matter,
    github_actions,
    gitlab_ci,
    go_build,
    go_format,
    go_run,
    go_test,
    go_vet,
    grafana,
    kubernetes,
    links,
    measure,
    mermaid,
    otel_collector,
    prometheus,
    promql,
    proto,
    rego,
    shell,
    table,
    typography,
    versions,
)
from assay.model import Finding, Unit


class Checker(Protocol):
    """What a check module has. Findings are yielded; not being able to check is raised."""

    NAME: str
    """Stable: it appears in findings, file names, test folders and docs."""

    def claims(self, unit: Unit) -> bool:
        """Whether this check judges the unit."""

    def tools(self) -> Mapping[str, str]:
        """What judges, by name and version: part of the evidence and of its key."""

    def check(self, unit: Unit, bench: Bench) -> Iterator[Finding]:
        """Yield what is wrong; raises UnableError where it can't be told."""


CHECKERS: tuple[Checker, ...] = (
    fence,
    go_format,
    go_build,
    go_vet,
    go_run,
    go_test,
    console,
    data,
    kubernetes,
    crd,
    dockerfile,
    github_actions,
    gitlab_ci,
    prometheus,
    promql,
    grafana,
    otel_collector,
    rego,
    proto,
    mermaid,
    diagram,
    typography,
    shell,
    command_flags,
    versions,
    front_matter,
    links,
    table,
    measure,
)


def chain(unit: Unit) -> tuple[Checker, ...]:
    """The checks that judge a unit, in order; the first that finds something ends the chain."""
    return tuple(c for c in CHECKERS if c.claims(unit))


def names() -> tuple[str, ...]:
    """Every check's name, sorted."""
    return tuple(sorted(c.NAME for c in CHECKERS))
