"""Read SVG that nobody vouches for: known elements and attributes, nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_DEEPEST = 64
_LARGEST = 4_000_000

ELEMENTS = frozenset(
    {
        "circle", "clipPath", "defs", "desc", "ellipse", "g", "image", "line", "linearGradient",
        "marker", "path", "polygon", "polyline", "radialGradient", "rect", "stop", "style", "svg",
        "symbol", "text", "title", "tspan", "use",
    }
)  # fmt: skip
# Left out without a word: shadows, and what only editors read.
_SKIPPED = frozenset({"filter", "metadata"})

STYLES = frozenset(
    {
        "alignment-baseline", "clip-rule", "color", "dominant-baseline", "fill", "fill-opacity",
        "fill-rule", "font-size", "font-style", "font-weight", "letter-spacing", "opacity",
        "paint-order", "shape-rendering", "stop-color", "stop-opacity", "stroke",
        "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
        "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor", "text-decoration",
        "transform", "visibility",
    }
)  # fmt: skip
_ATTRIBUTES = STYLES | {
    "class", "clip-path", "clipPathUnits", "cx", "cy", "d", "dx", "dy", "gradientTransform",
    "gradientUnits", "height", "href", "id", "lengthAdjust", "marker-end", "marker-mid",
    "marker-start", "markerHeight", "markerUnits", "markerWidth", "offset", "orient", "points",
    "preserveAspectRatio", "r", "refX", "refY", "rx", "ry", "style", "textLength",
    "transform-origin", "viewBox", "width", "x", "x1", "x2", "xml:space", "y", "y1", "y2",
}  # fmt: skip
_LOCAL_URL = re.compile(r"""url\(\s*["']?#[\w.:-]+["']?\s*\)""")
_OUTSIDE = re.compile(r"url\s*\(|image\s*\(|image-set|expression|script:|@|\\|/\*", re.IGNORECASE)


class SvgError(ValueError):
    """The picture holds something that a page must not show."""


@dataclass
class Element:
    """An element of the SVG namespace with its text and children in order."""

    tag: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield the element and everything in it, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [part for part in reversed(element.content) if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """Join the element's own text."""
        return "".join(part for part in self.content if isinstance(part, str))


@lru_cache(maxsize=4096)
def check_value(value: str) -> str:
    """Return a CSS or attribute value; raise SvgError where it reaches outside."""
    rest = _LOCAL_URL.sub("", value)
    if _OUTSIDE.search(rest):
        raise SvgError(f"the picture refers to something outside: {value[:60]!r}; remove it")
    return value


class _Reader:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.stack: list[Element] = []
        self.skipping = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if self.skipping or tag in _SKIPPED:
            self.skipping += 1
            return
        if tag not in ELEMENTS or space not in ("", _SVG):
            allowed = ", ".join(f"“{element}”" for element in sorted(ELEMENTS))
            raise SvgError(f"the picture has the element “{tag}”; allowed: {allowed}")
        if len(self.stack) >= _DEEPEST:
            raise SvgError(f"the picture nests more than {_DEEPEST} elements; simplify it")
        element = Element(tag, dict(_attributes(tag, attributes)))
        if self.stack:
            self.stack[-1].content.append(element)
        elif self.root is None and tag == "svg":
            self.root = element
        else:
            raise SvgError(f"the picture begins with “{tag}”; it must begin with “svg”")
        self.stack.append(element)

    def end(self, _: str) -> None:
        if self.skipping:
            self.skipping -= 1
        else:
            self.stack.pop()

    def data(self, text: str) -> None:
        if self.stack and not self.skipping:
            self.stack[-1].content.append(text)

    def doctype(self, _name: str, _system: str | None, _public: str | None, subset: int) -> None:
        if subset:
            raise SvgError("the picture declares a document type of its own; remove it")

    def entity(self, *_: object) -> None:
        raise SvgError("the picture declares an entity; write the text itself")


def _attributes(tag: str, attributes: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in attributes.items():
        space, _, local = name.rpartition(" ")
        if local.lower().startswith("on"):
            raise SvgError(f"the picture has the script attribute “{local}”; remove it")
        if space == _XML:
            local = f"xml:{local}"
        elif space not in ("", _SVG, _XLINK):
            continue
        if local.startswith("data-") and tag != "svg":
            yield local, value
        elif local == "href":
            yield local, _reference(tag, value)
        elif local in ("class", "id"):
            yield local, value
        elif local in _ATTRIBUTES:
            yield local, check_value(value)


def _reference(tag: str, value: str) -> str:
    if re.fullmatch(r"#[\w.:-]+", value) and tag in ("use", "linearGradient", "radialGradient"):
        return value
    if tag == "image" and re.fullmatch(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+", value):
        return value
    raise SvgError(f"the picture refers to something outside: {value[:60]!r}; embed or remove it")


def parse(svg: str) -> Element:
    """Read an SVG document strictly; raise SvgError for anything not known to be harmless."""
    if len(svg) > _LARGEST:
        raise SvgError(f"the picture has {len(svg)} characters; at most {_LARGEST} are allowed")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.EntityDeclHandler = reader.entity
    try:
        parser.Parse(svg.encode("utf-8", "strict"), True)
    except (expat.ExpatError, UnicodeError) as error:
        raise SvgError(f"the picture is not well-formed XML: {error}") from error
    if reader.root is None:
        raise SvgError("the picture is empty; it must begin with “svg”")
    return reader.root
