"""No option of the sandbox without a mutation: a new one needs a test that misses it."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay import process, streams
from assay.sandbox import Limits, Mount, Spec, bwrap, launch, seccomp, shell, usage
from mutate_sandbox import HARMLESS, LOOKING, MUTATIONS, NAMESPACES, SURFACES, VIEW, WHOLE
from mutate_sandbox import words as told_words

MODULES = (bwrap, launch, process, seccomp, shell, streams, usage)
# links of /usr that few machines have, made by the same loop as the others
RARE = re.compile(r"--(symlink|ro-bind) \S+ /lib(x?32)")
DESCRIPTORS = re.compile(r"(--(?:args|block-fd|file|info-fd|seccomp)) \d+")


class StartedInsteadError(Exception):
    """What would have been started."""


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    """A box with every kind of mount, at the targets that mutations know."""
    for name in ("ro", "rw", "over"):
        (tmp_path / name).mkdir()
    mounts = (
        Mount(tmp_path / "ro", "/a"),
        Mount(tmp_path / "rw", "/b", "rw"),
        Mount(tmp_path / "over", "/c", "overlay"),
    )
    return Spec(("/bin/true",), mounts, limits=Limits(work_mb=3, tmp_mb=5))


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Put back what mutations replace."""
    saved = [(module, dict(vars(module))) for module in MODULES]
    try:
        yield
    finally:
        for module, names in saved:
            vars(module).update(names)


def options(spec: Spec, *taken: str) -> list[str]:
    """Return what bubblewrap would be told, an option with its operands each."""

    def start(argv: list[str], **_: Any) -> None:
        hidden = argv[1] == "--args"
        raise StartedInsteadError(
            [*argv[1:3], *told_words(argv)] if hidden else argv[1 : argv.index("--", 1)]
        )

    with restored():
        process.start = start  # type: ignore[assignment]
        for name in taken:
            MUTATIONS[name].take()
        with pytest.raises(StartedInsteadError) as seen, launch.opened(spec, 0, logs=True):
            pass
    text = "".join(f"\n{w}" if w.startswith("--") else f" {w}" for w in seen.value.args[0])
    text = re.sub(r"/\S*/(upper\d|work\d|logs)", r"\1", text)
    return DESCRIPTORS.sub(r"\1 FD", text).split("\n")[1:]


def test_every_argument_is_taken_away_by_a_mutation(
    spec: Spec, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = [o for o in options(spec) if not o.startswith(HARMLESS) and not RARE.match(o)]
    assert len(left) > 25
    for name in MUTATIONS:
        kept = options(spec, name)
        left = [option for option in left if option in kept]
    assert left == [], "each needs an entry in MUTATIONS (tests/mutate_sandbox.py) and a test"


def test_a_mutation_changes_what_it_says(spec: Spec) -> None:
    whole = options(spec)
    assert options(spec, "/ read-only") == [o for o in whole if o != "--remount-ro /"]
    assert whole == options(spec), "a mutation outlived its test"


def test_every_limit_and_every_group_of_calls_has_one() -> None:
    what = " ".join(mutation.what for mutation in MUTATIONS.values())
    limits = re.findall(r" (?:-[SH] )?-([a-z]) ", launch._launcher(Spec(()).limits, 3))
    # -p looks a program up, it is no limit
    assert [o for o in limits if f"ulimit -{o}" not in what and o != "p"] == []
    assert {"c", "n", "u", "d", "f", "t"} <= {*limits}
    assert set(seccomp.DENIED) == {*LOOKING, *VIEW, *NAMESPACES, *SURFACES, *WHOLE}
