"""Find the line and column of what mermaid refuses, and say it in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable

from assay.pictures.cleaned import Cleaned, clean
from assay.pictures.fault import DiagramError

KINDS = (
    "architecture-beta", "block-beta", "C4Context", "classDiagram", "erDiagram", "flowchart",
    "gantt", "gitGraph", "journey", "kanban", "mindmap", "packet-beta", "pie", "quadrantChart",
    "requirementDiagram", "sankey-beta", "sequenceDiagram", "stateDiagram-v2", "timeline",
    "xychart-beta",
)  # fmt: skip
DASHES = {"–": "an en dash", "—": "an em dash", "−": "a minus sign"}
DASH_ARROW = re.compile(r"<?[-=.]*([–—−])[-–—−.]*>{1,2}")
FLOWCHART = re.compile(r"(?:flowchart|graph)\b")
_ARROWS = re.compile(r"flowchart|graph|sequenceDiagram|stateDiagram|classDiagram|erDiagram")
_CLOSER = {"[": "]", "(": ")", "{": "}"}
_IN_LABEL = ("'SQE'", "'PE'", "'DIAMOND_STOP'", "'NODE_DEND'")

_CARET = re.compile(r"on line (\d+)[.:][^\n]*\n(.*)\n(-*)\^(.*)", re.DOTALL)
_LINE_COLUMN = re.compile(r"line (\d+|NaN), column (\d+|NaN)")
_NAMED = re.compile(r"[Ii]nvalid date:\s*(\S+)|\"\w+ ([^\"]+)\"|reference: (\S+)")
_BYTE = re.compile(r"Unexpected character at (\d+)")


def refusal(
    source: str, message: str, official: str | None, judge: Callable[[str], str | None]
) -> DiagramError:
    """Build the error for a source from the two engines' messages (`official` may be absent).

    `judge` gives the first engine's message for another source, None where it has none.
    """
    cleaned = clean(source)
    if _ARROWS.match(cleaned.text):
        for found in dash_arrows(cleaned):
            return found
    if official is None:
        return _without_official(cleaned, message, judge)
    if "No diagram type detected" in official:
        return _unknown_kind(cleaned)
    caret = _CARET.search(official)
    if caret:
        after_token = bool(re.search(r"got '(?:NEWLINE|NL|EOF|1|EOF_IN_STRUCT)'", caret[4]))
        offset = _excerpt(cleaned, int(caret[1]), caret[2], len(caret[3]), after_token)
        return _explain(cleaned, offset, caret[4].strip(), message)
    place = _LINE_COLUMN.search(official)
    if place:
        offset = len(cleaned.text)
        if "NaN" not in place.groups():
            lines = cleaned.text.split("\n")
            offset = sum(len(line) + 1 for line in lines[: int(place[1]) - 1]) + int(place[2]) - 1
        return _error(cleaned, offset, _reason(message))
    return _without_official(cleaned, message, judge)


def dash_arrows(cleaned: Cleaned) -> list[DiagramError]:
    """Find arrows that are written with a typographic dash, outside labels and texts."""
    found = []
    start = 0
    for line in cleaned.text.split("\n"):
        bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|\|[^|]*\|', _blank, line)
        if not FLOWCHART.match(cleaned.text):
            bare = re.sub(r":.*", _blank, bare)
        found += [_dash(cleaned, start + match.start(1)) for match in DASH_ARROW.finditer(bare)]
        start += len(line) + 1
    return found


def _dash(cleaned: Cleaned, offset: int) -> DiagramError:
    dash = cleaned.text[offset]
    seen = f"the arrow has {DASHES[dash]} “{dash}” (U+{ord(dash):04X})"
    return _error(cleaned, offset, seen, "arrows are made of hyphens: write “-->”")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _error(cleaned: Cleaned, offset: int, *parts: str) -> DiagramError:
    return DiagramError(*cleaned.position(offset), "; ".join(parts))


def _reason(message: str) -> str:
    """Take mmdr's own words out of its message."""
    return re.sub(r"^Diagram parse error \((.*?)\): ", r"\1: ", message).split("\n")[0]


def _unknown_kind(cleaned: Cleaned) -> DiagramError:
    word = re.match(r"\S*", cleaned.text)
    seen = word[0] if word else ""
    allowed = ", ".join(f"“{kind}”" for kind in sorted(KINDS, key=str.lower))
    begins = f"the diagram begins with “{seen}”" if seen else "the diagram is empty"
    return _error(cleaned, 0, begins, f"allowed are {allowed}")


