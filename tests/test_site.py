"""The pages keep what the site promises: many checked blocks, real failures, real numbers."""

from __future__ import annotations

import pytest

from assay.model import Page
from assay.project import Project
from checkout import ROOT

PAGES = (
    "docs/courses/iot-ota.md",
    "docs/load-testing/autoscaling.md",
    "docs/why/build-flags.md",
    "docs/why/leaks-and-deadlocks.md",
)


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(ROOT)


@pytest.fixture(scope="module")
def every(project: Project) -> dict[str, Page]:
    return {path: project.page(path) for path in project.page_paths()}


@pytest.fixture(scope="module")
def four(every: dict[str, Page]) -> list[Page]:
    assert set(PAGES) <= set(every)
    return [every[path] for path in PAGES]


def test_blocks(four: list[Page]) -> None:
    assert sum(len(p.blocks) for p in four) >= 45


def test_blocks_that_fail_as_shown(four: list[Page]) -> None:
    assert sum(b.option("fails") is not None for p in four for b in p.blocks) >= 6


def test_numbers_taken_from_runs(four: list[Page]) -> None:
    assert sum(n.target.startswith("measure:") for p in four for n in p.links) >= 12


def test_blocks_that_differ_between_toolchains(four: list[Page]) -> None:
    single = [
        b
        for p in four
        for b in p.blocks
        if b.option("fails_on") or len((b.option("go") or "").split()) == 1
    ]
    assert len(single) >= 2
    assert {v for b in single for v in (b.option("go") or "").split()} >= {"1.26", "1.27"}


def test_nothing_is_left_out(every: dict[str, Page]) -> None:
    skipped = [f"{p.path}:{b.line}" for p in every.values() for b in p.blocks if b.option("skip")]
    assert not [place for place in skipped if place.rpartition(":")[0] in PAGES]


def test_course_pages_say_what_they_teach(four: list[Page]) -> None:
    for page in four:
        for key in ("title", "description", "chapter", "level", "minutes", "teaches", "sources"):
            assert page.meta.get(key), f"{page.path}: no {key}"
