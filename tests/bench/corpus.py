"""Programs and sites that the benchmark makes: as many as asked for, never two alike."""

from __future__ import annotations

import json
from pathlib import Path

from assay import txtar

PROGRAMS = Path(__file__).parent / "programs.txtar"
DRAWINGS = Path(__file__).parents[1] / "diagrams"
ONE = "const seed = 1\n"


def programs(count: int, first_seed: int) -> list[str]:
    """Make distinct programs; another first seed makes ones that no cache has seen."""
    kinds = txtar.parse(PROGRAMS.read_text(encoding="utf-8")).files
    return [
        kinds[n % len(kinds)][1].replace(ONE, f"const seed = {first_seed + n}\n")
        for n in range(count)
    ]


def page(title: str, fences: list[str]) -> str:
    """Join fences to a page with some prose: Chinese, so that every build cuts words for search."""
    parts = [f"---\ntitle: {title}\n---\n\n# {title}\n"]
    parts += [f"\n第 {n} 段说明下面的内容。\n\n{f}" for n, f in enumerate(fences, 1)]
    return "".join(parts)


def program_fence(text: str) -> str:
    """Show a program."""
    return f"```go\n{text}```\n"


def data_fence(number: int) -> str:
    """Show one of the small data blocks that most pages have."""
    if number % 2:
        values = {"device": f"d{number}", "port": 1024 + number % 60000, "peers": [number, "b"]}
        return f"```json\n{json.dumps(values, indent=2)}\n```\n"
    return f'```toml\n[device]\nname = "d{number}"\nport = {number}\n```\n'


def diagram_fences(count: int, seed: int) -> list[str]:
    """Mermaid fences, no two alike and none that was drawn before: the tests' subjects and types.

    A comment makes them new; the seed's digits are in it, so that no evidence fits.
    """
    texts = [path.read_text(encoding="utf-8").rstrip() for path in sorted(DRAWINGS.rglob("*.mmd"))]
    return [
        f'```mermaid title="Diagram {n}"\n{texts[n % len(texts)]}\n%% {seed + n}\n```\n'
        for n in range(count)
    ]


def write_site(root: Path, fences: list[str], per_page: int, config: str) -> None:
    """Write a site whose pages show the fences."""
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_text(config, encoding="utf-8")
    for start in range(0, len(fences), per_page):
        number = start // per_page
        name = "index" if not number else f"p{number:05}"
        text = page(f"Page {number}", fences[start : start + per_page])
        (root / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
