"""Say what a check judges, in the words of its own documentation page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from assay.checkers import CHECKERS, names
from assay.errors import UsageError

PAGES = Path(__file__).parent / "pages"
# The headers that the generated examples have; an example's own headers stay as they are.
MADE = re.compile(r'^(`{3,}text) skip="(?:an example page: |what assay check prints).*"$')


def explanation(name: str) -> str:
    """Return the check's page as plain text; raises UsageError for an unknown name."""
    checker = next((c for c in CHECKERS if name == c.NAME), None)
    if checker is None:
        allowed = ", ".join(repr(n) for n in names())
        raise UsageError(f"unknown check {name!r}; allowed are {allowed}")
    for folder in (PAGES, Path(__file__).parents[2] / "docs" / "checks"):
        page = folder / f"{name}.md"
        if page.is_file():
            return "\n".join(_plain(page.read_text(encoding="utf-8")))
    return inspect.getdoc(checker) or name


def _plain(text: str) -> Iterator[str]:
    """Drop front matter, markers of examples, and why these aren't checked."""
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->\n{0,2}", "", body, flags=re.DOTALL)
    for line in body.strip().split("\n"):
        yield MADE.sub(r"\1", line)
