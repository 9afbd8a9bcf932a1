"""A GitLab pipeline read as GitLab reads it: jobs with what they extend, stages, needs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

# Top-level keys that are no jobs; `pages` is one.
GLOBAL = frozenset({
    "$schema", "after_script", "before_script", "cache", "default", "image", "include", "services",
    "spec", "stages", "variables", "workflow",
})  # fmt: skip
STAGES = ("build", "test", "deploy")
DEFAULT_STAGE = "test"
# What an input or a component gives, which isn't known here.
_INPUT = re.compile(r"\$\[\[")
_ONE_OF_MANY = re.compile(r"(.+?)(?: \d+/\d+|: \[.*\])")
REFERENCE = "!reference"
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Pipeline:
    """A document's jobs, and what `extends` makes of them."""

    data: Mapping[str, Any]

    @functools.cached_property
    def whole(self) -> bool:
        """Whether nothing is brought in from elsewhere."""
        return "include" not in self.data

    @functools.cached_property
    def stages(self) -> tuple[str, ...]:
        """The stages in their order, with those that are always there."""
        own = self.data.get("stages")
        names = STAGES if own is None else own if isinstance(own, list) else ()
        middle = [s for s in names if isinstance(s, str) and s not in (".pre", ".post")]
        return (".pre", *middle, ".post")

    @functools.cached_property
    def jobs(self) -> Mapping[str, Mapping[str, Any]]:
        """Every job and template, as `extends` makes it."""
        names = [n for n, j in self.data.items() if n not in GLOBAL and isinstance(j, Mapping)]
        return {str(n): self._extended(str(n), ()) for n in names}

    @functools.cached_property
    def visible(self) -> Mapping[str, Mapping[str, Any]]:
        """The jobs that run, without templates."""
        return {n: j for n, j in self.jobs.items() if not n.startswith(".")}

    def bases(self, name: str) -> list[str]:
        """The names that a job extends."""
        job = self.data.get(name)
        named = job.get("extends", []) if isinstance(job, Mapping) else []
        return [str(n) for n in ([named] if isinstance(named, str) else named or [])]

    def parts(self, node: Node) -> Mapping[str, Any]:
        """What of the hidden keys goes into jobs, by `extends` or as a keyword of theirs."""
        found: dict[str, Any] = {}
        for path, names in references(node):
            if len(names) == 2 and names[1] in path and names[1] in self.jobs.get(names[0], {}):
                found.setdefault(names[0], {})[names[1]] = self.jobs[names[0]][names[1]]
        extended = {base for name in self.jobs for base in self.bases(name)}
        found |= {name: self.data[name] for name in extended if name in self.data}
        return {name: job for name, job in found.items() if name.startswith(".")}

    def needed(self, name: str) -> list[str]:
        """The jobs here that a job needs."""
        found = [self.known(other) for _, other, _ in needs(self.visible.get(name, {}))]
        return [base for base in found if base is not None]

    def stage(self, name: str) -> str | None:
        """The stage of a job; None where an input or a reference decides it."""
        stage = self.jobs[name].get("stage", DEFAULT_STAGE)
        return stage if isinstance(stage, str) and not given(stage) else None

    def after(self, name: str, other: str) -> bool:
        """Whether a job's stage is later than another's, as far as both are known."""
        stages = [self.stage(n) for n in (name, other)]
        at = [self.stages.index(s) for s in stages if s in self.stages]
        return len(at) == len(stages) and at[0] > at[1]

    def known(self, name: str) -> str | None:
        """The job that a name means, which may be one of a parallel job's; None if none does."""
        if name in self.visible:
            return name
        found = _ONE_OF_MANY.fullmatch(name)
        base = found[1] if found else ""
        return base if "parallel" in self.visible.get(base, {}) else None

    def _extended(self, name: str, above: tuple[str, ...]) -> dict[str, Any]:
        job = self.data.get(name)
        made: dict[str, Any] = {}
        if name not in above and isinstance(job, Mapping):
            for base in self.bases(name):
                made = merged(made, self._extended(base, (*above, name)))
            made = merged(made, job)
        return made


def references(node: Node, path: Path = ()) -> Iterator[tuple[Path, list[str]]]:
    """Yield where a `!reference` stands, and the names that lead to what it means."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from references(value, (*path, str(key.value)))
    elif isinstance(node, SequenceNode) and str(node.tag) == REFERENCE:
        yield path, [str(n.value) for n in node.value]
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.value):
            yield from references(item, (*path, number))


def given(name: str) -> bool:
    """Whether a name is put together of inputs."""
    return _INPUT.search(name) is not None


def needs(job: Mapping[str, Any]) -> Iterator[tuple[Path, str, bool]]:
    """The jobs of its own pipeline that a job needs: where, which, and if it may be absent."""
    places: list[tuple[Path, Any]] = [(("needs",), job.get("needs"))]
    for number, rule in enumerate(_list(job.get("rules"))):
        if isinstance(rule, Mapping):
            places.append((("rules", number, "needs"), rule.get("needs")))
    for place, listed in places:
        for number, need in enumerate(_list(listed)):
            if isinstance(need, str):
                yield (*place, number), need, False
            elif isinstance(need, Mapping) and isinstance(need.get("job"), str):
                elsewhere = {"pipeline", "project"} & {*need}
                if not elsewhere:
                    yield (*place, number, "job"), need["job"], need.get("optional") is True


def sources(job: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The jobs whose artifact is the pipeline that a job triggers."""
    trigger = job.get("trigger")
    included = trigger.get("include") if isinstance(trigger, Mapping) else None
    for number, one in enumerate(_list(included)):
        if isinstance(one, Mapping) and isinstance(one.get("job"), str):
            yield ("trigger", "include", number, "job"), one["job"]


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one job over another: mappings are merged, all else is replaced."""
    made = dict(base)
    for key, value in over.items():
        below = made.get(key)
        mappings = isinstance(below, Mapping) and isinstance(value, Mapping)
        made[key] = merged(below or {}, value) if mappings else value
    return made


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
