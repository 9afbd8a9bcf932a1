"""docs/security/ is written from the cases and from what was recorded when they last ran.

ASSAY_UPDATE=1 rewrites the pages; `ASSAY_UPDATE=1 pytest tests/test_hostile.py` makes the record of
the attacks anew, `make soak` the one of the mutations.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assay import txtar
from attacks import CASES, RESULTS, Expect
from mutate_sandbox import HARMLESS, MUTATIONS
from mutate_sandbox import RESULTS as MUTATED

DOCS = Path(__file__).parent.parent / "docs" / "security"
HEAD = """\
---
title: {title}
description: {description}
weight: {weight}
search: {{exclude: true}}
---

# {title}

"""
ATTACKS = """\
Each of these is a file in `tests/hostile/`, and a test: the program or page is run, it must end as
its file says, and afterwards nothing of it is left, a secret file, an environment variable and two
listeners of the machine are untouched, and a harmless program works. `make test` runs them all as a
plain user, and as root too where it is started as root. What is shown here was recorded on {date}
with Linux {kernel}.

| case | attack | as root | as a plain user |
|---|---|---|---|
"""
MUTATIONS_TEXT = """\
A wall that nothing leans on may have fallen long ago. `make soak` therefore takes the sandbox's
options away, one after the other, and runs the attacks: some test must notice each time. Where none
can, because another option holds meanwhile, both are taken away.

| option | taken away | noticed by | or held by | and without both |
|---|---|---|---|---|
"""


def attacks() -> str:
    """Write the page of the attacks."""
    record = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = HEAD.format(
        title="Attacks that the sandbox survives", weight=10,
        description="Every hostile program and page of the tests, and how it ended.",
    )  # fmt: skip
    text += ATTACKS.format(date=record["date"], kernel=record["kernel"])
    sections = ""
    for path in CASES:
        archive = txtar.parse(path.read_text(encoding="utf-8"))
        files = dict(archive.files)
        expect = Expect(files.pop("expect"))
        number, _, name = path.stem.partition("-")
        seen = record["cases"].get(path.stem, {})
        cells = [f"`{_cell(seen[who])}`" if who in seen else "not run" for who in ("root", "user")]
        words = name.replace("-", " ")
        text += f"| {number} | [{words}](#{path.stem}) | {' | '.join(cells)} |\n"
        sections += f"\n## {number} {words} {{ #{path.stem} }}\n\n{archive.comment.strip()}\n\n"
        sections += "".join(f"- {line}\n" for line in _wanted(expect))
        for file, content in files.items():
            sections += f"\n`{file}`:\n\n{_fence(content)}"
    return text + sections


def _wanted(expect: Expect) -> Iterator[str]:
    """Say what must come out."""
    if ends := expect.one("ends"):
        yield f"ends: {_or(ends)}"
    if code := expect.one("exit"):
        yield f"`assay check` exits with {_or(code)}"
    for key, words in (
        ("finding", "finding, as a regular expression:"), ("error", "message:"),
        ("output", "in the output:"), ("never", "nowhere:"),
    ):  # fmt: skip
        for value in expect.all(key):
            yield f"{words} `{value}`"
    for key, words in (
        ("limits", "limits of the box:"), ("within", "seconds at most:"), ("tier", "tier:"),
        ("most_processes", "processes at most:"), ("beside", "harmless boxes at the same time:"),
    ):  # fmt: skip
        if value := expect.one(key):
            yield f"{words} {value}"


def _or(pattern: str) -> str:
    return " or ".join(f"`{part}`" for part in pattern.split("|"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")


def _fence(text: str) -> str:
    text = text.replace("--8<--", ";--8<--")  # shown, not included
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f'{marks}text skip="an attack: the tests run it, this page doesn\'t"\n{text}{marks}\n'


def mutations() -> str:
    """Write the page of the mutations."""
    record: dict[str, Any] = json.loads(MUTATED.read_text(encoding="utf-8"))
    text = HEAD.format(
        title="What each part of the sandbox is for", weight=20,
        description="Every option of the sandbox is taken away in turn, and a test notices.",
    )  # fmt: skip
    text += MUTATIONS_TEXT
    for name, mutation in MUTATIONS.items():
        seen = record[name]
        held = f"{mutation.backup}: {mutation.why}" if "both" in seen else "—"
        cells = [
            name,
            f"`{mutation.what}`",
            _tests(seen["alone"]),
            held,
            _tests(seen.get("both", [])),
        ]
        text += f"| {' | '.join(cells)} |\n"
    deny = ", ".join(f"`{name}`" for name in HARMLESS)
    return text + f"\nOptions that deny nothing aren't listed: {deny}.\n"


def _tests(names: list[str]) -> str:
    return ", ".join(_linked(name) for name in names) or "—"


def _linked(name: str) -> str:
    case = re.fullmatch(r"(?:program|page)\[(\S+)\]", name)
    return f"[{case[1].partition('-')[0]}](attacks.md#{case[1]})" if case else f"`{name}`"


@pytest.mark.parametrize(("name", "make"), [("attacks", attacks), ("mutation", mutations)])
def test_a_page_is_what_was_recorded(name: str, make: Callable[[], str]) -> None:
    page, made = DOCS / f"{name}.md", make()
    if os.environ.get("ASSAY_UPDATE"):
        page.write_text(made, encoding="utf-8")
    behind = f"docs/security/{name}.md is behind; run this with ASSAY_UPDATE=1"
    assert page.read_text(encoding="utf-8") == made, behind


def test_every_attack_was_run_by_both_and_ended_as_it_must() -> None:
    record = json.loads(RESULTS.read_text(encoding="utf-8"))["cases"]
    assert set(record) <= {path.stem for path in CASES}, "a case is gone; run them again"
    for path in CASES:
        expect = Expect(dict(txtar.parse(path.read_text(encoding="utf-8")).files)["expect"])
        if expect.one("tier"):
            continue  # this machine may not have it
        for who in ("root", "user"):
            seen = record[path.stem][who]
            if expect.one("ends") and not expect.one("kill_supervisor"):
                assert re.fullmatch(expect.one("ends"), seen.partition(": ")[0]), path.stem
            if expect.one("exit"):
                assert re.match(f"exit (?:{expect.one('exit')}): ", seen), path.stem


def test_all_forty_six_are_there() -> None:
    numbers = {int(path.stem[:2]) for path in CASES}
    assert numbers == set(range(1, 47))


def test_every_option_was_taken_away_and_missed() -> None:
    record = json.loads(MUTATED.read_text(encoding="utf-8"))
    assert set(record) == set(MUTATIONS), "run make soak again"
    for name, seen in record.items():
        assert seen["alone"] or seen.get("both"), f"nothing notices that {name} is gone"
