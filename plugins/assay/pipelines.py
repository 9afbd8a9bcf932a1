"""The job graph of a GitLab pipeline: what its JSON schema can't say."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from assay.schemas import Mismatch

# https://docs.gitlab.com/ci/yaml/#global-keywords and #default: not names of jobs.
GLOBAL = frozenset(
    {"$schema", "after_script", "before_script", "cache", "default", "image", "include", "services",
     "spec", "stages", "variables", "workflow"}
)  # fmt: skip
STAGES = (".pre", "build", "test", "deploy", ".post")
# So many names are listed where none is near.
FEW = 8
WORK = ("script", "run", "trigger")
# A job of a matrix, or one of several equal ones: `test: [1.27, linux]`, `test 1/3`.
_PART = re.compile(r"(?:: \[.*\]| \d+/\d+)$")
Job = Mapping[str, Any]


class Pipeline:
    """The jobs of one configuration with what they extend filled in."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.known = {str(k): v for k, v in data.items() if k not in GLOBAL and _is_job(v)}
        self.jobs = {name: job for name, job in self.known.items() if not name.startswith(".")}
        self.open = "include" in data
        """Whether there are jobs and stages that the page doesn't show."""
        given = data.get("stages")
        named = given if isinstance(given, list) else [*STAGES[1:-1]]
        self.stages = [STAGES[0], *(str(s) for s in _flat(named)), STAGES[-1]]
        self.merged = {name: self._merge(name, ()) for name in self.jobs}

    def faults(self, root: Node) -> Iterator[Mismatch]:
        """Yield everything that GitLab would refuse when it makes the pipeline."""
        for name, job in self.known.items():
            for at, parent in _names(job.get("extends")):
                yield from self._missing((name, "extends", *at), parent, self.known)
            if name in self._above(name):
                message = f"{name!r} extends itself by way of {', '.join(self._above(name))}"
                yield Mismatch((name, "extends"), False, message)
        for name, job in self.merged.items():
            yield from self._shape(name, job)
            yield from self._stage(name, job)
            yield from self._needs(name, job)
        yield from self._cycle()
        yield from self._references(root)

    def templates(self) -> Iterator[str]:
        """The hidden keys that a job extends: they are jobs too."""
        used = {p for name in self.known for p in self._above(name)}
        yield from (n for n in self.known if n in used and n not in self.jobs)

    def _merge(self, name: str, below: tuple[str, ...]) -> Job:
        job: Job = {}
        for _, parent in _names(self.known[name].get("extends")):
            if parent in self.known and parent not in (*below, name):
                job = _over(job, self._merge(parent, (*below, name)))
        return _over(job, self.known[name])

    def _above(self, name: str) -> list[str]:
        found: list[str] = []
        todo = [name]
        while todo:
            for _, parent in _names(self.known.get(todo.pop(), {}).get("extends")):
                if parent not in found:
                    found.append(parent)
                    todo.append(parent)
        return found

    def _missing(
        self, path: tuple[str | int, ...], name: str, names: Mapping[str, Job]
    ) -> Iterator[Mismatch]:
        if name in names or _PART.sub("", name) in names or self.open or "$" in name:
            return
        nearest = difflib.get_close_matches(name, names, n=1)
        listed = ", ".join(repr(n) for n in sorted(names)[:FEW])
        hint = f"; the nearest is {nearest[0]!r}" if nearest else f"; there are {listed}"
        yield Mismatch(path, False, f"no job is called {name!r}{hint}")

    def _shape(self, name: str, job: Job) -> Iterator[Mismatch]:
        if not self._unseen(name) and not any(key in job for key in WORK):
            message = f"job {name!r} does nothing: it has none of {', '.join(map(repr, WORK))}"
            yield Mismatch((name,), True, message)
        if "trigger" in job and "script" in job:
            yield Mismatch((name, "trigger"), True, "a job that triggers can't have a script")
        for key in ("only", "except"):
            if key in job and "rules" in job:
                message = f"{key!r} and 'rules' exclude each other; write it as a rule"
                yield Mismatch((name, key), True, message)
        stop = job["environment"].get("on_stop") if _is_job(job.get("environment")) else None
        if isinstance(stop, str):
            yield from self._missing((name, "environment", "on_stop"), stop, self.jobs)

    def _stage(self, name: str, job: Job) -> Iterator[Mismatch]:
        stage = job.get("stage", "test")
        if stage in self.stages or self.open or not isinstance(stage, str) or "$" in stage:
            return
        allowed = ", ".join(repr(s) for s in self.stages)
        told = f"stage {stage!r}" if "stage" in job else f"the stage 'test', which {name!r} has,"
        message = f"{told} is not in 'stages'; allowed are {allowed}"
        yield Mismatch((name, "stage"), "stage" not in job, message)

    def _needs(self, name: str, job: Job) -> Iterator[Mismatch]:
        wanted = dict(_needed(job))
        for path, need in wanted.items():
            found = list(self._missing((name, *path), need, self.jobs))
            yield from found
            if not found and self._later(need, name) > 0:
                message = f"{name!r} needs {need!r}, which is in a later stage"
                yield Mismatch((name, *path), False, message)
        for at, other in _names(job.get("dependencies")):
            path = (name, "dependencies", *at)
            found = list(self._missing(path, other, self.jobs))
            yield from found
            if not found and isinstance(job.get("needs"), list) and other not in wanted.values():
                yield Mismatch(path, False, f"{other!r} is not in 'needs', so it isn't waited for")
            elif not found and "needs" not in job and self._later(other, name) >= 0:
                yield Mismatch(path, False, f"{other!r} is not in an earlier stage")

    def _later(self, other: str, name: str) -> int:
        """How many stages `other` is after `name`; -1 where that can't be told."""
        places = []
        for one in (_PART.sub("", other), name):
            stage = self.merged.get(one, {}).get("stage", "test")
            if one not in self.merged or stage not in self.stages or self._unseen(one):
                return -1
            places.append(self.stages.index(stage))
        return places[0] - places[1]

    def _unseen(self, name: str) -> bool:
        """Whether a job extends something that the page doesn't show."""
        return any(p not in self.known for p in self._above(name))

    def _cycle(self) -> Iterator[Mismatch]:
        edges = {n: [w for _, w in _needed(j) if w in self.jobs] for n, j in self.merged.items()}
        while free := [n for n, wanted in edges.items() if not {*wanted} & {*edges}]:
            for name in free:
                del edges[name]
        ring = [n for n in edges if any(n in wanted for wanted in edges.values())]
        if ring:
            listed = ", ".join(map(repr, ring))
            yield Mismatch((ring[0], "needs"), False, f"jobs that wait for each other: {listed}")

    def _references(self, node: Node, path: tuple[str | int, ...] = ()) -> Iterator[Mismatch]:
        if isinstance(node, MappingNode):
            for key, value in node.value:
                yield from self._references(value, (*path, str(key.value)))
        elif isinstance(node, SequenceNode):
            if str(node.tag) == "!reference" and node.value:
                yield from self._reference(path, [str(n.value) for n in node.value])
            for number, item in enumerate(node.value):
                yield from self._references(item, (*path, number))

    def _reference(self, path: tuple[str | int, ...], names: list[str]) -> Iterator[Mismatch]:
        found = list(self._missing(path, names[0], self.known))
        yield from found
        value: Any = self.known.get(names[0])
        for name in names[1:] if value is not None and not found else ():
            if not _is_job(value) or name not in value:
                whole = f"!reference [{', '.join(names)}]"
                yield Mismatch(path, False, f"{whole} names nothing: there is no {name!r}")
                return
            value = value[name]


