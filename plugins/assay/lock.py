"""The proof lock: verdicts proven elsewhere, one line per block and check, committed.

What can't be judged on this machine is taken from it as *recorded*; `--prove` never is. A line's
key has what the page says and the tools' versions in it, and nothing of any machine.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assay import plan, programs
from assay.checkers import chain
from assay.errors import UsageError
from assay.evidence import Record, Result
from assay.files import write_atomically
from assay.model import Block, Capture, Unit
from assay.project import Project, needs_proof

FILE = "evidence.lock"
RECORDED = "recorded"  # stands for the tier of the box: there was none
HEADER = """\
# Verdicts that were proven; `assay accept` writes them, `assay check --prove` runs everything and compares.
# page | block | Go | check | verdict | key | captured | tools
"""  # noqa: E501 - one line of the file
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})")
_SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a check's verdict on one block under one toolchain ('-' for none)."""

    page: str
    block: str
    toolchain: str
    check: str
    verdict: str
    key: str
    captured: str
    tools: str

    def __str__(self) -> str:
        fields = (getattr(self, name) for name in self.__slots__)
        return _SEPARATOR.join(field or "-" for field in fields)

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What the line is about."""
        return self.page, self.block, self.toolchain, self.check

    @property
    def values(self) -> tuple[tuple[str, float, str], ...]:
        """The captured numbers: name, value, unit; raises ValueError."""
        found = []
        for part in self.captured.split() if self.captured != "-" else ():
            head, _, value = part.rpartition("=")
            name, _, unit = head.partition(":")
            found.append((name, float(value), unit))
        return tuple(found)


class Lock:
    """The lock of a checkout as it is now."""

    def __init__(self, root: Path) -> None:
        self.path = root / FILE

    @cached_property
    def lines(self) -> tuple[tuple[int, Entry], ...]:
        """Its entries with their line numbers; raises UsageError for a line that is none."""
        return tuple(self._read(strict=True))

    @cached_property
    def known(self) -> tuple[tuple[int, Entry], ...]:
        """Its entries, without what can't be read: accept writes those anew."""
        return tuple(self._read(strict=False))

    def _read(self, *, strict: bool) -> Iterator[tuple[int, Entry]]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            if strict:
                message = f"{FILE} can't be read: {error}; run assay accept to write it anew"
                raise UsageError(message) from error
            return
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                entry = Entry(*line.split(_SEPARATOR))
                _ = entry.values
            except (TypeError, ValueError) as error:
                if not strict:
                    continue
                what = "a merge conflict" if _CONFLICT.match(line) else f"{line[:60]!r}"
                raise UsageError(
                    f"{FILE}:{number}: {what} is no entry; run assay accept to write it anew"
                ) from error
            yield number, entry

    def record(self, project: Project, unit: Unit) -> Record | None:
        """Return the unit's verdict as recorded, None where the lock holds none for it."""
        if not needs_proof(unit) or not self.lines:
            return None
        wanted = key(project, unit)
        held = [e for _, e in self.lines if e.key == wanted and e.page == unit.page.path]
        if not held:
            return None
        results, values = _placed(unit, held)
        return Record(
            key=hashlib.sha256(f"{FILE} {wanted}".encode()).hexdigest()[:40],
            kind=unit.kind, date="", tier=RECORDED, toolchain=unit.toolchain,
            tools=dict(t.split("=", 1) for t in held[0].tools.split() if "=" in t),
            inputs=project.inputs(unit), results=results, captures=values,
        )  # fmt: skip

    def update(self, there: Iterable[str], pages: Mapping[str, list[Entry]]) -> bool:
        """Write the entries of some pages, keep those of the others that are still there.

        Returns whether the file changed.
        """
        kept: dict[str, list[Entry]] = {}
        for _, entry in self.known:
            kept.setdefault(entry.page, []).append(entry)
        every = {**kept, **pages}
        text = HEADER + "".join(f"{e}\n" for path in there for e in every.get(path, ()))
        old = self.path.read_text(encoding="utf-8") if self.path.is_file() else HEADER
        if text == old:
            return False
        write_atomically(self.path, text)
        return True


def key(project: Project, unit: Unit) -> str:
    """Name a unit by what its page says and what judges it; raises UnableError for no lab."""
    parts: list[Any] = [
        plan.signature(unit),
        [(b.language, b.options, b.text) for b in (*unit.blocks, *unit.before)],
        project.inputs(unit),
        [(c.NAME, dict(c.tools())) for c in chain(unit)],
        unit.toolchain,
    ]
    if brought := programs.brought(unit, project.settings):
        parts += [[(p.name, p.pin) for p in brought]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _placed(
    unit: Unit, held: list[Entry]
) -> tuple[tuple[Result, ...], tuple[tuple[int, Capture], ...]]:
    """Give each entry its block. A block without one is as recorded as the others."""
    results: list[Result] = []
    values: list[tuple[int, Capture]] = []
    taken: set[tuple[int, str]] = set()
    for entry in held:
        places = [n for n, b in enumerate(unit.blocks) if named(b) == entry.block]
        place = next((n for n in places if (n, entry.check) not in taken), None)
        if place is None:
            continue
        taken.add((place, entry.check))
        results.append(Result(place, entry.check, "recorded"))
        values += [(place, Capture(n, v, u, unit.toolchain)) for n, v, u in entry.values]
    last = chain(unit)[-1].NAME
    seen = {r.block for r in results}
    results += [Result(n, last, "recorded") for n in range(len(unit.blocks)) if n not in seen]
    return tuple(results), tuple(values)


def named(block: Block) -> str:
    """Name a block so that others may come and go around it."""
    return block.option("name") or f"{block.language}-{block.digest[:8]}"
