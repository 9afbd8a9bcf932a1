"""Make a drawing fit for a page: own ids, a name, the page's font, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from assay.pictures import css
from assay.pictures.colour import Palette
from assay.pictures.sanitise import Element, SvgError, parse

_URL = re.compile(r"""url\(\s*["']?#([^"')\s]+)["']?\s*\)""")
_SELECTED_ID = re.compile(r"""#([\w-]+)|\[id=["']?([^\]"']+)""")
_LONG_NUMBER = re.compile(r"-?\d*\.\d{3,}(?:[eE][+-]?\d+)?")
_COLOURED = ("color", "fill", "stop-color", "stroke")
_GEOMETRY = ("d", "points", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r",
             "width", "height", "viewBox")  # fmt: skip
_DEFINITIONS = ("clipPath", "linearGradient", "marker", "radialGradient", "symbol")
_FONT_SIZE = re.compile(r"font-size:\s*([\d.]+)(?:px)?(?![\w.%])")
# A drawing shrinks on a small screen until its smallest text has this many pixels, and then
# scrolls; text of the usual 16 is allowed 11.2.
_LEGIBLE = 11.0
_SMALLEST_SCALE = 0.7


def fit(svg: str, prefix: str, title: str) -> str:
    """Return the drawing as one line of SVG to stand inside a page.

    Raise SvgError where the drawing holds scripts, links, embedded pages or outside references.
    """
    return fit_tree(parse(svg), prefix, title)


def fit_tree(root: Element, prefix: str, title: str) -> str:
    """Do what `fit` does for a drawing that `parse` has read."""
    sheet = "".join(element.text for element in root.walk() if element.tag == "style")
    _drop(root, lambda element: element.tag in ("style", "title", "desc"))
    rules = list(css.rules(sheet, root)) if sheet else []
    palette = Palette()
    names = _rename(root, prefix, " ".join(selector for selector, _ in rules))
    classes = set(re.findall(r"\.([\w-]+)", " ".join(selector for selector, _ in rules)))
    for element in root.walk():
        element.attributes = dict(_attributes(element, names, classes, palette))
    style = "".join(
        f"{_renamed(selector, names)}{{{palette.replace(_linked(body, names))}}}"
        for selector, body in rules
    )
    _head(root, prefix, style)
    style = f"{palette.rules(prefix)}#{prefix}{{font-family:inherit;color:inherit}}{style}"
    head = [Element("title", {"id": f"{prefix}-title"}, [title])]
    said = "; ".join(labels(root))
    if said:
        root.attributes["aria-describedby"] = f"{prefix}-desc"
        head.append(Element("desc", {"id": f"{prefix}-desc"}, [said]))
    root.content[:0] = [*head, Element("style", {}, [style])]
    return "".join(_write(root))


def labels(root: Element) -> tuple[str, ...]:
    """List the texts that the drawing shows, each once, in document order."""
    texts = (_line(element) for element in root.walk() if element.tag == "text")
    return tuple(dict.fromkeys(text for text in texts if text))


def _line(element: Element) -> str:
    """Join an element's lines: with a blank between Latin words, with nothing in Chinese."""
    parts = (part if isinstance(part, str) else _line(part) for part in element.content)
    joined = " ".join(" ".join(part.split()) for part in parts).strip()
    return re.sub(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])| +(?= )", "", joined)


def _scale(root: Element, style: str) -> float:
    """Tell how far the drawing may shrink before its smallest text can't be read."""
    sizes = [float(size) for size in _FONT_SIZE.findall(style)]
    for element in root.walk():
        sizes += map(float, _FONT_SIZE.findall(element.attributes.get("style", "")))
        own = re.fullmatch(r"([\d.]+)(?:px)?", element.attributes.get("font-size", ""))
        sizes += [float(own[1])] if own else []
    return min(max(_LEGIBLE / min(sizes, default=16.0), _SMALLEST_SCALE), 1.0)


