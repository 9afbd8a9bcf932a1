"""The shell commands of any block: transcripts, scripts, Dockerfiles, pipelines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from assay import kinds, yamltree
from assay.model import Block
from assay.sources.transcript import HEREDOC, Script, script

Piece = tuple[int, int, int, int]
RUN = re.compile(r"^\s*RUN\s+((?:--\w+=\S+\s+)*)", re.IGNORECASE)
GOING_ON = re.compile(r"\\\s*$")
# What runs a here-document that is all of a RUN, where it isn't a shell.
OTHER = re.compile(r"<<-?\s*['\"]?\w+['\"]?\s+(?!(?:\S*/)?(?:ba|da)?sh\b)\S")
# GitHub and GitLab put a value in before the shell reads the line.
EXPRESSION = re.compile(r"\$\{\{.*?\}\}|\$\[\[.*?\]\]", re.DOTALL)
SHELLS = ("bash", "sh")


def scripts(block: Block) -> Iterator[Script]:
    """Yield what a block runs; what of it is no shell is left out."""
    if block.language in ("bash", "console"):
        yield script(block)
    elif block.language == "dockerfile":
        yield from _runs(block)
    else:
        for kind, find in PIPELINES.items():
            if kind in kinds.of(block):
                yield from _pipeline(block, find)


# -- Dockerfiles -----------------------------------------------------------------------------------
def _runs(block: Block) -> Iterator[Script]:
    lines = block.text.split("\n")
    index = 0
    while index < len(lines):
        match = RUN.match(lines[index])
        if match is None:
            index += 1
            continue
        numbers = _instruction(lines, index)
        index = numbers[-1] + 1
        begin = match.end()
        first = lines[numbers[0]][begin:]
        if first.startswith("<<"):
            if not OTHER.match(first):
                yield _joined(block, [(n, 0, lines[n]) for n in numbers[1:-1]])
        elif not first.startswith("["):
            parts = [(n, 0, _going_on(lines[n])) for n in numbers[1:]]
            yield _joined(block, [(numbers[0], begin, first), *parts])


def _going_on(line: str) -> str:
    """A comment or an empty line between the parts of a command is no part of it."""
    return "\\" if not line.strip() or line.lstrip().startswith("#") else line


def _instruction(lines: list[str], index: int) -> list[int]:
    """The numbers of an instruction's lines: continued, and with its here-documents."""
    numbers = [index]
    while numbers[-1] + 1 < len(lines) and GOING_ON.search(_going_on(lines[numbers[-1]])):
        numbers.append(numbers[-1] + 1)
    for match in HEREDOC.finditer("\n".join(lines[n] for n in numbers)):
        while numbers[-1] + 1 < len(lines):
            numbers.append(numbers[-1] + 1)
            if lines[numbers[-1]].strip() == match[2]:
                break
    return numbers


def _joined(block: Block, parts: list[tuple[int, int, str]]) -> Script:
    """Make a script of parts of lines: the line's index, where the part begins, and its text."""
    pieces = tuple((n, 1, at + 1, column + 1) for n, (at, column, _) in enumerate(parts, 1))
    return Script(block, "".join(f"{text}\n" for _, _, text in parts), pieces)


# -- pipelines -------------------------------------------------------------------------------------
def _pipeline(block: Block, find: Callable[[Node], Iterator[ScalarNode]]) -> Iterator[Script]:
    lines = block.text.split("\n")
    for document in yamltree.documents(block.text):
        for node in find(document.node):
            made = _scalar(block, lines, node)
            text = EXPRESSION.sub(lambda m: "$" + re.sub(r"[^\n]", "x", m[0])[1:], made.text)
            yield Script(block, text, made.pieces)


def _scalar(block: Block, lines: list[str], node: ScalarNode) -> Script:
    start, end = node.start_mark, node.end_mark
    if node.style in ("|", ">"):
        last = end.line if end.column == 0 else end.line + 1
        numbers = range(start.line + 1, last)
        filled = [lines[n] for n in numbers if lines[n].strip()]
        indent = min((len(t) - len(t.lstrip()) for t in filled), default=0)
        parts = [(n, indent, lines[n][indent:]) for n in numbers]
        return _folded(block, parts) if node.style == ">" else _joined(block, parts)
    column = start.column + (1 if node.style in ("'", '"') else 0)
    return Script(block, f"{node.value}\n", ((1, 1, start.line + 1, column + 1),))


def _folded(block: Block, parts: list[tuple[int, int, str]]) -> Script:
    """A folded scalar: its lines are one, but at an empty line."""
    text, pieces = "", []
    for at, column, part in parts:
        before = text.rpartition("\n")[2]
        pieces.append((text.count("\n") + 1, len(before) + 1, at + 1, column + 1))
        text += f"{part} " if part.strip() else "\n"
    return Script(block, f"{text}\n", tuple(pieces))


def _pairs(node: Node) -> Iterator[tuple[MappingNode, str, Node]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield node, str(key.value), value
            yield from _pairs(value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _pairs(item)


def _github(root: Node) -> Iterator[ScalarNode]:
    for step, key, value in _pairs(root):
        shells = [str(v.value) for k, v in step.value if k.value == "shell"]
        if key == "run" and isinstance(value, ScalarNode) and {*shells} <= {*SHELLS}:
            yield value


def _gitlab(root: Node) -> Iterator[ScalarNode]:
    for _, key, value in _pairs(root):
        if key in ("script", "before_script", "after_script"):
            todo = [value]
            while todo:
                node = todo.pop(0)
                if isinstance(node, SequenceNode):
                    todo = [*node.value, *todo]
                elif isinstance(node, ScalarNode) and str(node.tag).endswith(":str"):
                    yield node


PIPELINES: Mapping[str, Callable[[Node], Iterator[ScalarNode]]] = {
    "github-actions": _github,
    "gitlab-ci": _gitlab,
}
