"""How the jobs of a GitLab pipeline hang together: what its schema can't say.

The rules are those by which GitLab refuses a pipeline before it runs anything
(https://docs.gitlab.com/ci/yaml/). Where `include` brings in more, missing names prove nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ruamel.yaml.nodes import Node

from assay.pipeline import Path, Pipeline, given, needs, references, sources
from assay.schemas import Mismatch

# What a job can be made of; two of them don't go together.
KINDS = ("script", "run", "trigger")
WITHOUT_RULES = ("only", "except", "start_in")
# So many names are listed where none is near.
FEW = 8


def faults(data: Mapping[str, Any], node: Node) -> Iterator[Mismatch]:
    """Yield what is wrong between jobs, one job after the other."""
    pipeline = Pipeline(data)
    yield from _extends(pipeline)
    if pipeline.whole and not pipeline.visible:
        yield Mismatch((), False, "every job is hidden by its dot; write one without")
    for name, job in pipeline.visible.items():
        yield from _made(name, job, pipeline)
        yield from _staged(name, pipeline)
        yield from _needed(name, job, pipeline)
        yield from _stopped(name, job, pipeline)
    yield from _circles(pipeline)
    if pipeline.whole:
        yield from _references(node, pipeline)


def _extends(pipeline: Pipeline) -> Iterator[Mismatch]:
    told: set[str] = set()
    for name in pipeline.jobs:
        for number, base in enumerate(pipeline.bases(name)):
            if base not in pipeline.data and pipeline.whole:
                message = f"{name!r} extends {base!r}, which isn't there; "
                path = (name, "extends", number)
                yield Mismatch(path, False, message + _near(base, pipeline.jobs))
        way = _round(name, pipeline.bases)
        if way and not told & {*way}:
            message = f"extends goes round in a circle: {' → '.join(way)}; break it"
            yield Mismatch((name, "extends"), True, message)
        told |= {*way}


def _made(name: str, job: Mapping[str, Any], pipeline: Pipeline) -> Iterator[Mismatch]:
    """A job does one thing, and is chosen by one kind of rule."""
    kinds = [k for k in KINDS if k in job]
    if len(kinds) > 1:
        message = f"{name!r} has {' and '.join(map(repr, kinds))}; a job has one of them"
        yield Mismatch((name, kinds[1]), True, message)
    if not kinds and pipeline.whole:
        message = f"{name!r} does nothing; give it one of 'run', 'script', 'trigger'"
        yield Mismatch((name,), True, message)
    if job.get("rules") is not None:
        for key in WITHOUT_RULES:
            if job.get(key) is not None:
                message = f"{key!r} and 'rules' exclude each other; write it as a rule"
                yield Mismatch((name, key), True, message)


def _staged(name: str, pipeline: Pipeline) -> Iterator[Mismatch]:
    stage = pipeline.stage(name)
    own = "stage" in pipeline.jobs[name]
    certain = pipeline.whole or (own and "stages" in pipeline.data)
    if stage is not None and certain and stage not in pipeline.stages:
        said = f"stage {stage!r}" if own else f"no stage and is of {stage!r}"
        message = f"{name!r} has {said}, which isn't in 'stages'; {_near(stage, pipeline.stages)}"
        yield Mismatch((name, "stage"), not own, message)


def _needed(name: str, job: Mapping[str, Any], pipeline: Pipeline) -> Iterator[Mismatch]:
    """What a job waits for is there, once, and not in a later stage."""
    listed = job.get("dependencies")
    listed = [o for o in listed if isinstance(o, str)] if isinstance(listed, list) else []
    wanted = [("needs", *need) for need in needs(job)]
    wanted += [("depends on", ("dependencies", n), o, False) for n, o in enumerate(listed)]
    wanted += [("takes its pipeline from", path, other, False) for path, other in sources(job)]
    seen: set[tuple[Path, str]] = set()
    for verb, path, other, optional in wanted:
        base = pipeline.known(other)
        place = (path[: next(n for n, part in enumerate(path) if isinstance(part, int))], other)
        message = None
        if base is None:
            if pipeline.whole and not optional and not given(other):
                message = f"which is no job here; {_near(other, pipeline.visible)}"
        elif pipeline.after(base, name) and not _round(name, pipeline.needed):
            message = f"whose stage {pipeline.stage(base)!r} is a later one; move one of them"
        elif place in seen:
            message = "which is there already; take one out"
        seen.add(place)
        if message:
            yield Mismatch((name, *path), False, f"{name!r} {verb} {other!r}, {message}")
    named = {other for path, other, _ in needs(job) if path[0] == "needs"}
    for number, other in enumerate(listed if job.get("needs") else ()):
        if other not in named:
            message = f"{name!r} depends on {other!r} and has needs without it; name it in both"
            yield Mismatch((name, "dependencies", number), False, message)


def _stopped(name: str, job: Mapping[str, Any], pipeline: Pipeline) -> Iterator[Mismatch]:
    environment = job.get("environment")
    if not isinstance(environment, Mapping):
        return
    other = environment.get("on_stop")
    if not isinstance(other, str) or given(other):
        return
    path: Path = (name, "environment", "on_stop")
    if other not in pipeline.visible:
        if pipeline.whole:
            message = (
                f"on_stop names {other!r}, which is no job here; {_near(other, pipeline.visible)}"
            )
            yield Mismatch(path, False, message)
        return
    stop = pipeline.visible[other].get("environment")
    stop = stop if isinstance(stop, Mapping) else {"name": stop}
    if stop.get("name") != environment.get("name") or stop.get("action") != "stop":
        message = f"{other!r} has to have this environment's name and action: stop"
        yield Mismatch(path, False, message)


def _circles(pipeline: Pipeline) -> Iterator[Mismatch]:
    told: set[str] = set()
    for name in pipeline.visible:
        way = _round(name, pipeline.needed)
        if way and not told & {*way}:
            message = f"needs go round in a circle: {' → '.join(way)}; take one out"
            yield Mismatch((name, "needs"), True, message)
        told |= {*way}


def _references(node: Node, pipeline: Pipeline) -> Iterator[Mismatch]:
    """A `!reference` leads to something; `extends` is done before."""
    for path, names in references(node):
        found: Any = {**pipeline.data, **pipeline.jobs}
        for number, name in enumerate(names):
            if not isinstance(found, Mapping) or name not in found:
                if not any(given(n) for n in names):
                    known = [str(n) for n in found] if isinstance(found, Mapping) else []
                    way = f" in {names[number - 1]!r}" if number else ""
                    message = f"there is no {name!r}{way} to refer to; {_near(name, known)}"
                    yield Mismatch(path, False, message)
                break
            found = found[name]


def _round(name: str, after: Callable[[str], Iterable[str]]) -> list[str]:
    """The shortest way from a name back to itself; empty if there is none."""
    ways, seen = [[name]], {name}
    while ways:
        way = ways.pop(0)
        for other in after(way[-1]):
            if other == name:
                return [*way, name]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


def _near(name: str, known: Iterable[str]) -> str:
    """Name what is nearest, or all where they aren't many."""
    listed = sorted(known)
    if nearest := difflib.get_close_matches(name, listed, n=1):
        return f"the nearest is {nearest[0]!r}"
    return f"there are {', '.join(map(repr, listed))}" if 0 < len(listed) <= FEW else "name another"
