"""The named functions that a fragment of statements can stand in."""

from __future__ import annotations

from dataclasses import dataclass


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


def judge(value: str) -> None:
    """Raise ValueError for a name that isn't in the table."""
    if value not in WRAPS:
        allowed = ", ".join(repr(n) for n in sorted(WRAPS))
        raise ValueError(f"wrap={value!r} is unknown; allowed are {allowed}")
