"""The table of supported versions: every row has its source, and old rows can be listed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest

from assay import supported
from conftest import Site

PAGE = '# Image\n\n```dockerfile\nFROM golang:1.27\nCMD ["go"]\nUSER 1\n```\n'


@pytest.fixture
def aged(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose table has one row of long ago and one of today."""
    today = dt.datetime.now(dt.UTC).date()
    rows = [("Go", "golang", dt.date(2026, 1, 5)), ("Node.js", "node", today)]
    text = "".join(
        f'- what: {what}\n  oldest: "1"\n  use: "1"\n  images: [{image}]\n  why: so it is\n'
        f"  source: https://example.com/{image}\n  looked: {looked}\n"
        for what, image, looked in rows
    )
    site.write({"table/versions.yml": text, "docs/index.md": "# Nothing pinned\n"})
    monkeypatch.setattr(supported, "FILE", site.root / "table" / "versions.yml")
    supported.rows.cache_clear()
    yield site
    supported.rows.cache_clear()


def test_old_rows_are_findings_on_the_table(aged: Site) -> None:
    result = aged.assay("check", "--audit-dates", "180")
    assert result.code == 1
    (finding,) = result.findings
    days = (dt.datetime.now(dt.UTC).date() - dt.date(2026, 1, 5)).days
    assert finding == (
        f"table/versions.yml:7:11: Go was looked up {days} days ago; "
        "look at https://example.com/golang again [versions]"
    )


def test_the_day_counts_only_where_it_is_asked_for(aged: Site) -> None:
    assert aged.assay("check").code == 0
    assert aged.assay("check", "--audit-dates", "100000").code == 0


def test_the_format_of_the_audit_is_that_of_the_check(aged: Site) -> None:
    made = aged.assay("check", "--audit-dates", "180", "--format", "json").json
    assert [(f["path"], f["line"]) for f in made["findings"]] == [("table/versions.yml", 7)]


def test_days_are_a_number(site: Site) -> None:
    assert site.assay("check", "--audit-dates", "0").code == 2


def test_every_row_says_where_it_is_from() -> None:
    for row in supported.rows():
        assert {"what", "oldest", "use", "why", "source", "looked"} <= row.keys(), row["what"]
        assert row.keys() & {"images", "action", "runner"}, row["what"]
        assert re.match(r"https://", row["source"]), row["what"]
        assert isinstance(row["looked"], dt.date), row["what"]
        for name in row.get("images", ()):
            assert supported.image(f"{name}:{row['use']}") is None
