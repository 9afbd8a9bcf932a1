"""Draw docs/assets/architecture.svg from the modules' real imports.

Usage: .venv/bin/python ci/architecture.py [FILE]

Floors and rooms are those of tests/test_imports.py. An arrow between two rooms of the picture
stands for imports, direct or through rooms that are only listed; what follows from other arrows
is left out. Drawn as the pages' `diagrams` fences are, without the sandbox: the code is our own.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess  # noqa: TID251 - a tool of the repository, not a part of assay
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests")]

from assay.checkers import CHECKERS  # noqa: E402
from assay.pictures.colour import ROLE  # noqa: E402
from assay.pictures.diagrams import SCRIPT, embed  # noqa: E402
from test_imports import FLOOR, HOUSE, MODULES, imported, room  # noqa: E402

PICTURE = ROOT / "docs" / "assets" / "architecture.svg"
TITLE = "How the parts of assay depend on one another: imports only go down"
FONTS = 'system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif'
# From the bottom floor up.
CAPTIONS = (
    "plain data",
    "reads, draws, starts",
    "stages and runs",
    "judges",
    "decides and keeps",
    "people start here",
)
# The rooms to know first, from left to right on their floor, and what each is for.
KNOWN = {
    "cli": "the command",
    "plugin": "alone knows MkDocs",
    "markdown_ext": "marks below blocks",
    "runner": "runs what is new",
    "evidence": "JSON, by content",
    "verdicts": "what the build shows",
    "checkers": f"{len(CHECKERS)} checks, a module each",
    "bench": "one unit's workbench",
    "pictures": "diagrams to SVG",
    "sources": "pages to blocks",
    "sandbox": "no box, no run",
    "process": "alone starts programs",
    "model": "pages, blocks, findings",
}
COLUMN = 290  # px at the left, for a floor's name and its other rooms
LETTERS = 46  # in a line of them
LINE, GAP, BOX = 15, 6, 43.2  # px: a line, between floors, a room's height
LOOK = {"ink": ROLE["text"], "quiet": ROLE["line"], "edge": ROLE["border"], "box": ROLE["fill"],
        "band": ROLE["group"], "sheet": ROLE["label"]}  # fmt: skip
SVG = "http://www.w3.org/2000/svg"


def graph() -> Mapping[str, frozenset[str]]:
    """Map each room to the rooms that it imports."""
    found: dict[str, set[str]] = {name: set() for name in FLOOR}
    for path in MODULES:
        if room(path) in found:
            parts = (name.split(".") for name in imported(path))
            found[room(path)] |= {p[1] for p in parts if p[0] == "assay" and p[1:]}
    return {name: frozenset((others & FLOOR.keys()) - {name}) for name, others in found.items()}


def arrows(imports: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    """Reduce what the known rooms reach to the arrows that say it all."""
    reach: dict[str, frozenset[str]] = {}
    for start in KNOWN:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            fresh = imports[waiting.pop()] - seen
            seen |= fresh
            waiting += fresh
        reach[start] = frozenset(seen & KNOWN.keys()) - {start}
    return [
        (start, end)
        for start in KNOWN
        for end in sorted(reach[start])
        if not any(end in reach[between] for between in reach[start] - {end})
    ]


def program() -> str:
    """Write the code of the picture, as a page's fence would have it."""
    return "\n".join(_lines(arrows(graph()))) + "\n"


def _lines(pairs: list[tuple[str, str]]) -> Iterator[str]:
    yield "from diagrams import Diagram, Edge, Node"
    node = {
        "shape": "box", "style": "rounded,filled", "fillcolor": LOOK["box"],
        "color": LOOK["edge"], "fontname": "Helvetica", "fontsize": "13", "height": f"{BOX / 72}",
        "width": "1.5", "fixedsize": "false", "labelloc": "c", "margin": "0.16,0.06",
    }  # fmt: skip
    apart = f"{(_height() + GAP - BOX) / 72:.3f}"
    whole = {"nodesep": "0.3", "ranksep": apart, "pad": "0"}
    yield f"with Diagram('', graph_attr={whole}, direction='TB') as whole:"
    for name, purpose in KNOWN.items():
        folder = "/" if (HOUSE / name).is_dir() else ""
        label = f"{name}{folder}\n{purpose}"
        yield f"  {name} = Node({label!r}, **{node})"
    floors = [[name for name in KNOWN if FLOOR[name] == floor] for floor in range(len(CAPTIONS))]
    for rooms in floors:
        ids = "".join(f" {{{name}._id}}" for name in rooms)
        yield f"  whole.dot.body.append(f'{{{{rank=same{ids}}}}}')"
        for one, next_one in itertools.pairwise(rooms):
            if {(one, next_one), (next_one, one)}.isdisjoint(pairs):
                yield f"  {one} >> Edge(style='invis') >> {next_one}"
    for upper, lower in zip(floors[1:], floors, strict=False):
        yield f"  {upper[0]} >> Edge(style='invis', weight='0') >> {lower[0]}"
    places = list(KNOWN)
    for start, end in pairs:
        level = FLOOR[start] == FLOOR[end]
        if level and places.index(start) > places.index(end):
            yield f"  {end} << Edge(color={LOOK['quiet']!r}) << {start}"
        else:
            yield f"  {start} >> Edge(color={LOOK['quiet']!r}) >> {end}"


