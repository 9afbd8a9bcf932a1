"""What a flowchart must say to make sense: decisions branch, and every part is connected."""

from __future__ import annotations

from collections.abc import Iterator

from assay.pictures.cleaned import Cleaned, clean
from assay.pictures.fault import DiagramError
from assay.pictures.flowreader import Chart, Edge, Node, UnreadError, read
from assay.pictures.locate import FLOWCHART, dash_arrows


def senses(source: str) -> list[DiagramError]:
    """List what the reader would miss, in source order; empty for other kinds of diagram.

    A chart that holds something the edge reader doesn't know gets no findings.
    """
    cleaned = clean(source)
    if not FLOWCHART.match(cleaned.text):
        return []
    dashes = dash_arrows(cleaned)
    if dashes:
        return dashes
    try:
        chart = read(cleaned.text)
    except UnreadError:
        return []
    if not chart.nodes:
        return [_at(cleaned, 0, "the flowchart has no node; draw one or remove the diagram")]
    found = [*_decisions(cleaned, chart), *_islands(cleaned, chart)]
    return sorted(found, key=lambda error: (error.line, error.column))


def _at(cleaned: Cleaned, offset: int, message: str) -> DiagramError:
    return DiagramError(*cleaned.position(offset), message)


def _called(chart: Chart, name: str) -> str:
    node = chart.nodes.get(name)
    return f"“{node.label or name}”" if node else f"“{name}”"


def _leaving(chart: Chart, name: str) -> list[Edge]:
    return [
        edge
        for edge in chart.edges
        if not edge.hidden and (edge.source == name or (edge.both and edge.target == name))
    ]


def _decisions(cleaned: Cleaned, chart: Chart) -> Iterator[DiagramError]:
    for node in chart.nodes.values():
        if not node.decision:
            continue
        edges = _leaving(chart, node.name)
        if len(edges) < 2:
            count = "one edge leaves" if edges else "no edge leaves"
            yield _at(
                cleaned, node.offset,
                f"{count} the decision {_called(chart, node.name)}; "
                "draw at least two, each with a label",
            )  # fmt: skip
            continue
        for edge in edges:
            if not edge.label:
                yield _at(
                    cleaned, edge.offset,
                    f"the edge from the decision {_called(chart, node.name)} to "
                    f"{_called(chart, edge.target)} has no label; write “-->|…|”",
                )  # fmt: skip


def _islands(cleaned: Cleaned, chart: Chart) -> Iterator[DiagramError]:
    """Find parts that nothing connects to the rest.

    A subgraph counts as connected in itself, and a part that stands wholly within subgraphs is
    taken for a panel of its own: side by side comparisons are drawn that way.
    """
    parts = _parts(chart)
    if len(parts) < 2:
        return
    largest = max(parts, key=len)
    for part in parts:
        loose = [node for node in part if node.group is None]
        if part is not largest and loose:
            yield _at(
                cleaned, loose[0].offset,
                f"no edge connects {_called(chart, loose[0].name)} to the rest of the flowchart; "
                "draw one or remove the node",
            )  # fmt: skip


def _parts(chart: Chart) -> list[list[Node]]:
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    # A subgraph shares its name with the node that edges to it seem to make.
    for edge in chart.edges:
        leader[find(edge.source)] = find(edge.target)
    for name, outer in chart.groups.items():
        if outer is not None:
            leader[find(name)] = find(outer)
    parts: dict[str, list[Node]] = {}
    for node in chart.nodes.values():
        if node.group is not None:
            leader[find(node.name)] = find(node.group)
    for node in chart.nodes.values():
        if node.name not in chart.groups:
            parts.setdefault(find(node.name), []).append(node)
    return list(parts.values())
