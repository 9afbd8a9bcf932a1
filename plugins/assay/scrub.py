"""Make program output harmless to read: terminals, HTML pages and CI logs all obey escapes."""

from __future__ import annotations

import re
from collections.abc import Mapping

# ECMA-48 (5.4, 5.6): CSI ends at a byte of 40-7E; OSC, DCS, SOS, PM and APC end at ST or BEL.
_CSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")
_STRING = re.compile(r"(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)")
_ESCAPE = re.compile(r"\x1b[ -/]*[0-Z\\`-~]")
# Invisible or reordering characters (Unicode TR 36, "Trojan Source"), and line separators.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_WORKFLOW = re.compile(r"^[^\S\n]*:(?=:)|##(?=\[)", re.MULTILINE)


def clean(data: bytes) -> str:
    r"""Decode output as text in which every invisible character is shown, as in `\x08`."""
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    for pattern in (_STRING, _CSI, _ESCAPE):
        text = pattern.sub("", text)
    return _HIDDEN.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def github(text: str) -> str:
    """Stop lines from being read as workflow commands by a CI runner.

    The runner reads `::name::` after blanks, and the older `##[name]` anywhere in a line.
    """
    return _WORKFLOW.sub(lambda match: match.group() + "\u200b", text)


def paths(text: str, mapping: Mapping[str, str]) -> str:
    """Replace paths of this machine by the names that readers know, longest first."""
    known = sorted((key for key in mapping if key), key=lambda key: (-len(key), key))
    if not known:
        return text
    pattern = re.compile("(" + "|".join(map(re.escape, known)) + r")(?![\w.-]*[\w-])")
    return pattern.sub(lambda m: mapping[m.group(1)], text)
