"""The panels of a Grafana dashboard: their kinds, numbers and places on the grid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay import dashboards
from assay.dashboards import Fault, Steps

# The panels that come with Grafana; those of plugins are named owner-name-panel.
CORE = frozenset(
    {
        "alertlist", "annolist", "barchart", "bargauge", "candlestick", "canvas", "dashlist",
        "datagrid", "debug", "flamegraph", "gauge", "geomap", "gettingstarted", "heatmap",
        "histogram", "live", "logs", "news", "nodeGraph", "piechart", "row", "stat",
        "state-timeline", "status-history", "table", "text", "timeseries", "traces", "trend",
        "welcome", "xychart",
    }
)  # fmt: skip
# Angular panels, which Grafana 12 no longer has, and what they became.
GONE = {
    "grafana-piechart-panel": "piechart", "grafana-worldmap-panel": "geomap",
    "graph": "timeseries", "singlestat": "stat", "table-old": "table",
}  # fmt: skip
# Those of which the schema knows every option.
STRICT = frozenset(
    {
        "barchart", "bargauge", "gauge", "heatmap", "histogram", "piechart", "stat",
        "state-timeline", "status-history", "table", "timeseries", "trend",
    }
)  # fmt: skip
WIDTH = 24


@dataclass(frozen=True)
class Panel:
    """A panel, and where it stands in the dashboard."""

    path: Steps
    data: Mapping[str, Any]

    @property
    def title(self) -> str:
        """How a message names it."""
        return repr(self.data.get("title") or self.data.get("type") or "")


@dataclass(frozen=True)
class Area:
    """What a panel takes of the grid; right and below it another may begin."""

    left: int
    top: int
    right: int
    bottom: int

    def __str__(self) -> str:
        """How a message names it."""
        return f"columns {self.left} to {self.right} and rows {self.top} to {self.bottom}"

    def meets(self, other: Area) -> bool:
        """Whether a cell is taken by both."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def items(data: Any, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list, with their numbers; nothing where there is no such list."""
    held = data.get(name) if isinstance(data, dict) else None
    if isinstance(held, list):
        yield from ((n, one) for n, one in enumerate(held) if isinstance(one, dict))


def level(data: Any, path: Steps = ()) -> list[Panel]:
    """The panels that share a grid: the dashboard's own, or those that a row holds folded."""
    return [Panel((*path, "panels", n), one) for n, one in items(data, "panels")]


def every(data: Any, path: Steps = ()) -> Iterator[Panel]:
    """Every panel, each before those that it holds."""
    for panel in level(data, path):
        yield panel
        yield from every(panel.data, panel.path)


def faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with panels beyond their structure."""
    seen: dict[int, Panel] = {}
    for panel in every(data):
        yield from _kind(panel)
        yield from _parts(panel)
        number = panel.data.get("id")
        if isinstance(number, int) and number in seen:
            told = f"the id {number} is that of the panel {seen[number].title} too"
            yield Fault((*panel.path, "id"), f"{told}; give each its own")
        elif isinstance(number, int):
            seen[number] = panel
    yield from _grid(level(data))
    for row in level(data):
        yield from _grid(level(row.data, row.path))


def _kind(panel: Panel) -> Iterator[Fault]:
    kind = panel.data.get("type")
    if not isinstance(kind, str):
        return
    if kind in GONE:
        told = f"the panel {kind!r} is gone since Grafana 12; use {GONE[kind]!r}"
        yield Fault((*panel.path, "type"), told)
    elif kind not in CORE and not re.fullmatch(r"\w+-[\w-]+-(?:panel|app|datasource)", kind):
        near = dashboards.nearest(kind, CORE)
        yield Fault((*panel.path, "type"), f"no panel {kind!r} comes with Grafana{near}")


def _parts(panel: Panel) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, one in items(panel.data, "targets"):
        name = one.get("refId")
        if isinstance(name, str) and name in seen:
            place = (*panel.path, "targets", number, "refId")
            yield Fault(place, f"the refId {name!r} is there twice; give each query its own")
        seen.add(str(name))
    strict = str(panel.data.get("type")) in STRICT
    for n, rule in items(panel.data.get("fieldConfig"), "overrides"):
        for m, one in items(rule, "properties"):
            place = (*panel.path, "fieldConfig", "overrides", n, "properties", m)
            if isinstance(one.get("id"), str) and "value" in one:
                yield from dashboards.override(one["id"], one["value"], place, strict)


def _grid(panels: list[Panel]) -> Iterator[Fault]:
    """Yield panels that reach beyond the grid, and those that lie on another."""
    placed: list[tuple[Panel, Area]] = []
    for panel in panels:
        area = _area(panel)
        if area is None:
            continue
        place = (*panel.path, "gridPos")
        if area.right > WIDTH:
            told = f"the panel ends at column {area.right}; the grid has {WIDTH}"
            yield Fault(place, f"{told}: make x or w smaller", key=True)
        for other, taken in placed:
            if area.meets(taken):
                told = f"the panel lies on {other.title}, which takes {taken}; move one of them"
                yield Fault(place, told, key=True)
                break
        placed.append((panel, area))


def _area(panel: Panel) -> Area | None:
    grid = panel.data.get("gridPos")
    numbers = [grid.get(k) for k in "xywh"] if isinstance(grid, dict) else []
    whole = [v for v in numbers if isinstance(v, int) and not isinstance(v, bool)]
    if len(whole) != 4:
        return None
    x, y, w, h = whole
    return Area(x, y, x + w, y + h)
