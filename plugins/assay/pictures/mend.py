"""Mend what the drawing engine gets wrong: columns of text, grid lines of time charts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.pictures.colour import ROLE
from assay.pictures.sanitise import Element

_TRANSLATE = re.compile(r"translate\(\s*(-?[\d.]+)(?:[\s,]+(-?[\d.]+))?\s*\)")
_SOURCE = "data-merman-source-classes"
_COLUMNS = frozenset(
    {
        "attribute-comment", "attribute-keys", "attribute-name", "attribute-type",
        "members-group", "methods-group",
    }
)  # fmt: skip


def mend(root: Element) -> None:
    """Change the drawing in place."""
    _frame(root)
    _align(root)
    for element in root.walk():
        if element.attributes.get("data-merman-foreignobject") == "fallback":
            for part in element.content:
                if isinstance(part, Element) and part.tag == "rect":
                    _back(part)
        elif element.attributes.get("class") == "commit-label-bkg":
            element.attributes["style"] = "opacity:1"  # a branch may run behind the text
        elif element.attributes.get("class") == "tick":
            for part in element.walk():
                if part.tag == "line":
                    part.attributes["stroke"] = ROLE["group-border"]


def _frame(root: Element) -> None:
    """Leave some air around the drawing: letters at its edge may be taller than the guess."""
    box = [float(number) for number in root.attributes.get("viewBox", "").split()]
    if len(box) == 4:
        x, y, width, height = box
        root.attributes["viewBox"] = f"{x - 4:g} {y - 4:g} {width + 8:g} {height + 8:g}"


def _back(rect: Element) -> None:
    """Let the ground of an edge's text hide the edge, in wider fonts than the engine's too."""
    rect.attributes["fill"] = ROLE["label"]
    width = float(rect.attributes["width"])
    more = 4 + width * 0.08  # on each side: DejaVu Sans is a sixth wider than the engine's guess
    rect.attributes["x"] = str(float(rect.attributes["x"]) - more)
    rect.attributes["width"] = str(width + 2 * more)


def _align(root: Element) -> None:
    """Set rows of classes and entities flush left.

    The engine centres each text about its own guess of the width, so that with another font the
    rows begin at different places; the empty label groups have the true left edge.
    """
    lefts = list(_edges(root, 0.0, 0.0, False))
    for element in root.walk():
        if element.tag != "text" or _COLUMNS.isdisjoint(
            element.attributes.get(_SOURCE, "").split()
        ):
            continue
        x, y = float(element.attributes["x"]), float(element.attributes["y"])
        found = [left for left, centre in lefts if abs(centre - y) < 2 and left <= x]
        if found:
            # Cells have 12 to each side; a reader's font may be wider than the guess.
            element.attributes["x"] = str(max(found) - 4)
            style = element.attributes.get("style", "")
            element.attributes["style"] = style.replace("text-anchor:middle", "text-anchor:start")


def _edges(element: Element, x: float, y: float, inside: bool) -> Iterator[tuple[float, float]]:
    """Yield left edge and vertical centre of the label groups in columns."""
    move = _TRANSLATE.search(element.attributes.get("transform", ""))
    if move:
        x, y = x + float(move[1]), y + float(move[2] or 0)
    words = element.attributes.get("class", "").split()
    inside = inside or not _COLUMNS.isdisjoint(words)
    if inside and "label" in words:
        yield x, y + 12  # labels are 24 high
    for part in element.content:
        if isinstance(part, Element):
            yield from _edges(part, x, y, inside)
