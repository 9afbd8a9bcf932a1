"""Where configurations pin versions: images, actions, their inputs, and runners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from assay import yamltree

_ARG = re.compile(r"\s*ARG\s+(\w+)=[\"']?([^\s\"']+)", re.IGNORECASE)
_FROM = re.compile(r"\s*FROM\s+(?:--\S+\s+)*(\S+)", re.IGNORECASE)
_OTHER = re.compile(r"(?:--|,)from=([^\s,]+)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-[^}]*)?\}|(\w+))")
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")


Known = Mapping[str, list[ScalarNode]]
"""Where a variable gets its values; several where a matrix gives them."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What is pinned at a 1-based place; kind is image, action, input or runner."""

    line: int
    column: int
    kind: str
    text: str
    more: tuple[str, ...] = ()
    """Of an action the comment after it; of an input the action and the input's name."""


def dockerfile(text: str) -> Iterator[Pin]:
    """Yield the images of a Dockerfile, arguments filled in with their defaults."""
    known: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if found := _ARG.match(line):
            known.setdefault(found[1], found[2])
        for named in filter(None, (_FROM.match(line), *_OTHER.finditer(line))):
            yield Pin(number, named.start(1) + 1, "image", _filled(named[1], known))


def yaml(text: str) -> Iterator[Pin]:
    """Yield what Kubernetes manifests, GitHub's workflows and GitLab's pipelines pin."""
    lines = text.split("\n")
    for document in yamltree.documents(text):
        yield from _walk(document.node, lines, {}, {})


def _walk(node: Node, lines: list[str], known: Known, matrix: Mapping[str, Node]) -> Iterator[Pin]:
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _walk(item, lines, known, matrix)
    if not isinstance(node, MappingNode):
        return
    fields = {str(k.value): v for k, v in node.value}
    known = {**known, **_variables(fields)}
    matrix = _fields(_fields(fields.get("strategy")).get("matrix")) or matrix
    for name, value in fields.items():
        if name in ("image", "container"):
            yield from _images(value, known)
        elif name == "services" and isinstance(value, SequenceNode):
            for item in value.value:
                yield from _images(item, known)
        elif name == "runs-on":
            yield from (_at(n, "runner") for n in _scalars(value, matrix))
        elif name == "uses" and isinstance(value, ScalarNode):
            yield from _action(value, lines, _fields(fields.get("with")), matrix)
        yield from _walk(value, lines, known, matrix)


def _images(node: Node, known: Known) -> Iterator[Pin]:
    """GitLab's images may be mappings with a name; the others' have their own key `image`.

    One with a variable of the job's matrix is several: each stands where its value does.
    """
    value = node if isinstance(node, ScalarNode) else _fields(node).get("name")
    if not isinstance(value, ScalarNode):
        return
    text = str(value.value)
    named = [m[1] or m[2] for m in _VARIABLE.finditer(text)]
    several = next((n for n in named if len(known.get(n, ())) > 1), "")
    for one in known.get(several, [value]):
        given = {n: v[0] for n, v in known.items() if v} | {several: one}
        yield _at(one, "image", _filled(text, {n: str(v.value) for n, v in given.items()}))


def _action(
    value: ScalarNode, lines: list[str], given: Mapping[str, Node], matrix: Mapping[str, Node]
) -> Iterator[Pin]:
    uses = str(value.value)
    if uses.startswith("docker://"):
        mark = value.start_mark
        yield Pin(mark.line + 1, mark.column + 1, "image", uses.removeprefix("docker://"))
        return
    rest = lines[value.end_mark.line][value.end_mark.column :].strip()
    yield _at(value, "action", uses, rest)
    for name, node in given.items():
        yield from (
            _at(n, "input", str(n.value), uses, name) for n in _scalars(node, matrix)
        )  # fmt: skip


def _scalars(node: Node | None, matrix: Mapping[str, Node]) -> Iterator[ScalarNode]:
    """The values of a field, or those of the matrix that it is taken from."""
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _scalars(item, matrix)
    elif isinstance(node, ScalarNode):
        found = _MATRIX.fullmatch(str(node.value))
        if found:
            yield from _scalars(matrix.get(found[1]), {})
        else:
            yield node


def _at(node: ScalarNode, kind: str, text: str | None = None, *more: str) -> Pin:
    mark = node.start_mark
    shown = str(node.value) if text is None else text
    return Pin(mark.line + 1, mark.column + 1, kind, shown, more)


def _fields(node: Any) -> Mapping[str, Node]:
    return {str(k.value): v for k, v in node.value} if isinstance(node, MappingNode) else {}


def _variables(fields: Mapping[str, Node]) -> Known:
    """GitLab's variables, plain or with a `value`; those of a job's matrix come before them."""
    found: dict[str, list[ScalarNode]] = {}
    for name, value in _fields(fields.get("variables")).items():
        plain = value if isinstance(value, ScalarNode) else _fields(value).get("value")
        if isinstance(plain, ScalarNode):
            found[name] = [plain]
    rows = _fields(fields.get("parallel")).get("matrix")
    several: dict[str, list[ScalarNode]] = {}
    for row in rows.value if isinstance(rows, SequenceNode) else ():
        for name, value in _fields(row).items():
            several.setdefault(name, []).extend(_scalars(value, {}))
    return found | several


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda m: known.get(m[1] or m[2], m[0]), text)
