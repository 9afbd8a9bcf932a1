"""Damage the valid configurations of tests/corpus/good and see that each check notices.

`make mutate` runs it and writes docs/checks/mutations.md. What isn't noticed has to be explained in
tests/corpus/survivors.yml; a new survivor, or an explanation that nothing needs any more, fails.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from damage import OPERATORS

ROOT = Path(__file__).parent.parent
GOOD = ROOT / "tests" / "corpus" / "good"
SURVIVORS = ROOT / "tests" / "corpus" / "survivors.yml"
PAGE = ROOT / "docs" / "checks" / "mutations.md"
LANGUAGE = {".yaml": "yaml", ".json": "json", ".sh": "bash", ".prom": "prometheus"}
EDITS = 3
"""How often an operator is applied to one document, at places spread over it."""
BAR = 0.95


@dataclass(frozen=True)
class Mutant:
    """A document after one edit; `place` is the edit's first line."""

    document: Path
    operator: str
    text: str
    place: int

    @property
    def name(self) -> str:
        return f"{self.document.relative_to(GOOD).as_posix()}:{self.place} {self.operator}"


def documents(check: str) -> list[Path]:
    """The valid documents of a check."""
    return sorted(p for p in (GOOD / check).iterdir() if p.is_file())


def mutants(check: str, edits: int = EDITS) -> list[Mutant]:
    """Every damaged document of a check; the same on every run."""
    made: dict[tuple[Path, str], Mutant] = {}
    for document in documents(check):
        text = document.read_text(encoding="utf-8")
        for operator, edit in OPERATORS[check].items():
            found = [e for e in edit(text) if e.on(text) != text]
            found.sort(
                key=lambda e: hashlib.sha256(f"{document.name}{operator}{e}".encode()).digest()
            )
            for one in found[:edits]:
                place = text.count("\n", 0, one.start) + 1
                mutant = Mutant(document, operator, one.on(text), place)
                made.setdefault((document, mutant.text), mutant)
    return list(made.values())


def judged(check: str, texts: Iterable[tuple[str, str]]) -> dict[int, list[str]]:
    """Check many blocks, each on a page of its own; the messages by the block's number.

    Raises RuntimeError where one could not be judged: that is no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "docs").mkdir()
        (root / "mkdocs.yml").write_text("site_name: corpus\nplugins: [assay]\n", encoding="utf-8")
        for number, (suffix, text) in enumerate(texts):
            page = f"# Page\n\n{fence(check, suffix, text)}"
            (root / "docs" / f"p{number}.md").write_text(page, encoding="utf-8")
        command = [str(Path(sys.executable).parent / "assay"), "check", "--format", "json"]
        if check in ("command-flags", "shell"):
            command += ["--only", check]  # nothing of these is run
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
        found: dict[int, list[str]] = {}
        for one in json.loads(done.stdout)["findings"]:
            number = int(one["path"].removeprefix("docs/p").removesuffix(".md"))
            where = f"{one['line']}:{one['column']}"
            found.setdefault(number, []).append(f"{where}: {one['message']} [{one['check']}]")
        return found


def fence(check: str, suffix: str, text: str) -> str:
    """Write a document as a block that only its check judges."""
    language = LANGUAGE.get(suffix, suffix.removeprefix("."))
    header = 'bash file="script.sh"' if language == "bash" else language
    if check == "data":
        first = text.partition("\n")[0]
        if first.startswith("# schema: "):
            header += f' schema="{first.removeprefix("# schema: ")}"'
    return f"`````{header}\n{text.rstrip()}\n`````\n"


def survivors(check: str, edits: int = EDITS) -> tuple[list[Mutant], list[Mutant]]:
    """All mutants of a check, and those that it takes for valid."""
    every = mutants(check, edits)
    found = judged(check, [(m.document.suffix, m.text) for m in every])
    return every, [m for n, m in enumerate(every) if n not in found]


def explained() -> Mapping[str, str]:
    """Why a mutant isn't noticed, by its name."""
    return YAML(typ="safe").load(SURVIVORS.read_text(encoding="utf-8")) or {}


def main() -> int:
    """Try every check, write the page, and say what nobody has explained."""
    reasons = explained()
    rows, open_ones, seen = [], [], []
    for check in sys.argv[1:] or sorted(OPERATORS):
        every, left = survivors(check)
        share = 1 - len(left) / len(every)
        rows.append((check, len(documents(check)), every, left, share))
        print(f"{check}: {len(every) - len(left)} of {len(every)} noticed", flush=True)
        open_ones += [m.name for m in left if m.name not in reasons]
        seen += [m.name for m in left]
        if share < BAR:
            open_ones.append(f"{check}: {share:.1%} noticed, the bar is {BAR:.0%}")
    if len(sys.argv) == 1:
        open_ones += [f"{n}: explained, but noticed" for n in reasons if n not in seen]
        PAGE.write_text(page(rows, reasons), encoding="utf-8")
    for line in open_ones:
        print(f"open: {line}", file=sys.stderr)
    return 1 if open_ones else 0


def page(
    rows: list[tuple[str, int, list[Mutant], list[Mutant], float]], reasons: Mapping[str, str]
) -> str:
    """The page that says what was tried and what wasn't noticed."""
    lines = [
        "---",
        "title: Mutations",
        "description: How many faults planted in valid configurations each check notices.",
        "weight: 900",
        "search: {exclude: true}",
        "---",
        "",
        "# Mutations",
        "",
        "`make mutate` damages the valid documents of `tests/corpus/good` and asks each check.",
        "The documents themselves pass without a finding (`tests/test_corpus.py`). That run makes",
        "this page.",
        "",
        "| check | valid documents | damaged | noticed | share |",
        "|---|---|---|---|---|",
    ]
    for check, count, every, left, share in rows:
        numbers = f"{count} | {len(every)} | {len(every) - len(left)} | {share:.1%}"
        lines.append(f"| [{check}]({check}.md) | {numbers} |")
    total = sum(len(r[2]) for r in rows)
    lost = sum(len(r[3]) for r in rows)
    lines += [
        f"| all | {sum(r[1] for r in rows)} | {total} | {total - lost} | {1 - lost / total:.1%} |"
    ]
    tried = Counter(m.operator for r in rows for m in r[2])
    missed = Counter(m.operator for r in rows for m in r[3])
    lines += ["", "| fault | planted | noticed |", "|---|---|---|"]
    lines += [f"| {name} | {n} | {n - missed[name]} |" for name, n in sorted(tried.items())]
    lines += ["", "## What isn't noticed, and why", ""]
    lines += ["| document, line and fault | why |", "|---|---|"]
    lines += [
        f"| {m.name} | {reasons.get(m.name, 'not explained yet')} |" for r in rows for m in r[3]
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
