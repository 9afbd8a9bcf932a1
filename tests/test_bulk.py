"""Programs that are built together get the verdicts and outputs that they get alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assay import bulk, sharing, txtar
from conftest import Site

HERE = Path(__file__).parent
USUAL = dict(txtar.parse((HERE / "bench" / "programs.txtar").read_text(encoding="utf-8")).files)
ODD = dict(txtar.parse((HERE / "odd.txtar").read_text(encoding="utf-8")).files)
ALONE = {"buildinfo.go", "caller.go", "embedded.go", "tuned.go"}
SHARED = {
    "compile.go", "deadlock.go", "entry.go", "exits.go", "layout.go", "names.go", "other.go",
    "right.go", "typename.go", "vet.go",
}  # fmt: skip
# These can't be told from others by their words, and are judged again alone.
MISTAKEN = {"entry.go", "typename.go"}
FAIL = {
    "compile.go", "deadlock.go", "exits.go", "layout.go", "mainvar.go", "other.go", "results.go",
    "vet.go",
}  # fmt: skip
LAB = """\
package main

import (
	"fmt"

	"example.org/snippets/fleet"
)

func main() {
	fmt.Println(fleet.Size + SEED)
}
"""


@pytest.mark.parametrize("name", sorted(n for n in ODD if n.endswith(".go")))
def test_what_could_notice_gets_a_binary_of_its_own(name: str) -> None:
    expected = "alone" if name in ALONE else "shared" if name in SHARED else "own"
    assert sharing.tier(ODD[name]) == expected


def test_usual_programs_share_a_binary() -> None:
    tiers = {name: sharing.tier(text) for name, text in USUAL.items()}
    assert {n for n, t in tiers.items() if t != "shared"} == {"kinds.go", "options.go"}


def test_a_shared_program_keeps_its_lines() -> None:
    text = '/* package main */\npackage main\n\nfunc main() { println("package main") }\n'
    made = sharing.as_package(text, "p0007")
    assert made == text.replace("\npackage main", "\npackage p0007")


def _page(programs: dict[str, str]) -> str:
    parts = ["# Programs\n"]
    for name, text in programs.items():
        if name.endswith(".go"):
            parts.append(f"\n{name}:\n\n```go\n{text}```\n")
            output = programs.get(name.replace(".go", ".output"))
            if output is not None:
                parts.append(f"\n```output\n{output}```\n")
    return "".join(parts)


def _evidence(site: Site) -> dict[str, Any]:
    """What each program came to: verdicts, findings, outputs and how its run ended."""
    found = {}
    for path in (site.root / ".cache" / "assay" / "evidence").glob("*/*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        kept = {k: record[k] for k in ("results", "findings", "outputs", "captures", "inputs")}
        if record["commands"]:
            last = record["commands"][-1][1]
            kept["last"] = (last["exit_code"], last["output"])
        found[record["key"]] = (kept, [c["argv"] for _, c in record["commands"]])
    return found


def _started_as(argvs: list[list[str]]) -> str:
    return argvs[-1][0] if argvs else ""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_bulk_and_alone_agree(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = {f"lab{n}.go": LAB.replace("SEED", str(n)) for n in range(3)}
    site.write(
        {
            "docs/index.md": _page(USUAL),
            "docs/odd.md": _page(ODD),
            "docs/lab.md": "---\nlab: fleet\n---\n\n" + _page(lab),
            "snippets/go.mod": "module example.org/snippets\n\ngo 1.26\n",
            "snippets/fleet/fleet.go": "package fleet\n\nconst Size = 40\n",
        }
    )
    together = site.assay("check", "--format", "json")
    first = _evidence(site)
    monkeypatch.setattr(bulk, "FEWEST", 10_000)
    apart = site.assay("check", "--format", "json", "--no-cache")
    second = _evidence(site)

    assert together.json["findings"] == apart.json["findings"]
    assert together.json["blocks"] == apart.json["blocks"]
    assert {k: kept for k, (kept, _) in first.items()} == {k: v for k, (v, _) in second.items()}
    status = {(b["page"], b["line"]): b["status"] for b in together.json["blocks"]}
    lines = _page(ODD).split("\n")
    failed = {
        lines[n - 3] for (page, n), s in status.items() if page == "docs/odd.md" and s == "failed"
    }
    assert {n.removesuffix(":") for n in failed if n.endswith(".go:")} == FAIL
    assert together.started < apart.started / 2

    started = [_started_as(argvs) for _, argvs in first.values()]
    shared = len(USUAL) - 2 + len(SHARED - FAIL - MISTAKEN)
    assert sum(s.startswith("./bulk/") for s in started) == 2 * shared
    assert not any(_started_as(a).startswith("./bulk/") for _, a in second.values())