def draw(code: str) -> str:
    """Run the code as a page's is run, and return Graphviz's picture."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "dot").symlink_to(Path(sys.executable).parent / "graphviz-pure")
        (work / "driver.py").write_text(SCRIPT, encoding="utf-8")
        (work / "picture.py").write_text(code, encoding="utf-8")
        subprocess.run(
            [sys.executable, "driver.py", "picture.py", "picture.svg"],
            cwd=work, env={**os.environ, "PATH": f"{work}:{os.defpath}"}, check=True,
        )  # fmt: skip
        return (work / "picture.svg").read_text(encoding="utf-8")


def finished(picture: str) -> str:
    """Add the floors, and make the drawing stand alone as an image, light and dark."""
    drawn = embed(_furnished(picture), "assay", TITLE)
    drawn = re.sub(
        r'\[data-md-color-scheme="slate"\] (#assay\{[^}]*\})',
        r"@media(prefers-color-scheme:dark){\1}", drawn,
    )  # fmt: skip
    return drawn.replace("font-family:inherit;color:inherit", f"font-family:{FONTS}") + "\n"


def _furnished(picture: str) -> str:
    ET.register_namespace("", SVG)
    root = ET.fromstring(picture)  # noqa: S314 - Graphviz's own, drawn from our code
    whole = root.find(f"{{{SVG}}}g")
    if whole is None:
        sys.exit("Graphviz drew no group; look at its version")
    spans: dict[int, list[float]] = {}
    for group in whole.findall(f"{{{SVG}}}g[@class='node']"):
        texts = group.findall(f"{{{SVG}}}text")
        name = (texts[0].text or "").rstrip("/")
        texts[0].set("font-weight", "600")
        texts[1].set("font-size", "11")
        texts[1].set("fill", LOOK["quiet"])
        path = group.find(f"{{{SVG}}}path")
        numbers = re.findall(r"-?[\d.]+", path.get("d", "") if path is not None else "")
        spans.setdefault(FLOOR[name], []).extend(float(n) for n in numbers[1::2])
    width, height = (float(n) for n in root.get("viewBox", "").split()[2:])
    left, right = -COLUMN - 24.0, width + 16.0
    for floor in sorted(spans):
        middle = (min(spans[floor]) + max(spans[floor])) / 2
        for place, element in enumerate(_band(floor, left, right, middle)):
            whole.insert(place, element)
    margin = (_height() - BOX) / 2 + 12
    sheet = {"x": left - 12, "y": -height - margin, "width": right - left + 24,
             "height": height + 2 * margin}  # fmt: skip
    whole.insert(0, _element("rect", rx=14, fill=LOOK["sheet"], **sheet))
    root.set("viewBox", f"{sheet['x']:.0f} {sheet['y']:.0f} {sheet['width']:.0f} "
                        f"{sheet['height']:.0f}")  # fmt: skip
    whole.set("transform", "translate(0 0)")
    return ET.tostring(root, encoding="unicode")


def _others(floor: int) -> list[str]:
    """Set the names of a floor's rooms that have no box in lines."""
    names = (name for name, number in FLOOR.items() if number == floor and name not in KNOWN)
    return [line.strip(" ·") for line in textwrap.wrap(" · ".join(names), LETTERS)]


def _height() -> int:
    """Make every floor as high as the one with the most rooms."""
    return max(LINE * len(_others(floor)) + 34 for floor in range(len(CAPTIONS)))


def _band(floor: int, left: float, right: float, middle: float) -> Iterator[ET.Element]:
    """Draw a floor: its ground, its name, and the rooms that have no box."""
    height = _height()
    ground = {"x": left, "y": f"{middle - height / 2:.1f}", "width": right - left}
    yield _element("rect", **ground, height=height, rx=10, fill=LOOK["band"])
    lines = _others(floor)
    start = middle - LINE * len(lines) / 2 + 5
    name = _element("text", x=left + 16, y=start, fill=LOOK["edge"], **{"font-size": 13})
    name.set("font-weight", "600")
    name.text = CAPTIONS[floor]
    yield name
    for number, line in enumerate(lines, 1):
        other = _element(
            "text", x=left + 16, y=start + LINE * number, fill=LOOK["quiet"], **{"font-size": 11}
        )
        other.text = line
        yield other


def _element(tag: str, **attributes: object) -> ET.Element:
    return ET.Element(f"{{{SVG}}}{tag}", {k: f"{v}" for k, v in attributes.items()})


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else PICTURE
    target.write_text(finished(draw(program())), encoding="utf-8")
