"""Check every page of chapters 1 and 2 again and again: what was measured once must hold each time.

A state file counts the rounds that each page has passed in a row as it stands, its lab and the
settings included; a run that was stopped goes on from there, and a page that is edited starts anew.
Whatever fails is a row of tests/soak.md, to be explained there; so is a page that has its rounds.
A page that fails three times in a row is no flake: it is left out of what follows.
ASSAY_ROUNDS says how many rounds; ASSAY_ONLY=measure leaves out what measures nothing, counted
apart; pages or folders as arguments choose some of the pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = (Path("docs", "why"), Path("docs", "load-testing"))
SETTINGS = ("assay.toml", "mkdocs.yml", "snippets/go.mod", "snippets/go.sum")
STATE = ROOT / ".cache" / "soak" / "pages.json"
TABLE = ROOT / "tests" / "soak.md"
CHOSEN = tuple(sys.argv[1:])
ROUNDS = int(os.environ.get("ASSAY_ROUNDS", "20"))
ONLY = os.environ.get("ASSAY_ONLY", "")
HOPELESS = 3


def main() -> int:
    """Go on until every page has its rounds; 1 where one of them failed on the way."""
    failures: dict[str, int] = {}
    failed = False
    while missing := hopeful(lacking(load()), failures):
        least = min(missing.values())
        say(f"{len(missing)} pages to go, the last with {least} of {ROUNDS} rounds")
        before = {page: state(page) for page in missing}
        started = time.monotonic()
        faults, whole = check(sorted(missing))
        failed = failed or bool(faults)
        if not whole:
            return 1
        counts = load()
        for page, key in before.items():
            if state(page) == key:  # an edit while it ran: nobody knows which text was checked
                rounds = 0 if page in faults else 1 + done(counts, page, key)
                counts[page] = {"state": key, "rounds": rounds}
                failures[page] = failures.get(page, 0) + 1 if page in faults else 0
        save(counts)
        for page, found in sorted(faults.items()):
            for fault in found:
                note(page, fault, "open")
        for page in sorted(set(missing) - set(lacking(counts))):
            part = f" (--only {ONLY})" if ONLY else ""
            note(page, f"nothing in {ROUNDS} rounds in a row{part}", "")
        say(f"a round took {time.monotonic() - started:.0f} s; {len(faults)} pages failed")
    for page in (left := lacking(load())):
        say(f"{page} failed {HOPELESS} times in a row")
    say(f"{len(pages()) - len(left)} of {len(pages())} pages passed {ROUNDS} times in a row")
    return int(failed)


def say(text: str) -> None:
    """Print at once: these runs are long and are looked at while they go."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def state(page: str) -> str:
    """Hash what the page's verdict hangs on: its text, its lab and the settings."""
    made = hashlib.sha256(ONLY.encode())
    for path in sorted(inputs(page)):
        made.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return made.hexdigest()[:16]


def inputs(page: str) -> Iterator[Path]:
    """Yield the files that `state` hashes."""
    yield from (ROOT / name for name in (page, *SETTINGS))
    text = (ROOT / page).read_text(encoding="utf-8")
    for line in text.split("---", 2)[1].splitlines() if text.startswith("---") else ():
        if line.startswith("lab:"):
            lab = ROOT / "snippets" / line.partition(":")[2].strip()
            yield from (p for p in lab.rglob("*") if p.is_file())


def pages() -> list[str]:
    """Return the chapters' pages."""
    found = (p for chapter in CHAPTERS for p in (ROOT / chapter).glob("*.md"))
    names = sorted(str(p.relative_to(ROOT)) for p in found)
    chosen = [n for n in names if not CHOSEN or n.startswith(CHOSEN)]
    if not chosen:
        sys.exit(f"soak: no page of {', '.join(map(str, CHAPTERS))} begins with {CHOSEN}")
    return chosen


def lacking(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return the pages that haven't passed often enough as they stand, with their rounds."""
    found = {page: done(counts, page, state(page)) for page in pages()}
    return {page: rounds for page, rounds in found.items() if rounds < ROUNDS}


def hopeful(missing: Mapping[str, int], failures: Mapping[str, int]) -> dict[str, int]:
    """Leave out the pages that fail each time."""
    return {page: n for page, n in missing.items() if failures.get(page, 0) < HOPELESS}


def done(counts: Mapping[str, Any], page: str, key: str) -> int:
    """Return how many rounds in a row the page has passed in that state."""
    kept = counts.get(page, {})
    return int(kept["rounds"]) if kept.get("state") == key else 0


def load() -> dict[str, Any]:
    """Read the counts; none where there is no file yet."""
    return dict(json.loads(STATE.read_text(encoding="utf-8"))) if STATE.exists() else {}


def save(counts: Mapping[str, Any]) -> None:
    """Write the counts, whole or not at all."""
    STATE.parent.mkdir(parents=True, exist_ok=True)
    made = STATE.with_suffix(".new")
    made.write_text(json.dumps(counts, indent=1, sort_keys=True), encoding="utf-8")
    made.replace(STATE)


def check(selected: list[str]) -> tuple[dict[str, list[str]], bool]:
    """Check pages anew; return the faults of each, and whether everything was told."""
    argv = [
        str(Path(sys.executable).parent / "assay"),
        "check",
        "--no-cache",
        *(("--only", ONLY) if ONLY else ()),
        "--format",
        "json",
        *selected,
    ]
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        report = json.loads(ran.stdout)
    except ValueError:
        say(ran.stdout + ran.stderr)
        return {}, False
    faults: dict[str, list[str]] = {}
    for fault in (*report["findings"], *report["errors"]):
        place = f"{fault['path']}:{fault['line']}:{fault['column']}"
        text = f"`{place}` {fault['message']} [{fault['check']}]"
        say(text)
        # An included file is no page: the finding names the page that shows it.
        owner = next((p for p in selected if p == fault["path"] or p in fault["message"]), "")
        faults.setdefault(owner or fault["path"], []).append(text)
    return faults, True


def note(page: str, fault: str, why: str) -> None:
    """Append a row; an `open` one somebody has to explain."""
    load_now = Path("/proc/loadavg").read_text(encoding="ascii").split()[0]
    cells = (
        time.strftime("%Y-%m-%d"),
        page,
        load_now,
        fault.replace("|", "\\|").replace("\n", " "),
    )
    with TABLE.open("a", encoding="utf-8") as table:
        table.write(f"| {' | '.join((*cells, why))} |\n")


if __name__ == "__main__":
    sys.exit(main())
