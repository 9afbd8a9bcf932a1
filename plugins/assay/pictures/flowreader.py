"""Read nodes, edges and subgraphs of a flowchart that mermaid accepts; nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_HEADER = re.compile(r"(?:flowchart|graph)(?:-elk)?\b[^\S\n]*(?:TB|TD|BT|RL|LR|[<>^v])?(?=[\s;]|$)")
_ENDS = re.compile(r"[\s;]*")
_SPACE = re.compile(r"[^\S\n]*")
_OTHER = re.compile(
    r"(?:style|linkStyle|classDef|class|click|direction|accTitle|accDescr)\b(?![ \t]*[-=@&~])"
)
_BRACED = re.compile(r"accDescr\s*\{[^}]*\}")
_REST = re.compile(r"[^\n;]*")
_LINE = re.compile(r"[^\n]*")
_ID = re.compile(r"(?:[^\s\[\](){}<>|&;,:\"@~=.–—-]|-(?![->.])|=(?!=)|\.(?!-))+")
_CLASS = re.compile(r":::[\w-]+")
_EDGE_ID = re.compile(r"[\w-]+@(?=[xo<]?[-=~])")
_DATA = re.compile(r"@\{([^}]*)\}")
_LINK = re.compile(r"(?P<head>[xo<])?(?:--+(?P<tail>[-xo>])|==+(?P<thick>[=xo>])"
                   r"|-\.+-(?P<dotted>[xo>])?|(?P<hidden>~~~+))")  # fmt: skip
_TEXT_LINKS = (
    (re.compile(r"[xo<]?--(?![-xo>])"), re.compile(r"--+[-xo>]")),
    (re.compile(r"[xo<]?==(?![=xo>])"), re.compile(r"==+[=xo>]")),
    (re.compile(r"[xo<]?-\.(?![-.])"), re.compile(r"\.+-[xo>]?")),
)
_PIPE = re.compile(r'\|(?:"[^"]*"|[^|"])*\|')
_SHAPES = (
    ("(((", (")))",)), ("((", ("))",)), ("([", ("])",)), ("[[", ("]]",)), ("[(", (")]",)),
    ("[/", ("/]", "\\]")), ("[\\", ("\\]", "/]")), ("{{", ("}}",)), ("{", ("}",)), ("(-", ("-)",)),
    ("(", (")",)), ("[", ("]",)), (">", ("]",)),
)  # fmt: skip
_DIAMONDS = ("diam", "diamond", "decision", "question")


class UnreadError(Exception):
    """The reader met something that it doesn't know; no statement about the chart is made."""


@dataclass
class Node:
    """A node: where it is first defined, its label, and whether it decides."""

    name: str
    offset: int
    label: str = ""
    decision: bool = False
    group: str | None = None


@dataclass(frozen=True)
class Edge:
    """One arrow between two nodes or subgraphs; `outward` has the ends that it leaves."""

    source: str
    target: str
    offset: int
    label: str
    both: bool
    hidden: bool


