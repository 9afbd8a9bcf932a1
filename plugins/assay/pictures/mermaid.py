"""Draw mermaid sources as SVG in this process, without a browser."""

from __future__ import annotations

import json

import yaml

from assay.pictures import sanitise, svg
from assay.pictures.cleaned import front_matter
from assay.pictures.fault import DiagramError
from assay.pictures.flowchart import senses
from assay.pictures.locate import refusal
from assay.pictures.mend import mend
from assay.pictures.theme import variables
from assay.pictures.unshown import lost, unshown

__all__ = ["DiagramError", "draw", "labels", "senses"]


def _styled(source: str) -> str:
    """Put the site's look into the source's front matter, over what the author has there."""
    matter, rest = front_matter(source)
    try:
        own = yaml.safe_load(matter) if matter else {}
    except yaml.YAMLError:
        return source
    if not isinstance(own, dict):
        return source
    config = own.get("config")
    own["config"] = (config if isinstance(config, dict) else {}) | {
        "look": "classic", "theme": "base", "themeVariables": variables(), "themeCSS": "",
        "fontFamily": "sans-serif", "fontSize": 16, "flowchart": {"wrappingWidth": 200},
        "state": {"wrappingWidth": 200},
        "quadrantChart": {"pointTextPadding": 9, "quadrantTextTopPadding": 10},
    }  # fmt: skip
    return f"---\n{json.dumps(own, ensure_ascii=False, default=str)}\n---\n{rest}"


def draw(source: str, prefix: str, title: str) -> str:
    """Return the diagram as self-contained SVG; raise DiagramError at the place of the fault."""
    import mmdr  # here and not above: start-up pays for it only where a diagram is drawn

    def judge(text: str) -> str | None:
        try:
            mmdr.render(text).svg()
        except ValueError as error:
            return str(error)
        return None

    try:
        drawn = mmdr.render(_styled(source)).svg()
    except ValueError as error:
        said = official(source)
        raise refusal(source, str(error), said, judge).quoting(said) from error
    for fault in unshown(source):
        raise fault
    root = sanitise.parse(drawn)
    for fault in lost(source, root):
        raise fault
    mend(root)
    return svg.fit_tree(root, prefix, title)


def labels(source: str) -> tuple[str, ...]:
    """List the texts that the drawn diagram shows."""
    return svg.labels(sanitise.parse(draw(source, "p", "")))


def official(source: str) -> str | None:
    """Ask mermaid itself, in an embedded JavaScript engine; None where it has no objection."""
    import mermaidx  # here and not above: it loads 3.5 MB of JavaScript

    try:
        mermaidx.render(source).svg()
    except RuntimeError as error:
        return str(error)
    return None
