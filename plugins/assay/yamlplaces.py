"""The way from a character of a YAML or JSON string to its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from assay import yamltree

# One character of a double-quoted string as it is written; \ud83d\ude00 is one, in JSON.
_WRITTEN = re.compile(
    r"\\u[dD][89abAB]..\\u....|\\x..|\\u....|\\U........|\\(?s:.)|[^\\]", re.DOTALL
)
# Escapes that stand for white space, which is not counted: YAML folds it.
_BLANK = frozenset({r"\n", r"\t", r"\r", r"\ ", "\\\n", r"\f", r"\v"})


def within(
    document: yamltree.Document, text: str, path: Iterable[str | int], offset: int
) -> tuple[int, int]:
    """Return line and column of the character `offset` of the string at `path`.

    `text` is what the document was read from. A negative offset, or one in what is no string,
    gives the place of the value.
    """
    path = tuple(path)
    node = _at(document.node, path)
    if offset < 0 or not isinstance(node, ScalarNode):
        return document.place(path)
    before = sum(not c.isspace() for c in node.value[:offset])
    places = list(_characters(node, text))
    if not places:
        return document.place(path)
    place = places[before] if before < len(places) else places[-1] + 1
    line = text.count("\n", 0, place) + 1
    return line, place - text.rfind("\n", 0, place)


def _characters(node: ScalarNode, text: str) -> Iterator[int]:
    """Where in the text each character of a string is written, white space left out."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):
        start = text.find("\n", start) + 1
    elif node.style in ("'", '"'):
        start, end = start + 1, end - 1
    if node.style == '"':
        for one in _WRITTEN.finditer(text, start, end):
            if one[0] not in _BLANK and not one[0].isspace():
                yield one.start()
        return
    at = start
    while at < end:
        if not text[at].isspace():
            yield at
        at += 2 if node.style == "'" and text.startswith("''", at) else 1


def _at(node: Node, path: Iterable[str | int]) -> Node | None:
    for part in path:
        found: Node | None = None
        if isinstance(node, MappingNode):
            found = next((v for k, v in node.value if str(k.value) == str(part)), None)
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        if found is None:
            return None
        node = found
    return node
