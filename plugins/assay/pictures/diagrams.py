"""Run a page's `diagrams` code in a box, and make its picture fit for the page."""

from __future__ import annotations

import re

from assay.pictures import svg
from assay.pictures.colour import ROLE
from assay.pictures.sanitise import Element, SvgError, parse

NO_LIBRARY = 3
"""The driver's exit code where the box has no `diagrams`."""

# Runs inside the box as `python3 driver.py CODE OUT`: makes the code draw one SVG file, whatever
# format and file it names, and puts the icons into it as data. Its output is not trusted. Nodes
# are numbered, because the library names them at random and the layout depends on the names.
SCRIPT = '''\
import base64, itertools, os, pathlib, re, signal, sys, tempfile, traceback

code, out = map(os.path.abspath, sys.argv[1:3])

def fault(line, message):
    print(f"assay-diagram:{line}:{message}")
    sys.exit(1)

try:
    import diagrams
except ImportError as error:
    print(f"assay-diagram: {error}")
    sys.exit(3)

drawn, numbers = [], itertools.count(1)
made, boxed = diagrams.Diagram.__init__, diagrams.Cluster.__init__
pointed = diagrams.Edge.__init__

def begin(self, *args, **options):
    made(self, *args, **options)
    self.outformat, self.show = "svg", False
    self.filename = os.path.join(tempfile.mkdtemp(), "picture")
    self.dot.filename = self.filename
    self.dot.graph_attr["label"] = ""
    if self.dot.graph_attr["pad"] == "2.0":
        self.dot.graph_attr["pad"] = "0.2"
    if self.dot.graph_attr["splines"] == "ortho":
        self.dot.graph_attr["splines"] = "spline"  # ortho puts edge labels beside other edges
    drawn.append(self)

def roomy(label):
    """Pad Chinese with hard spaces, which are taken out again: the layout takes it for Latin."""
    wide = max((sum(ord(c) > 0x2e7f for c in part) for part in label.split("\\n")), default=0)
    space = "\\u00a0" * round(wide * 0.7)
    return space + label + space if space else label

def cluster(self, *args, **options):
    boxed(self, *args, **options)
    self.dot.graph_attr["label"] = roomy(self.dot.graph_attr["label"])
    self.dot.graph_attr.setdefault("margin", "16")  # readers' fonts may be wider than the guess

def arrow(self, *args, **options):
    pointed(self, *args, **options)
    if self._attrs.get("label"):
        self._attrs["label"] = roomy(self._attrs["label"])

def late(*_):
    raise TimeoutError("the drawing takes more than 10 s; simplify it")

def line_of(error):
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == code]
    return lines[-1] if lines else 1

diagrams.Diagram.__init__, diagrams.Cluster.__init__ = begin, cluster
diagrams.Edge.__init__ = arrow
diagrams.Node._rand_id = staticmethod(lambda: f"n{next(numbers):05}")
sys.path.insert(0, os.path.dirname(code))
try:
    program = compile(pathlib.Path(code).read_text("utf-8"), code, "exec")
    signal.signal(signal.SIGALRM, late)
    signal.alarm(10)
    exec(program, {"__name__": "__main__", "__file__": code})
except SyntaxError as error:
    fault(error.lineno or 1, f"{error.msg}")
except SystemExit as error:
    fault(line_of(error), "the code ends the program; let it run to its end")
except BaseException as error:
    fault(line_of(error), f"{type(error).__name__}: {error}".split("\\n")[0])
signal.alarm(0)
if len(drawn) != 1:
    fault(1, f"the code draws {len(drawn)} diagrams; draw exactly one in a block")
text = pathlib.Path(drawn[0].filename + ".svg").read_text("utf-8")

def icon(match):
    path = pathlib.Path(match[1])
    kind = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}.get(path.suffix.lower())
    if kind is None or not path.is_file():
        fault(1, f"the icon {path.name} can't be embedded; use a png or jpg file that exists")
    return 'xlink:href="data:image/%s;base64,%s"' % (
        kind, base64.b64encode(path.read_bytes()).decode())

pathlib.Path(out).write_text(re.sub(r'xlink:href="([^"]*)"', icon, text), "utf-8")
'''


def embed(picture: str, prefix: str, title: str) -> str:
    """Return Graphviz's SVG with the site's look, each icon once; raise SvgError if it's unsafe."""
    root = parse(picture)
    root.attributes["id"] = prefix
    _plain_background(root)
    _cluster_labels(root)
    _share_icons(root)
    colours = {
        "#2d3436": "text", "#7b8894": "line", "#aeb6be": "group-border", "black": "line",
        # What the library fills clusters with, by their depth.
        "#e5f5fd": "group", "#ebf3e7": "label", "#ece8f6": "group", "#fdf7e3": "label",
    }  # fmt: skip
    for element in root.walk():
        for name in ("fill", "stroke"):
            role = colours.get(element.attributes.get(name, "").lower())
            if role:
                element.attributes[name] = ROLE[role]
        if element.tag == "text":
            element.attributes.setdefault("fill", ROLE["text"])
            element.content = [element.text.strip("\u00a0")]
    return svg.fit_tree(root, prefix, title)


def _plain_background(root: Element) -> None:
    """Leave out the white sheet that Graphviz paints first."""
    for group in root.content:
        if isinstance(group, Element) and group.attributes.get("class") == "graph":
            group.content = [
                part
                for part in group.content
                if not (
                    isinstance(part, Element)
                    and part.tag == "polygon"
                    and part.attributes.get("fill") == "white"
                )
            ]


def _cluster_labels(root: Element) -> None:
    """Begin a cluster's label at its left edge: Graphviz centres it about a guess of its width."""
    for group in root.walk():
        if group.attributes.get("class") != "cluster":
            continue
        parts = [part for part in group.content if isinstance(part, Element)]
        outline = next((part for part in parts if part.tag in ("path", "polygon")), None)
        corners = outline.attributes if outline else {}
        edges = re.findall(r"(-?[\d.]+),", corners.get("d", corners.get("points", "")))
        for text in (part for part in parts if part.tag == "text" and edges):
            text.attributes |= {
                "x": str(min(float(edge) for edge in edges) + 8),
                "text-anchor": "start",
            }


def _share_icons(root: Element) -> None:
    """Hold each image once in the definitions, with a plate behind it, and refer to it."""
    seen: dict[str, str] = {}
    kept: list[Element] = []
    for element in root.walk():
        if element.tag != "image":
            continue
        data = element.attributes.pop("href", "")
        if not data:
            raise SvgError("the picture has an image without data; embed it")
        size = {name: element.attributes.pop(name, "") for name in ("width", "height")}
        key = f"{data} {size}"
        if key not in seen:
            seen[key] = f"icon{len(seen)}"
            plate = Element("rect", {**_bare(size), "rx": "10", "fill": ROLE["plate"]})
            image = Element("image", {**_bare(size), "href": data})
            kept.append(Element("g", {"id": seen[key]}, [plate, image]))
        place = {name: element.attributes.get(name, "0") for name in ("x", "y")}
        element.tag, element.attributes = "use", {"href": f"#{seen[key]}", **place}
    if kept:
        root.content.insert(0, Element("defs", {}, list(kept)))


def _bare(size: dict[str, str]) -> dict[str, str]:
    return {name: value.removesuffix("px") for name, value in size.items()}
