"""Write the rows of plugins/assay/data/flags.yml from what the tools themselves say.

Usage: .venv/bin/python ci/flags.py [TOOL…]   (those on PATH; what isn't keeps its rows)
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flagreaders import Rows, cobra, flag_tool, git, go, kingpin, kubectl, plain, said
from ruamel.yaml import YAML

TABLE = Path(__file__).parent.parent / "plugins" / "assay" / "data" / "flags.yml"
# What a person wrote, and no help says.
KEPT = ("after", "more", "plugins", "runs")
# The tool, its parser, how it says its version, and how its rows are read.
TOOLS: dict[str, tuple[str, tuple[str, ...], Callable[[str], Rows]]] = {
    "actionlint": ("go", ("-version",), flag_tool()),
    "cosign": ("pflag", ("version",), cobra),
    "curl": ("getopt", ("--version",), plain("--help", "all")),
    "docker": ("pflag", ("--version",), cobra),
    "git": ("getopt", ("--version",), git),
    "go": ("go", ("version",), go),
    "gofmt": ("go", (), flag_tool()),
    "hey": ("go", (), flag_tool()),
    "kubectl": ("pflag", ("version", "--client"), kubectl),
    "opa": ("pflag", ("version",), cobra),
    "promtool": ("kingpin", ("--version",), kingpin),
    "shellcheck": ("getopt", ("--version",), plain("--help")),
    "syft": ("pflag", ("--version",), cobra),
    "vegeta": ("go", ("-version",), flag_tool("attack", "dump", "encode", "plot", "report")),
    "wrk": ("getopt", ("--version",), plain("--help")),
}


def row(tool: str) -> dict[str, Any]:
    """Everything about one tool."""
    parser, asked, read = TOOLS[tool]
    version = re.search(r"v?\d+\.\d+(?:\.\d+)?[\w.-]*", said(tool, *asked)) if asked else None
    rows = read(tool)
    shared = dict.fromkeys(rows.get("", {})) if len(rows) == 1 else _shared(rows)
    everywhere = {n: k for n, k in rows[""].items() if n in shared}
    made = {
        name: "\n".join(textwrap.wrap(_written(flags, everywhere), 96, break_on_hyphens=False))
        for name, flags in sorted(rows.items())
    }
    return {
        "parser": parser,
        "source": f"its own help, {version[0].removeprefix('v') if version else 'go1.27.3'}",
        "looked": dt.datetime.now(dt.UTC).date().isoformat(),
        "everywhere": _written(everywhere, {}),
        "commands": made,
    }


def _shared(rows: Rows) -> set[str]:
    return set.intersection(*(set(f) for f in rows.values()))


def _written(flags: dict[str, str], without: dict[str, str]) -> str:
    kept = {n: k for n, k in sorted(flags.items()) if n not in without}
    return " ".join(n if k == "bool" else f"{n}={k}" for n, k in kept.items())


def main() -> int:
    """Renew the rows of the tools that are here."""
    yaml = YAML()
    yaml.width = 100
    table = yaml.load(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}
    for tool in sys.argv[1:] or TOOLS:
        if shutil.which(tool) is None:
            print(f"{tool}: not on PATH; its rows stay", file=sys.stderr)
            continue
        table[tool] = row(tool) | {k: v for k, v in table.get(tool, {}).items() if k in KEPT}
        print(f"{tool}: {len(table[tool]['commands'])} commands")
    with TABLE.open("w", encoding="utf-8") as out:
        yaml.dump({t: table[t] for t in sorted(table)}, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
