"""Grafana's variables in a query: filled in with what fits there, each as long as it was.

Places stay what they are, since what is filled in is padded with blanks to the variable's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# Grafana sets these itself. https://grafana.com/docs/grafana/latest/dashboards/variables
DURATIONS = frozenset({"__interval", "__rate_interval", "__range"})
NUMBERS = frozenset({"__interval_ms", "__range_ms", "__range_s", "__from", "__to"})
NAMES = frozenset({"__dashboard", "__name", "__org", "__user"})
BUILT_IN = DURATIONS | NUMBERS | NAMES
# Functions with arguments that are numbers, and which those are.
_SCALARS: Mapping[str, tuple[int, ...]] = {
    "bottomk": (0,), "clamp": (1, 2), "clamp_max": (1,), "clamp_min": (1,),
    "histogram_quantile": (0,), "limit_ratio": (0,), "limitk": (0,), "predict_linear": (1,),
    "quantile": (0,), "quantile_over_time": (0,), "round": (1,), "topk": (0,), "vector": (0,),
}  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\#[^\n]*)"""
    r"|\$(?:(?P<name>[A-Za-z_]\w*)|\{(?P<braced>\w+)(?:\.[\w.]+)?(?::[^}]*)?\})"
)
_CALL = re.compile(r"([A-Za-z_]\w*)\s*(?:(?:by|without)\s*\([^()]*\)\s*)?$")


def used(query: str) -> Iterator[tuple[str, int]]:
    """Yield each variable's name and offset, those within strings too."""
    for match in re.finditer(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)[.:}])", query):
        yield match[1] or match[2], match.start()


def filled(query: str) -> str:
    """Return the query with every variable replaced by a duration, a number or a name.

    What stands in a string stays: there, any text is good.
    """
    made = ""
    for match in _TOKEN.finditer(query):
        made += query[len(made) : match.start()]
        made += match[0] if match["text"] else _fitting(match, made)
    return made + query[len(made) :]


def _fitting(match: re.Match[str], before: str) -> str:
    name = match["name"] or match["braced"]
    if name in NUMBERS or _is_number(before):
        return "1".ljust(len(match[0]))
    if name in DURATIONS or re.search(r"(?:\[[^\]]*|\boffset\s+-?)$", before):
        return "1m".ljust(len(match[0]))
    return re.sub(r"\W", "_", match[0])


def _is_number(before: str) -> bool:
    """Whether a number has to follow: the argument of a function, or a time after @."""
    depth, commas = 0, 0
    for at in range(len(before) - 1, -1, -1):
        character = before[at]
        depth += (character in ")]}") - (character in "([{")
        commas += character == "," and not depth
        if depth < 0:
            call = _CALL.search(before[:at]) if character == "(" else None
            alone = before[at + 1 :].rpartition(",")[2].strip() == ""
            return bool(call and alone and commas in _SCALARS.get(call[1], ()))
    return before.rstrip().endswith("@")
