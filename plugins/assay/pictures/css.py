"""Keep of a drawing's style sheet what is harmless and matches something in the drawing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assay.pictures.sanitise import STYLES, Element, SvgError, check_value

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_RULE = re.compile(r"@[\w-]+[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_ATTRIBUTE = re.compile(r"""\[([\w-]+)([~^$*|]?)=["']?([^\]"']*)["']?\]""")
_COMPOUND = re.compile(r"[^\s>]+")
_PART = re.compile(r"(?:[a-zA-Z]+|\*)?(?:[.#][\w-]+|\[[^\]]+\]|:first-child|:last-child)*")


class Drawing:
    """What the selectors of one drawing can meet."""

    def __init__(self, root: Element) -> None:
        elements = list(root.walk())
        self.tags = {element.tag for element in elements}
        self.pairs = {pair for element in elements for pair in element.attributes.items()}
        self.classes = {
            name for element in elements for name in element.attributes.get("class", "").split()
        }

    def meets(self, compound: str) -> bool:
        """Tell whether one compound selector (`g.node[x="y"]`) can match an element."""
        if not _PART.fullmatch(compound):
            return False
        for name, how, value in _ATTRIBUTE.findall(compound):
            if how or name != "id" or (name, value) not in self.pairs:
                return False
        plain = _ATTRIBUTE.sub("", compound)
        classes = set(re.findall(r"\.([\w-]+)", plain))
        ids = set(re.findall(r"#([\w-]+)", plain))
        tag = re.match(r"[a-zA-Z]+", plain)
        return (
            classes <= self.classes
            and all(("id", name) in self.pairs for name in ids)
            and (tag is None or tag[0] in self.tags)
        )


@lru_cache(maxsize=1024)
def declarations(text: str) -> tuple[tuple[str, str], ...]:
    """List the known properties of a declaration list; raise SvgError for outside references."""
    last: dict[str, str] = {}
    for declaration in text.split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        if colon and name in STYLES and value.strip():
            value = re.sub(r"rotate\((-?[\d.]+)\)", r"rotate(\1deg)", check_value(value.strip()))
            last.pop(name, None)
            last[name] = re.sub(r"\s*!important", "!important", value)
            if name == "transform":
                last["transform-box"] = "fill-box"
                last["transform-origin"] = "center"
    return tuple(last.items())


def rules(sheet: str, root: Element) -> Iterator[tuple[str, str]]:
    """Yield selector and declarations of the rules that belong to the drawing and match in it.

    Each selector begins with the root's id, so nothing outside of the drawing is touched.
    """
    if "\\" in sheet or "<" in sheet:
        raise SvgError("the picture's style sheet holds escapes or markup; remove them")
    drawing = Drawing(root)
    scope = f"#{root.attributes.get('id', '')}"
    for selectors, body in _RULE.findall(_AT_RULE.sub("", _COMMENT.sub("", sheet))):
        wanted = [s.strip() for s in selectors.split(",") if _wanted(s.strip(), scope, drawing)]
        style = ";".join(f"{name}:{value}" for name, value in declarations(body))
        if wanted and style:
            yield ",".join(wanted), style


def _wanted(selector: str, scope: str, drawing: Drawing) -> bool:
    compounds = _COMPOUND.findall(selector)
    return compounds[:1] == [scope] and all(drawing.meets(part) for part in compounds[1:])
