"""The named functions that a fragment of statements can stand in; what YAML stands in is beside."""

from __future__ import annotations

from dataclasses import dataclass

from assay import yamlwraps


@dataclass(frozen=True, slots=True)
class Wrap:
    """A function's signature, what its last line returns, and the packages that both name."""

    parameters: str
    results: str = ""
    returns: str = ""
    imports: tuple[str, ...] = ()
    test: bool = False


# One per situation in which the statements alone can't say what they depend on.
WRAPS = {
    "bench": Wrap("b *testing.B", imports=("testing",), test=True),
    "context": Wrap("ctx context.Context", "error", "nil", ("context",)),
    "error": Wrap("", "error", "nil"),
    "handler": Wrap("w http.ResponseWriter, r *http.Request", imports=("net/http",)),
    "test": Wrap("t *testing.T", imports=("testing",), test=True),
}


def judge(language: str, value: str) -> None:
    """Raise ValueError for a name that isn't in the language's table."""
    table = WRAPS if language == "go" else yamlwraps.table()
    if value not in table:
        allowed = ", ".join(repr(n) for n in sorted(table))
        raise ValueError(f"wrap={value!r} is unknown; allowed are {allowed}")
