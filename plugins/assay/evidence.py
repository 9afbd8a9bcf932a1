"""Evidence: what was judged, how, and what came out, as content-addressed JSON."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assay.errors import UnableError
from assay.files import Hashes, write_atomically
from assay.model import Block, Capture, Command, Finding, Position, Status, Unit


@dataclass(frozen=True, slots=True)
class Result:
    """One check's verdict on one block (its place in the unit), or on the page (None)."""

    block: int | None
    check: str
    status: Status


@dataclass(frozen=True)
class Record:
    """The evidence of one unit; block numbers are places in the unit, so it can move on a page."""

    key: str
    kind: str
    date: str
    tier: str
    toolchain: str | None
    tools: Mapping[str, str]
    inputs: tuple[tuple[str, str], ...]
    results: tuple[Result, ...]
    findings: tuple[tuple[int | None, Finding], ...] = ()
    commands: tuple[tuple[int | None, Command], ...] = ()
    captures: tuple[tuple[int, Capture], ...] = ()
    outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    logs: Mapping[str, str] = field(default_factory=dict)

    def located(self, unit: Unit) -> tuple[Finding, ...]:
        """The findings on the lines where the unit's blocks stand now."""
        blocks = (*unit.blocks, *unit.before)
        return tuple(_moved(f, blocks, n, 1) for n, f in self.findings)

    def statuses(self, place: int | None) -> tuple[Result, ...]:
        """The verdicts on one block of the unit."""
        return tuple(r for r in self.results if r.block == place)


def relative(finding: Finding, unit: Unit) -> tuple[int | None, Finding]:
    """Store a finding by its distance from the fence of the block that it is in."""
    if unit.kind == "page" or finding.position.path != unit.page.path:
        return None, finding
    blocks = (*unit.blocks, *unit.before)
    above = [(b.line, n) for n, b in enumerate(blocks) if b.line <= finding.position.line]
    _, place = max(above, default=(0, 0))
    return place, _moved(finding, blocks, place, -1)


def _moved(finding: Finding, blocks: tuple[Block, ...], place: int | None, sign: int) -> Finding:
    if place is None:
        return finding
    where = finding.position
    line = where.line + sign * blocks[place].line
    return Finding(Position(where.path, line, where.column), finding.check, finding.message)


def audit(kept: Record, fresh: Record) -> None:
    """Compare what is kept with a fresh judgement; raises UnableError where they differ."""
    for name in ("results", "findings", "inputs", "tools"):
        old, new = getattr(kept, name), getattr(fresh, name)
        if old != new:
            raise UnableError(
                f"kept evidence is false: {name} {str(old)[:120]!r}, a fresh run has "
                f"{str(new)[:120]!r}; delete .cache/assay and check again"
            )


class Store:
    """The checkout's `.cache/assay`: records by key, and for each page which record holds."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".cache" / "assay"
        self.hashes = Hashes(self.folder / "hashes.json")

    def load(self, key: str) -> Record | None:
        """Return a record; None if it is absent or damaged (it is then made anew)."""
        try:
            raw = json.loads(self._path(key).read_text(encoding="utf-8"))
            record = _record(raw)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return record if record.key == key else None

    def save(self, record: Record) -> None:
        """Write a record; raises UnableError on a full disk."""
        text = json.dumps(asdict(record), ensure_ascii=False, sort_keys=True, indent=1)
        write_atomically(self._path(record.key), text + "\n")

    def index(self, page: str) -> Mapping[str, str] | None:
        """Return the page's unit signatures and keys, None if the page was never checked."""
        with contextlib.suppress(OSError, ValueError, RecursionError):
            raw = json.loads(self._index(page).read_text(encoding="utf-8"))
            if isinstance(raw, dict) and isinstance(raw.get("units"), dict):
                return {str(k): str(v) for k, v in raw["units"].items()}
        return None

    def save_index(self, page: str, units: Mapping[str, str]) -> None:
        """Write which record holds for each unit of the page."""
        text = json.dumps({"page": page, "units": dict(units)}, sort_keys=True, indent=1)
        write_atomically(self._index(page), text + "\n")

    def settled(self, page: str) -> Path:
        """Where the outcome of a page without a fault is kept."""
        return self.folder / "settled" / f"{Hashes.text(page)}.json"

    def _path(self, key: str) -> Path:
        return self.folder / "evidence" / key[:2] / f"{key}.json"

    def _index(self, page: str) -> Path:
        return self.folder / "index" / f"{Hashes.text(page)}.json"


def _record(raw: dict[str, Any]) -> Record:
    return Record(
        **{
            **raw,
            "inputs": tuple((n, h) for n, h in raw["inputs"]),
            "results": tuple(Result(**r) for r in raw["results"]),
            "findings": tuple((n, _finding(f)) for n, f in raw["findings"]),
            "commands": tuple(
                (n, Command(tuple(c["argv"]), c["exit_code"], c["output"]))
                for n, c in raw["commands"]
            ),
            "captures": tuple((n, Capture(**c)) for n, c in raw["captures"]),
            "outputs": {k: tuple(v) for k, v in raw["outputs"].items()},
        }
    )


def _finding(raw: dict[str, Any]) -> Finding:
    return Finding(Position(**raw["position"]), raw["check"], raw["message"])
