"""Run code of pages in boxes that can neither harm the machine nor see it.

A box is a set of Linux namespaces made by bubblewrap, a system call filter, and limits. What a
box promises is tried by `probe` before anything else runs; without it nothing runs.
"""

from __future__ import annotations

from assay.sandbox.launch import run
from assay.sandbox.owner import own, reachable, sandbox_uid
from assay.sandbox.probe import Tier, probe
from assay.sandbox.shell import Shell, ShellEnded
from assay.sandbox.spec import Limits, Mount, Spec

__all__ = [
    "Limits", "Mount", "Shell", "ShellEnded", "Spec", "Tier",
    "own", "probe", "reachable", "run", "sandbox_uid",
]  # fmt: skip