@dataclass
class Chart:
    """A flowchart as its source says it; `groups` maps a subgraph to the one around it."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: dict[str, str | None] = field(default_factory=dict)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.chart = Chart()
        self.open: list[str] = []
        self.edge_names: set[str] = set()

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def read(self) -> Chart:
        if not self.take(_HEADER):
            raise UnreadError
        self.take(_ENDS)
        while self.at < len(self.text):
            self.statement()
            before = self.at
            self.take(_ENDS)
            if before == self.at and self.at < len(self.text):
                raise UnreadError
        if self.open:
            raise UnreadError
        for name in self.edge_names:  # `e1@{ animate: true }` looks like a node
            self.chart.nodes.pop(name, None)
        return self.chart

    def statement(self) -> None:
        if self.take(re.compile(r"subgraph\b")):
            self.subgraph()
        elif self.take(re.compile(r"end(?=[\s;]|$)")):
            if not self.open:
                raise UnreadError
            self.open.pop()
        elif self.take(_BRACED):
            return
        elif _OTHER.match(self.text, self.at):
            self.take(_LINE if self.text.startswith("acc", self.at) else _REST)
        else:
            self.chain()

    def subgraph(self) -> None:
        rest = self.take(_REST)
        title = rest[0].strip() if rest else ""
        name = re.match(r'"[^"]*"|[^\s\[]+(?=\s*\[)|.+', title)
        key = name[0].strip('"') if name else f"subgraph {len(self.chart.groups)}"
        self.chart.groups[key] = self.open[-1] if self.open else None
        # A node of that name was an end of an earlier edge: it meant the subgraph.
        self.open.append(key)

    def chain(self) -> None:
        sources = self.group()
        while True:
            self.take(_SPACE)
            link = self.link()
            if link is None:
                return
            self.take(re.compile(r"\s*"))
            targets = self.group()
            offset, label, both, hidden = link
            for source in sources:
                for target in targets:
                    self.chart.edges.append(Edge(source, target, offset, label, both, hidden))
            sources = targets

    def group(self) -> list[str]:
        names = [self.node()]
        while self.take(re.compile(r"\s*&\s*")):
            names.append(self.node())
        return names

    def node(self) -> str:
        offset = self.at
        match = self.take(_ID)
        if not match:
            raise UnreadError
        name = match[0]
        node = self.chart.nodes.setdefault(name, Node(name, offset))
        if self.open and node.group is None:
            node.group = self.open[-1]
        data = self.take(_DATA)
        if data:
            shape = re.search(r"shape:\s*[\"']?([\w-]+)", data[1])
            node.decision |= bool(shape and shape[1] in _DIAMONDS)
            label = re.search(r"label:\s*[\"']?([^\"',}]+)", data[1])
            node.label = label[1].strip() if label else node.label
        else:
            self.shape(node, offset)
        self.take(_CLASS)
        return name

    def shape(self, node: Node, offset: int) -> None:
        for opener, closers in _SHAPES:
            if not self.text.startswith(opener, self.at):
                continue
            start = self.at + len(opener)
            quoted = re.compile(r'\s*"[^"]*"\s*').match(self.text, start)
            ends = [self.text.find(c, quoted.end() if quoted else start) for c in closers]
            found = [(end, closer) for end, closer in zip(ends, closers, strict=True) if end >= 0]
            if not found or (quoted and min(found)[0] != quoted.end()):
                raise UnreadError
            end, closer = min(found)
            node.label = self.text[start:end].strip().strip('"`').strip()
            node.decision = opener == "{"
            node.offset = offset
            self.at = end + len(closer)
            return

    def link(self) -> tuple[int, str, bool, bool] | None:
        named = self.take(_EDGE_ID)
        if named:
            self.edge_names.add(named[0].removesuffix("@"))
        offset = self.at
        match = self.take(_LINK)
        if match:
            tail = match["tail"] or match["thick"] or match["dotted"] or ""
            self.take(_SPACE)
            pipe = self.take(_PIPE)
            label = pipe[0].strip("|").strip().strip('"').strip() if pipe else ""
            both = bool(match["head"]) or tail not in ("x", "o", ">")
            return offset, label, both, match["hidden"] is not None
        for begin, finish in _TEXT_LINKS:
            head = self.take(begin)
            if not head:
                continue
            end = finish.search(self.text, self.at)
            if not end:
                raise UnreadError
            label = self.text[self.at : end.start()].strip().strip('"').strip()
            self.at = end.end()
            both = head[0][0] in "xo<" or end[0][-1] not in "xo>"
            return offset, label, both, False
        return None


@lru_cache(maxsize=8)
def read(text: str) -> Chart:
    """Read a flowchart; raise UnreadError where it holds something unknown.

    Several rules ask for the same chart; none of them changes it.
    """
    return _Reader(text).read()
