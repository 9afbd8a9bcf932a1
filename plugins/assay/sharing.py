"""Which programs may share one binary: those that can't notice the others in it.

The test is about words, not meaning, and errs on the side of a binary of its own: an import,
an identifier or a kind of initialiser that isn't known to be indifferent is enough. It holds
for gofmt's layout, in which every declaration of a file starts a line.
"""

from __future__ import annotations

import re
from typing import Literal

Tier = Literal["shared", "own", "alone"]
"""In one binary with others; linked for itself; built apart where it would stand on the page."""

_LEXEME = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|`[^`]*`|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
)
_WORD = re.compile(r"[^\n]")
# What says where the file lies, what is built or how, is told apart by its path alone.
_PLACE = re.compile(
    r"\b(?:Callers?|CallersFrames|FuncForPC|Stack|PrintStack|ReadBuildInfo|Executable|Getwd"
    r"|Lshortfile|Llongfile|AddSource)\b"
)
_DIRECTIVE = re.compile(
    r"^[ \t]*//go:(?!noinline\b)|//[ \t]*\+build|//export |(?://|/\*)line ", re.MULTILINE
)
_PLACE_IMPORTS = frozenset({"C", "debug/buildinfo", "embed", "plugin", "runtime/coverage"})
# State that a binary has once, names of types, and what runs before main.
_NOTICED = re.compile(
    r"\b(?:init|panic|recover|Args|DefaultServeMux)\b|\bhttp\.(?:Handle|HandleFunc|ListenAndServe)\b"
    r"|\bfunc\s+(?:make|new)\b|\b(?:make|new)\b(?!\()"
)
_TYPE_NAMES = re.compile(r"%[^a-zA-Z%\n]*T|%[^a-zA-Z%\n]*#[^a-zA-Z%\n]*v|\bmain\.|/proc/self")
_IMPORTS = re.compile(r"^import\b( \([^)]*\)|[^\n]*)", re.MULTILINE)
_IMPORT = re.compile(r'(?:([\w.]+)[ \t]+)?"([^"\n]*)"')
_MAIN = re.compile(r"^package (main)$.*^func (main)\(\) \{", re.MULTILINE | re.DOTALL)
_VARIABLES = re.compile(
    r"^var\b\s*\(?(.*?)(?=^(?:const|func|import|type|var)\b|\Z)", re.MULTILINE | re.DOTALL
)
# Calls in the initialiser of a package's variable that do nothing which others could see.
_QUIET_CALL = re.compile(r"\b(?:errors\.New|make|new)\(")
# Packages whose own initialisation changes nothing that a program which lacks them could see.
_STANDARD = """
    bufio bytes cmp container/heap container/list container/ring context crypto/hmac crypto/md5
    crypto/rand crypto/sha1 crypto/sha256 crypto/sha512 encoding/base32 encoding/base64
    encoding/binary encoding/csv encoding/hex encoding/json encoding/xml errors fmt
    hash/adler32 hash/crc32 hash/crc64 hash/fnv hash/maphash html io io/fs iter log log/slog
    maps math math/big math/bits math/cmplx math/rand math/rand/v2 net net/http
    net/http/httptest net/netip net/url os path path/filepath regexp slices sort strconv
    strings sync sync/atomic text/scanner text/tabwriter text/template time unicode
    unicode/utf16 unicode/utf8
"""
_INDIFFERENT = frozenset(_STANDARD.split())


def tier(text: str) -> Tier:
    """Say how close to other programs this one may be built."""
    bare = _without_text(text)
    imports = _imports(text, bare)
    if _DIRECTIVE.search(text) or _PLACE.search(bare) or _PLACE_IMPORTS & {p for _, p in imports}:
        return "alone"
    own = (
        any(alias or path not in _INDIFFERENT for alias, path in imports)
        or _NOTICED.search(bare)
        or _TYPE_NAMES.search(text)
        or len(re.findall(r"\bmain\b", bare)) != 2
        or not _MAIN.search(bare)
        or not all(_quiet(m[1]) for m in _VARIABLES.finditer(bare))
    )
    return "own" if own else "shared"


def as_package(text: str, name: str) -> str:
    """Return a shareable program as an importable package, every line where it was."""
    found = _MAIN.search(_without_text(text))
    if found is None:
        raise ValueError("no plain main function: this program can't be shared")
    return f"{text[: found.start(1)]}{name}{text[found.end(1) :]}"


def _without_text(text: str) -> str:
    """Blank out comments and literals, so that only Go's own words are left, where they were."""
    return _LEXEME.sub(lambda m: _WORD.sub(" ", m[0]), text)


def _imports(text: str, bare: str) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for match in _IMPORTS.finditer(bare):
        lines = text[match.start(1) : match.end(1)]
        found.update(_IMPORT.findall(lines))
        if "`" in lines or not _IMPORT.search(lines):
            found.add(("", "?"))
    return found


def _quiet(initialisers: str) -> bool:
    """Whether a package's variables are set without running anything of the program."""
    rest = _QUIET_CALL.sub("", initialisers)
    return "(" not in rest and "<-" not in rest
