"""Tables have no cut cells: every row has the header's cells, and none lost its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.bench import Bench
from assay.model import Finding, Position, Unit

NAME = "table"


def claims(unit: Unit) -> bool:
    """Every page."""
    return unit.kind == "page"


def tools() -> Mapping[str, str]:
    """Judged by assay itself."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield empty cells, except in a table's corner."""
    for table in unit.page.tables:
        for number, row in enumerate(table.rows):
            for column, cell in enumerate(row):
                if cell or (number == 0 and column == 0):
                    continue
                line = table.lines[min(number, len(table.lines) - 1)]
                message = f"cell {column + 1} of this row is empty; write its value, or '—'"
                yield Finding(Position(unit.page.path, line), NAME, message)
