"""Show that something happens: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

EVERY_S = 15.0


@contextlib.contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """Give a function that is told (done, total, page)."""
    if not sys.stderr.isatty():
        yield _plain()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("checking", total=None)
        yield lambda done, total, page: bar.update(
            task, completed=done, total=total, description=page
        )


def _plain() -> Callable[[int, int, str], None]:
    last = time.monotonic()

    def show(done: int, total: int, page: str) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY_S:
            last = time.monotonic()
            sys.stderr.write(f"assay: {done} of {total} done, last on {page}\n")
            sys.stderr.flush()

    return show
