"""Ask the judges of many blocks at once: a first pass tells what will be asked."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from assay.bench import Site
from assay.errors import UnableError
from assay.judge import judge
from assay.judges import Answers, AskedError
from assay.lock import Lock
from assay.model import Unit
from assay.project import Project, programs_of


@dataclass(frozen=True)
class Batch:
    """What is asked before the blocks of a round are judged one by one."""

    project: Project
    lock: Lock
    answers: Answers
    site: Site
    use_cache: bool
    prove: bool

    def ask(self, units: Iterable[Unit], jobs: int) -> None:
        """Let every judge answer in as few processes as the machine can use."""
        fences = [u for u in units if u.kind == "block" and u.toolchain is None]
        todo = [u for u in fences if programs_of(u) and not self._told(u)]
        answered = True
        while todo and answered:
            with self.answers.collecting():
                todo = [u for u in todo if self._asks(u)]
            answered = bool(todo) and self.answers.fetch(jobs)

    def _told(self, unit: Unit) -> bool:
        """Whether there is a verdict on the unit without asking."""
        with suppress(UnableError):
            if self.use_cache and self.project.store.load(self.project.key(unit, self.site)):
                return True
            lacking = not self.prove and self.project.lacking(unit)
            return bool(lacking) and self.lock.record(self.project, unit) is not None
        return True  # why it can't be judged is told when it would be

    def _asks(self, unit: Unit) -> bool:
        """Whether judging the unit stopped at a question."""
        with suppress(UnableError, OSError):  # met again, and told, when it is judged
            try:
                judge(self.project, unit, self.site, frozenset(), answers=self.answers)
            except AskedError:
                return True
        return False
