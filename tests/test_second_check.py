"""What is known isn't done again; the report has one form, kept by its schema."""

from __future__ import annotations

import json
import re
import time
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from assay import report
from assay.model import Finding, Position
from assay.settled import RANK
from checkout import Checkout
from conftest import Site

SCHEMA = json.loads(files("assay").joinpath("report.schema.json").read_text(encoding="utf-8"))
STATUSES = (
    "passed", "failed", "failed-as-shown", "recorded", "blocked", "unable", "skipped",
)  # fmt: skip
PAGE = """\
# T

```console
$ echo one
one
```

```yaml kind="yaml"
a: 1
```
"""
WRONG = """\
# T

```console
$ echo one
two
```

```yaml kind="yaml"
a: 1
a: 2
```

Nothing at [x](nothing.md).
"""


def valid(made: Any) -> Any:
    """Assert that a report has the form that the schema describes."""
    jsonschema.Draft202012Validator(SCHEMA).validate(made)
    summary, blocks = made["summary"], made["blocks"]
    assert summary["findings"] == len(made["findings"])
    assert summary["errors"] == len(made["errors"])
    assert summary["blocks"] == len(blocks) == sum(summary[s] for s in STATUSES)
    assert summary["cached"] == sum(b["cached"] for b in blocks)
    assert made["findings"] == sorted(
        made["findings"], key=lambda f: (f["path"], f["line"], f["column"], f["check"])
    )
    return made


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert tuple(sorted(STATUSES)) == tuple(sorted(RANK))


def test_a_second_check_starts_nothing(site: Site) -> None:
    site.page(PAGE)
    first = site.assay("check", "--format", "json")
    assert first.code == 0, first.output
    assert first.started > 0
    assert valid(first.json)["summary"]["cached"] == 0
    second = site.assay("check", "--format", "json")
    assert second.started == 0
    assert valid(second.json)["summary"]["cached"] == 2
    assert {**first.json, "blocks": 0, "summary": 0} == {**second.json, "blocks": 0, "summary": 0}


def test_a_second_check_of_what_is_wrong_starts_nothing_and_says_the_same(site: Site) -> None:
    site.page(WRONG)
    first = site.assay("check")
    second = site.assay("check")
    assert first.code == second.code == 1
    assert first.findings == second.findings
    assert len(first.findings) == 3
    assert second.started == 0


def test_without_the_cache_everything_is_judged_again(site: Site) -> None:
    site.page(PAGE)
    site.assay("check")
    again = site.assay("check", "--no-cache", "--format", "json")
    assert again.started > 0
    assert not any(b["cached"] for b in again.json["blocks"])
    assert site.assay("check").started == 0


def test_only_one_check(site: Site) -> None:
    site.page(WRONG)
    seen = {}
    for check in ("links", "data", "console", "fence"):
        result = site.assay("check", "--only", check, "--format", "json")
        seen[check] = [(f["line"], f["check"]) for f in valid(result.json)["findings"]]
        assert result.code == (1 if seen[check] else 0)
        assert all(b["status"] != "unable" for b in result.json["blocks"])
    assert seen == {
        "links": [(13, "links")], "data": [(10, "data")], "console": [(5, "console")], "fence": []
    }  # fmt: skip
    assert site.assay("check", "--only", "links").started == 0
    assert len(site.assay("check").findings) == 3, "a partial check is not taken for a whole one"


def test_only_the_fences_knows_the_other_checks(site: Site) -> None:
    site.page('# T\n\n```yaml kind="yaml" fails="data: duplicate"\na: 1\na: 2\n```\n')
    assert site.assay("check", "--only", "fence").code == 0
    assert site.assay("check").code == 0


def test_only_the_numbers_needs_what_they_were_taken_from(site: Site) -> None:
    page = '# T\n\n```console capture="n=(\\d)"\n$ echo 7\n7\n```\n\nSo [{}](measure:n).\n'
    site.page(page.format(7))
    assert site.assay("check", "--only", "measure").code == 0
    site.page(page.format(8))
    wrong = site.assay("check", "--only", "measure")
    assert [line.split(" ")[0] for line in wrong.findings] == ["docs/index.md:8:4:"]
    assert wrong.started == 0


