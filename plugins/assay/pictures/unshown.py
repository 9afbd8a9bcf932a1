"""What a still picture can't show: links, icons, formulas, text taken for markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from assay.pictures.cleaned import Cleaned, clean
from assay.pictures.fault import UnshownError
from assay.pictures.flowreader import UnreadError, read
from assay.pictures.locate import FLOWCHART
from assay.pictures.sanitise import Element

_CLICKABLE = re.compile(r"(?:flowchart|graph|sequenceDiagram|classDiagram|stateDiagram|gantt)\b")
_LINK = re.compile(r"(?:^|;)[^\S\n]*(click|callback|links?)[^\S\n]+(?![-:>=<.])\S", re.MULTILINE)
_ICON = re.compile(r"@\{[^}]*?\b((?:icon|img)\s*:)|(::icon\(|\bfa[bklrs]?:fa-[\w-]+|<img\b)")
_FORMULA = re.compile(r"(\$\$)(?:(?!\]\s*[-=.]).)+?\$\$")
_TYPE_SIZE = re.compile(r"%%\{(?:(?!\}%%).)*?(\bfontSize\b)", re.DOTALL)
_WORD = re.compile(r"[!-~]{41,}")  # 41 letters fill the wrapping width twice, in any font
_TAG = re.compile(
    r"</?(?:b|br|code|del|div|em|font|i|p|s|small|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE
)
_OPENS = re.compile(r"</?[A-Za-z]")
_CLASSES = "data-merman-source-classes"
_CODE = re.compile(r"#(\w+);")


def unshown(source: str) -> Iterator[UnshownError]:
    """Yield what the source asks for and no still picture has, in the order of the rules."""
    cleaned = clean(source)
    rules = [
        (_ICON, "icons and images are not drawn", "say it in words"),
        (_FORMULA, "formulas are not drawn", "write it as text"),
    ]
    if _CLICKABLE.match(cleaned.text):
        rules.insert(0, (_LINK, "a still picture has no links", "link from the text"))
    size = _TYPE_SIZE.search(source)
    if size:
        place = Cleaned(source, source, tuple(range(len(source)))).position(size.start(1))
        yield UnshownError(*place, "the site sets the size of letters; remove “fontSize”")
    for pattern, seen, todo in rules:
        for match in pattern.finditer(cleaned.text):
            group = match.lastindex or 0
            message = f"{seen}: “{match[group].strip()}”; remove it and {todo}"
            yield UnshownError(*cleaned.position(match.start(group)), message)


def lost(source: str, root: Element) -> Iterator[UnshownError]:
    """Yield labels that the drawing doesn't hold whole, and words too long to be wrapped."""
    cleaned = clean(source)
    texts = [_within(element) for element in root.walk() if element.tag == "text"]
    for text in texts:
        word = _WORD.search(text)
        if word:
            seen = f"the word “{word[0][:20]}…” has {len(word[0])} letters and can't be wrapped"
            yield _at(cleaned, word[0], f"{seen}; break it with “<br>”")
    shown = _bare("".join(texts))
    missing = [label for label in _labels(cleaned) if _bare(_plain(label)) not in shown]
    # One label that is taken for a tag can take the texts of the whole drawing with it.
    tags = [label for label in missing if _OPENS.search(_TAG.sub("", label))]
    for label in tags or missing:
        todo = "write “<” as “#lt;”" if tags else "write it in plain letters"
        yield _at(cleaned, label, f"the label “{label}” would not be shown whole; {todo}")
    yield from _long_titles(cleaned, root)
    if not shown:
        yield UnshownError(*cleaned.position(0), "the drawing has no text; label what it shows")


def _long_titles(cleaned: Cleaned, root: Element) -> Iterator[UnshownError]:
    """Find titles that leave their subgraph: they are neither wrapped nor do they widen it."""
    boxes = [e for e in root.walk() if "cluster" in e.attributes.get("class", "").split()]
    titles = [
        _within(element)
        for element in root.walk()
        if element.tag == "text" and "cluster-label" in element.attributes.get(_CLASSES, "").split()
    ]
    if len(boxes) != len(titles):  # one is wrapped by hand
        return
    for box, title in zip(boxes, titles, strict=True):
        rects = [part for part in box.walk() if part.tag == "rect"]
        room = max((float(rect.attributes.get("width", "0")) for rect in rects), default=0.0)
        if room and sum(16 if ord(char) > 0x2E7F else 9 for char in title) > room:
            message = f"the title “{title}” is wider than its subgraph; shorten it"
            yield _at(cleaned, title, message)


def _labels(cleaned: Cleaned) -> list[str]:
    """List what a flowchart's nodes and edges say; nothing for other kinds."""
    if not FLOWCHART.match(cleaned.text):
        return []
    try:
        chart = read(cleaned.text)
    except UnreadError:
        return []
    said = [*(n.label for n in chart.nodes.values()), *(e.label for e in chart.edges)]
    return list(dict.fromkeys(said))


def _at(cleaned: Cleaned, text: str, message: str) -> UnshownError:
    return UnshownError(*cleaned.position(max(cleaned.text.find(text), 0)), message)


def _within(element: Element) -> str:
    return "".join(part if isinstance(part, str) else _within(part) for part in element.content)


def _plain(label: str) -> str:
    """Undo what mermaid does to a label before it is drawn: tags and codes of characters."""

    def character(match: re.Match[str]) -> str:
        return html.unescape(f"&{'#' * match[1].isdigit()}{match[1]};")

    return html.unescape(_TAG.sub("", _CODE.sub(character, label.replace("\\n", " "))))


def _bare(text: str) -> str:
    """Leave only what wrapping and Markdown don't change."""
    return re.sub(r"[\s*_`\\]", "", text)