def _drop(root: Element, unwanted: Callable[[Element], bool]) -> None:
    for element in list(root.walk()):
        element.content = [
            part
            for part in element.content
            if not (isinstance(part, Element) and unwanted(part))
            and (not isinstance(part, str) or element.tag in ("text", "tspan", "style"))
        ]


def _references(root: Element) -> set[str]:
    found: set[str] = set()
    for element in root.walk():
        for name, value in element.attributes.items():
            if "url(" in value:
                found.update(_URL.findall(value))
            if name == "href" and value.startswith("#"):
                found.add(value[1:])
    return found


def _rename(root: Element, prefix: str, selectors: str) -> dict[str, str]:
    """Give each id that something refers to a new name; leave unused definitions out."""
    used = _references(root)
    _drop(root, lambda part: part.tag in _DEFINITIONS and part.attributes.get("id") not in used)
    _drop(root, lambda part: part.tag in ("defs", "g") and not part.content)
    named = used | {one or other for one, other in _SELECTED_ID.findall(selectors)}
    names: dict[str, str] = {}
    for element in root.walk():
        old = element.attributes.get("id")
        if old is not None and old in named and old not in names:
            names[old] = f"{prefix}-{len(names)}"
    names[root.attributes.get("id", "")] = prefix
    return names


def _linked(value: str, names: dict[str, str]) -> str:
    if "url(" not in value:
        return value
    return _URL.sub(lambda match: f"url(#{names.get(match[1], 'none')})", value)


def _renamed(selector: str, names: dict[str, str]) -> str:
    selector = re.sub(r"""\[id=["']?([^\]"']+)["']?\]""", r"#\1", selector)
    return re.sub(r"#([\w-]+)", lambda match: f"#{names.get(match[1], 'none')}", selector)


def _rounded(value: str) -> str:
    return _LONG_NUMBER.sub(lambda match: f"{float(match[0]) + 0.0:.2f}", value)


def _attributes(
    element: Element, names: dict[str, str], classes: set[str], palette: Palette
) -> Iterator[tuple[str, str]]:
    for name, value in element.attributes.items():
        if name.startswith("data-"):
            continue
        if name == "id":
            kept = names.get(value, "")
        elif name == "class":
            kept = " ".join(word for word in value.split() if word in classes)
        elif name == "style":
            style = ";".join(f"{key}:{text}" for key, text in css.declarations(value))
            kept = palette.replace(_linked(style, names))
        elif name == "href" and value.startswith("#"):
            kept = f"#{names.get(value[1:], 'none')}"
        elif name in _COLOURED:
            kept = palette.replace(_linked(value, names))
        else:
            kept = _rounded(value) if name in _GEOMETRY else _linked(value, names)
        if kept:
            yield name, kept


def _head(root: Element, prefix: str, style: str) -> None:
    box = root.attributes.get("viewBox", "").replace(",", " ").split()
    if len(box) != 4:
        raise SvgError("the picture has no viewBox; draw it with one")
    width, height = (float(number) for number in box[2:])
    kind = {"class": f"assay-diagram {root.attributes.get('class', '')}".strip()}
    root.attributes = {
        "id": prefix,
        **kind,
        "role": "img",
        "aria-labelledby": f"{prefix}-title",
        "viewBox": root.attributes["viewBox"],
        "width": f"{width:.0f}",
        "height": f"{height:.0f}",
        "style": f"width:100%;height:auto;max-width:{width:.0f}px;"
        f"min-width:{width * _scale(root, style):.0f}px",
        "xmlns": "http://www.w3.org/2000/svg",
    }


def _write(element: Element) -> Iterator[str]:
    attributes = "".join(
        f' {name}="{escape(" ".join(value.split()))}"' for name, value in element.attributes.items()
    )
    if not element.content:
        yield f"<{element.tag}{attributes}/>"
        return
    yield f"<{element.tag}{attributes}>"
    for part in element.content:
        if isinstance(part, Element):
            yield from _write(part)
        else:
            yield escape(part, quote=False).replace("\n", " ")
    yield f"</{element.tag}>"
