"""One wrong character on the real pages is one finding at its place, and no site."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from checkout import Checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SCALE = "docs/load-testing/autoscaling.md"
UPDATE = "docs/courses/iot-ota.md"


@dataclass(frozen=True)
class Edit:
    """What is replaced on a page, and which finding it makes.

    `place` matches once on the edited page; the finding stands where its group begins.
    """

    name: str
    page: str
    pattern: str
    replacement: str
    place: str
    check: str
    says: str


EDITS = (
    Edit(
        "a digit of a transcript", SCALE,
        r"^largest -> 6$", "largest -> 7",
        r"^largest -> 7$", "console", "largest -> 6",
    ),
    Edit(
        "an unknown flag in a command that runs", SCALE,
        r"-scenario surge -podstart 5s$", "-scenario surge -start 5s",
        r"^\$ .* -start 5s$", "console", "flag provided but not defined: -start",
    ),
    Edit(
        "an import that is used once removed", SCALE,
        r'^\t"runtime"\n', "",
        r"^\t(runtime)\.GC\(\)$", "go-build", "undefined: runtime",
    ),
    Edit(
        "a wrong number", SCALE,
        r"\[6 个\]\(measure:desired\)", "[7 个](measure:desired)",
        r"\[7 个\]", "measure", "6 was measured",
    ),
    Edit(
        "a region that doesn't exist", SCALE,
        r"hpa\.go:replicas", "hpa.go:replica",
        r'^--8<-- "autoscaling/hpa/hpa\.go:replica"$', "fence", "no region 'replica'",
    ),
    Edit(
        "a fails= block that passes", UPDATE,
        r"s\.HeapAlloc\b", "s.NumGC",
        r'^```go fails="go-build: HeapAlloc"$', "go-build", "it passes",
    ),
    Edit(
        "a manifest with fails= that passes", SCALE,
        r"^apiVersion: autoscaling/v2beta2$", "apiVersion: autoscaling/v2",
        r'^```yaml fails="kubernetes: autoscaling/v2beta2"$', "kubernetes", "it passes",
    ),
    Edit(
        "a header that superfences can't read", SCALE,
        r'^```go title="名字检查"$', '```go title="名字检查" linenums',
        r'^```go title="名字检查" linenums$', "fence", "can't be read",
    ),
    Edit(
        "an unknown language", SCALE,
        r"^```yaml (fails=.kubernetes: averageUtilisation)", r"```yamel \1",
        r"^```yamel ", "fence", "unknown language 'yamel'",
    ),
    Edit(
        "a removed API version", SCALE,
        r'^```yaml fails="kubernetes: autoscaling/v2beta2"$', "```yaml",
        r"^apiVersion: (autoscaling/v2beta2)$", "kubernetes", "autoscaling/v2beta2",
    ),
    Edit(
        "a misspelt field", SCALE,
        r'^```yaml fails="kubernetes: averageUtilisation"$', "```yaml",
        r"^ +(averageUtilisation)", "kubernetes", "unknown field \"averageUtilisation\"",
    ),
    Edit(
        "an en dash in an arrow", SCALE,
        r"^  keep --> largest", "  keep –> largest",
        r"^  keep (–)> largest", "mermaid", "",
    ),
)  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.name.replace(" ", "-"))
def test_one_wrong_character(edit: Edit, copy: Checkout) -> None:
    copy.edit(edit.page, edit.pattern, edit.replacement)
    checked = copy.assay("check", "--format", "json")
    assert checked.places == [(copy.place(edit.page, edit.place), edit.check)]
    assert edit.says in checked.json["findings"][0]["message"]
    assert checked.code == 1, checked.error
    built = copy.build()
    assert built.code == 1
    assert edit.page in built.error, built.error


def test_fresh_evidence_builds(copy: Checkout) -> None:
    built = copy.build()
    assert built.code == 0, built.error


@pytest.mark.parametrize(
    ("name", "addition"),
    [
        (SCALE, '\n```json\n{"pods": 4}\n```\n'),
        (SCALE, "\n又一句话。\n"),
        ("snippets/pools/pools.go", "\n// Nothing follows.\n"),
    ],
    ids=["a-correct-block", "prose", "a-comment-in-a-snippet"],
)
def test_a_right_edit_is_stale_until_it_is_checked(
    name: str, addition: str, copy: Checkout
) -> None:
    copy.write(name, copy.text(name) + addition)
    built = copy.build()
    assert built.code == 1
    assert "stale" in built.error, built.error
    checked = copy.assay("check")
    assert checked.code == 0, checked.output
    assert copy.build().code == 0