def _without_official(
    cleaned: Cleaned, message: str, judge: Callable[[str], str | None]
) -> DiagramError:
    byte = _BYTE.search(message)
    if byte:
        # mmdr counts UTF-8 bytes of the text that is left after front matter and comments.
        before = cleaned.text.encode()[: int(byte[1])].decode(errors="ignore")
        seen = cleaned.text[len(before) : len(before) + 1]
        return _error(cleaned, len(before), f"unexpected “{seen}”; remove or quote it")
    if "No Mermaid diagram type" in message:
        return _unknown_kind(cleaned)
    named = _NAMED.search(message)
    word = next((group for group in named.groups() if group), "") if named else ""
    if word and word in cleaned.text:
        return _error(cleaned, cleaned.text.find(word), _reason(message))
    # The line with which the text, read from its beginning, is first refused in these words.
    lines, start = cleaned.text.split("\n"), 0
    for count, line in enumerate(lines, 1):
        if judge("\n".join(lines[:count])) == message:
            return _error(cleaned, start + len(line) - len(line.lstrip()), _reason(message))
        start += len(line) + 1
    return _error(cleaned, 0, _reason(message))


def _excerpt(cleaned: Cleaned, line: int, excerpt: str, caret: int, after_token: bool) -> int:
    """Find the excerpt of an official message: up to 20 characters each side, no line ends.

    JavaScript counts in UTF-16 units and may cut a character in two.
    """
    units = excerpt.encode("utf-16-le", "surrogatepass")
    before = units[: caret * 2].decode("utf-16-le", "ignore").removeprefix("...")
    behind = units[caret * 2 :].decode("utf-16-le", "ignore").removesuffix("...")
    before, behind = before.lstrip("\ufffd"), behind.rstrip("\ufffd")
    kept = [index for index, char in enumerate(cleaned.text) if char != "\n"]
    flat = cleaned.text.replace("\n", "")
    places = []
    for match in re.finditer(f"(?={re.escape(before + behind)})", flat):
        at = match.start() + len(before)
        after = kept[at - 1] + 1 if at else 0
        places.append(after if after_token or at >= len(kept) else kept[at])
    if not places:  # mermaid rewrites `#35;` and the like before it parses
        return len("\n".join([*cleaned.text.split("\n")[: line - 1], ""]))
    return min(places, key=lambda offset: abs(cleaned.text.count("\n", 0, offset) + 1 - line))


def _opener(cleaned: Cleaned, offset: int) -> int | None:
    """Find the bracket that is still open at the offset."""
    waiting: list[str] = []
    for index in range(min(offset, len(cleaned.text)) - 1, -1, -1):
        char = cleaned.text[index]
        if char in _CLOSER.values():
            waiting.append(char)
        elif char in _CLOSER:
            if not waiting:
                return index
            if waiting[-1] == _CLOSER[char]:
                waiting.pop()
    return None


def _label(cleaned: Cleaned, offset: int, opener: int) -> DiagramError:
    """Tell a label that doesn't end from one that holds a bracket."""
    bracket = cleaned.text[opener]
    closer = _CLOSER[bracket]
    rest_of_line = cleaned.text[opener:].partition("\n")[0]
    if "\n" in cleaned.text[opener:offset] or closer not in rest_of_line:
        return _error(
            cleaned, opener, f"“{bracket}” is not closed", f"add “{closer}” where it ends"
        )
    seen = f"a label without quotes has “{cleaned.text[offset : offset + 1]}”"
    return _error(cleaned, offset, seen, f'put the label in quotes: {bracket}"…"{closer}')


def _explain(cleaned: Cleaned, offset: int, official: str, message: str) -> DiagramError:
    got = re.search(r"got '(.*?)'", official)
    name = got[1] if got else ""
    seen = cleaned.text[offset : offset + 1]
    inside = name == "EOF_IN_STRUCT" or any(token in official for token in _IN_LABEL)
    opener = _opener(cleaned, offset) if inside else None
    if opener is not None:
        return _label(cleaned, offset, opener)
    if seen in DASHES and _ARROWS.match(cleaned.text):
        return _dash(cleaned, offset)
    expected = re.findall(r"'([\w ]+)'", official.partition("got")[0])
    if name == "end":
        what = "“end” closes a subgraph and can't name a node"
        todo = "choose another name, for example “End”"
    elif expected == ["TXT"]:
        what, todo = "the message has no text", "write a colon and the text behind it"
    elif expected and len(expected) <= 5:
        what = f"unexpected {name or seen}"
        todo = f"mermaid expects {' or '.join(sorted(expected))}"
    else:
        what = f"unexpected “{seen}”" if seen.strip() else _reason(message)
        todo = "mend it or put the text in quotes"
    return _error(cleaned, offset, what, todo)