def test_one_page_of_two(site: Site) -> None:
    site.page(WRONG)
    site.write({"docs/good.md": PAGE, "docs/sub/good.md": PAGE})
    one = site.assay("check", "docs/good.md", "--format", "json")
    assert one.code == 0
    assert {b["page"] for b in valid(one.json)["blocks"]} == {"docs/good.md"}
    folder = site.assay("check", "docs/sub", "--format", "json")
    assert {b["page"] for b in folder.json["blocks"]} == {"docs/sub/good.md"}
    assert site.assay("check").code == 1


def test_the_report_of_what_is_wrong_and_of_what_cannot_be_checked(site: Site) -> None:
    site.page("---\nneeds: [no-such-program]\n---\n" + WRONG)
    result = site.assay("check", "--format", "json")
    assert result.code == 3, "3 wins over 1"
    made = valid(result.json)
    assert [(e["path"], e["line"], e["check"]) for e in made["errors"]] == [
        ("docs/index.md", 6, "console")
    ]
    assert "no-such-program" in made["errors"][0]["message"]
    assert [(f["line"], f["column"], f["check"]) for f in made["findings"]] == [
        (13, 1, "data"), (16, 12, "links")
    ]  # fmt: skip
    assert [b["status"] for b in made["blocks"]] == ["unable", "failed"]


def test_what_follows_a_finding_is_blocked(site: Site) -> None:
    site.page(
        "# T\n\n```console\n$ echo one\ntwo\n```\n\n```console\n$ echo three\nfour\n```\n\n"
        '```console session="other"\n$ echo five\nfive\n```\n'
    )
    result = site.assay("check", "--format", "json")
    assert [(f["line"], f["check"]) for f in valid(result.json)["findings"]] == [(5, "console")]
    assert [b["status"] for b in result.json["blocks"]] == ["failed", "blocked", "passed"]


def test_numbers_of_blocks_that_were_not_reached_are_no_findings(site: Site) -> None:
    site.page(
        "# T\n\n```console\n$ echo one\ntwo\n```\n\n"
        '```console capture="n=(\\d)"\n$ echo 7\n7\n```\n\nSo [7](measure:n), not [7](measure:m).\n'
    )
    result = site.assay("check")
    assert [re.split(r": | \[", line)[0] for line in result.findings] == [
        "docs/index.md:5:1", "docs/index.md:13:24"
    ]  # fmt: skip


def test_for_github_nothing_of_a_page_is_a_command(site: Site) -> None:
    name = "docs/a,b:c%.md"
    site.write({name: "# T\n\n[x](%0a::error::y.md)\n"})
    result = site.assay("check", "--format", "github")
    first, *_, last = result.output.splitlines()
    assert first.startswith("::error file=docs/a%2Cb%3Ac%25.md,line=3,col=1,title=links::")
    assert "%250a" in first
    assert last.startswith("1 pages, 0 blocks")


def test_for_github_a_message_is_one_line() -> None:
    told = "50% of\r\nlines\n::error::forged\n##[error]too"
    findings = tuple(Finding(Position("docs/x.md", n + 1), "data", told) for n in range(12))
    lines = list(report.as_github(report.Report(1, findings, (), (), 0)))
    assert len(lines) == 13
    assert all(line.startswith("::error file=docs/x.md,line=") for line in lines[:10])
    assert all(line.count("::") == 4 for line in lines[:10]), "escaped, so it stays data"
    assert all("50%25 of%0D%0Alines%0A" in line for line in lines[:10])
    for line in lines[10:12]:
        assert re.match(r"docs/x\.md:1[12]:1: ", line)
        assert "##[" not in line


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_second_check_of_the_whole_site(proven: Checkout) -> None:
    began = time.monotonic()
    done = proven.assay("check", "--format", "json")
    print(f"second check: {time.monotonic() - began:.2f} s")  # noqa: T201 - a measurement
    assert done.code == 0
    summary = valid(done.json)["summary"]
    assert summary["processes"] == 0
    assert summary["cached"] == summary["blocks"] > 100
