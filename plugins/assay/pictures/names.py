"""A name that a diagram shares with the page's code is spelled as it is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from assay.pictures.cleaned import clean
from assay.pictures.fault import DiagramError

_NAME = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z][A-Za-z0-9]*(?:[-_]+[A-Za-z0-9]+)*")


def identifiers(texts: Iterable[str]) -> frozenset[str]:
    """Collect what may be a name: letters and digits, joined by hyphens and underscores."""
    return frozenset(name for text in texts for name in _NAME.findall(text))


def misspelt(
    source: str, labels: Callable[[], Collection[str]], code: frozenset[str], prose: frozenset[str]
) -> Iterator[DiagramError]:
    """Yield each label that differs from a name in `code` only by case, hyphens, underscores.

    Only a whole label counts, and only where one of the two has a hyphen or underscore: “Redis”
    is a product and `redis` its image. `prose` has spellings that are right as well. `labels` is
    asked only when there is something to find.
    """
    known = code | prose
    suspects = {
        name: others
        for name in dict.fromkeys(_NAME.findall(clean(source).text))
        if name not in known and (others := _alike(name, code))
    }
    if not suspects:
        return
    shown = labels()
    for name, others in suspects.items():
        if name in shown:
            place = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", source)
            before = source[: place.start() if place else 0]
            column = len(before) - (before.rfind("\n") + 1) + 1
            listed = ", ".join(f"“{other}”" for other in others)
            message = f"the diagram says “{name}”, the page's code {listed}; spell it in one way"
            yield DiagramError(before.count("\n") + 1, column, message)


def _alike(name: str, code: frozenset[str]) -> list[str]:
    folded = _folded(name)
    return sorted(
        other
        for other in code
        if other.isupper() == name.isupper()  # CGO_ENABLED is not cgoEnabled
        and ("-" in name + other or "_" in name + other)
        and _folded(other) == folded
    )


def _folded(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()
