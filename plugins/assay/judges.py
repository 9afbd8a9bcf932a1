"""The programs that judge configurations: asked in batches, one process for many blocks.

A judge gets `{"requests": […]}` and gives `{"answers": […]}`, one for each. What a check asks is
collected in a first pass over all blocks, put together, and found here in the second.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from assay import crds, gohelper
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.outside import hadolint, promtool, shellcheck

# Judges that don't speak the protocol: an adaptor runs each once for all requests.
OUTSIDE: Mapping[str, Callable[[Boxes, Sequence[Any]], list[Any]]] = {
    "hadolint": hadolint.judge,
    "promtool": promtool.judge,
    "shellcheck": shellcheck.judge,
}
# From so many requests on a batch is worth a second process.
SPLIT = 32
Key = tuple[str, str]
"""A judge and a request to it, as JSON."""


class AskedError(Exception):
    """What a check asks isn't answered yet: it is judged again when it is."""


def ask(boxes: Boxes, name: str, requests: Sequence[Any]) -> list[Any]:
    """Put requests to one process of a judge; raises UnableError unless each has its answer."""
    outside = OUTSIDE.get(name)
    answers: Any
    if outside:
        answers = outside(boxes, requests)
    else:
        custom = any(isinstance(r, dict) and r.get("custom") for r in requests)
        answers = gohelper.judged(boxes, name, requests, crds.mounts(boxes) if custom else ())
    if not isinstance(answers, list) or len(answers) != len(requests):
        raise UnableError(f"{name} was asked {len(requests)} times and gave other answers")
    return answers


def built(boxes: Boxes, name: str) -> bool:
    """Whether the judge can be asked without building it first."""
    if name == crds.NAME:
        return crds.built(boxes)
    return name not in gohelper.names() or gohelper.built(boxes, name)


class Answers:
    """What judges said in one run, by request."""

    def __init__(self, boxes: Boxes) -> None:
        self.boxes = boxes
        self._said: dict[Key, Any] = {}
        self._asked: dict[Key, Any] = {}
        self._collecting = False

    def get(self, name: str, request: Any) -> Any:
        """Answer from what was said; otherwise ask now or, while collecting, raise AskedError."""
        key = (name, json.dumps(request, sort_keys=True))
        if key not in self._said:
            if self._collecting:
                self._asked[key] = request
                raise AskedError(name)
            self._said[key] = ask(self.boxes, name, [request])[0]
        return self._said[key]

    @contextlib.contextmanager
    def collecting(self) -> Iterator[None]:
        """Note what is asked meanwhile instead of asking."""
        self._asked, self._collecting = {}, True
        try:
            yield
        finally:
            self._collecting = False

    def fetch(self, jobs: int) -> bool:
        """Ask what was noted, up to `jobs` processes at once; whether anything was answered.

        Where a process fails its requests stay open: asked one by one, the guilty one shows.
        """
        batches = list(_batches(self._asked, jobs))
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            answers = list(pool.map(self._batch, batches))
        for keys, given in zip(batches, answers, strict=True):
            self._said.update(zip(keys, given, strict=False))
        return any(answers)

    def _batch(self, keys: Sequence[Key]) -> list[Any]:
        try:
            return ask(self.boxes, keys[0][0], [self._asked[k] for k in keys])
        except (UnableError, OSError):
            return []


def _batches(asked: Iterable[Key], jobs: int) -> Iterator[Sequence[Key]]:
    """Split what is asked by judge, and large parts into one for each process."""
    every = list(asked)
    for name in sorted({name for name, _ in every}):
        keys = [k for k in every if k[0] == name]
        parts = min(jobs, 1 + len(keys) // SPLIT)
        yield from (keys[n::parts] for n in range(parts))
