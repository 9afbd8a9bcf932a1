"""YAML (1.2) with positions: documents, duplicate keys, and the way from a path to a line."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.error import YAMLError as ReaderError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault at a 1-based line and column of the text."""

    line: int
    column: int
    message: str
    first: int | None = None  # the line of what is there twice


class YAMLError(Exception):
    """The text is not YAML."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True)
class Document:
    """One document: its plain data and its nodes."""

    data: Any
    node: Node

    def source(self, text: str) -> str:
        """Return the part of the stream that the document is."""
        return text[self.node.start_mark.index : self.node.end_mark.index]

    def place(self, path: Iterable[str | int], *, key: bool = False) -> tuple[int, int]:
        """Return line and column of the value at `path`, or of its key; the deepest that is."""
        node = self.node
        mark = node.start_mark
        for part in path:
            if isinstance(node, MappingNode):
                pair = next(((k, v) for k, v in node.value if str(k.value) == str(part)), None)
                if pair is None:
                    break
                mark = pair[0].start_mark if key else pair[1].start_mark
                node = pair[1]
            elif (
                isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value)
            ):
                node = node.value[part]
                mark = node.start_mark
            else:
                break
        return mark.line + 1, mark.column + 1


class _Constructor(SafeConstructor):
    """Reads GitLab's `!reference` as the list that it is; other tags are unknown."""


_Constructor.add_constructor(
    "!reference", lambda reader, node: reader.construct_sequence(node, deep=True)
)


@functools.lru_cache(maxsize=1024)  # several checks read one block, and the reader is slow
def documents(text: str) -> tuple[Document, ...]:
    """Parse every document; raises YAMLError at the first thing that is not YAML."""
    try:
        nodes = [n for n in YAML(typ="safe", pure=True).compose_all(text) if n is not None]
        loader = YAML(typ="safe", pure=True)
        loader.Constructor = _Constructor
        loader.allow_duplicate_keys = True
        data = [d for d in loader.load_all(text) if d is not None]
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YAMLError(Fault(line, column, str(error.problem or "not YAML"))) from error
    except (ReaderError, ValueError) as error:
        raise YAMLError(Fault(1, 1, " ".join(str(error).split())[:200])) from error
    return tuple(Document(d, n) for d, n in zip(data, nodes, strict=False))


def duplicates(node: Node) -> Iterator[Fault]:
    """Yield each key that a mapping has twice, at its second place."""
    if isinstance(node, MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                mark = key.start_mark
                message = f"duplicate key {name!r}"
                yield Fault(mark.line + 1, mark.column + 1, message, seen[name])
            seen.setdefault(name, key.start_mark.line + 1)
            yield from duplicates(value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from duplicates(item)
