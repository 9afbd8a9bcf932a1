"""Names that a region uses and declares elsewhere: kept with its evidence, for its readers."""

from __future__ import annotations

import json
from typing import Any

from assay.bench import Bench
from assay.model import Block, Unit
from assay.plan import is_file, is_region

KEPT = "names.json"


def note(unit: Unit, bench: Bench) -> None:
    """Keep, for each region of the unit, its file and where the names in it are declared.

    The file's text is kept once, with the first region of it; `lines` are the ones referred to.
    """
    shown = [(n, b) for n, b in enumerate(unit.blocks) if is_region(b) and not is_file(b)]
    asked = [(n, path, _lines(b, path)) for n, b in shown for path in _files(b)]
    asked = [entry for entry in asked if bench.folder.target(entry[1])]
    if not asked:
        return
    regions = [{"file": bench.folder.target(path), "lines": lines} for _, path, lines in asked]
    answer = bench.helper("fragment", {"fragments": [], "regions": regions})
    made: dict[str, dict[str, Any]] = {}
    whole: dict[str, dict[str, Any]] = {}
    for (place, path, _), found in zip(asked, answer["regions"], strict=True):
        known = [(f["name"], bench.folder.source(f["file"]), f["line"]) for f in found]
        names = [[name, source, line] for name, source, line in known if source]
        entry: dict[str, Any] = {"path": path, "names": names}
        if path not in whole:
            text = (bench.root / path).read_text(encoding="utf-8")
            whole[path] = entry | {"text": text, "lines": []}
            entry = whole[path]
        made.setdefault(str(place), entry)
    for entry in made.values():
        for _, source, line in entry["names"]:
            if source in whole and line not in whole[source]["lines"]:
                whole[source]["lines"].append(line)
    bench.keep(KEPT, json.dumps(made, ensure_ascii=False, sort_keys=True))


def _files(block: Block) -> list[str]:
    return [n for n in block.included if n.endswith(".go")][:1]


def _lines(block: Block, path: str) -> list[int]:
    return sorted({o.line for o in block.origins if o.path == path})