def _is_job(value: Any) -> bool:
    return isinstance(value, Mapping)


def _over(below: Job, above: Job) -> Job:
    """Merge as `extends` does: mappings key by key, anything else is replaced."""
    made = dict(below)
    for key, value in above.items():
        both = _is_job(made.get(key)) and _is_job(value)
        made[key] = _over(made[key], value) if both else value
    return made


def _flat(value: Any) -> Iterator[Any]:
    for item in value if isinstance(value, list) else [value]:
        yield from _flat(item) if isinstance(item, list) else (item,)


def _names(value: Any) -> Iterator[tuple[tuple[int, ...], str]]:
    """The names in a field that holds one or several, each with its place in the list."""
    if isinstance(value, str):
        yield (), value
    elif isinstance(value, list):
        yield from (((n,), v) for n, v in enumerate(value) if isinstance(v, str))


def _needed(job: Job) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What a job needs of its own pipeline, also by a rule; what is optional may be missing."""
    rules = job.get("rules")
    fields = [(("needs",), job.get("needs"))] + [
        (("rules", n, "needs"), r.get("needs"))
        for n, r in enumerate(rules if isinstance(rules, list) else ()) if _is_job(r)
    ]  # fmt: skip
    for path, field in fields:
        for number, need in enumerate(field if isinstance(field, list) else ()):
            if isinstance(need, str):
                yield (*path, number), need
            elif _is_job(need) and isinstance(need.get("job"), str) and not _elsewhere(need):
                yield (*path, number, "job"), need["job"]


def _elsewhere(need: Job) -> bool:
    return bool({"pipeline", "project"} & {*need} or need.get("optional"))
