"""What a configuration is: by its language, its `kind=`, or the keys that it begins with."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping

from assay import yamlwraps
from assay.model import Block

# What `kind=` may say beside the name of a check: read, and judged by nothing else.
PLAIN = ("json", "text", "toml", "yaml")
# A language whose blocks are always of one kind.
LANGUAGES: Mapping[str, frozenset[str]] = {
    "bash": frozenset({"command-flags", "shell"}),
    "console": frozenset({"command-flags", "shell"}),
    "dockerfile": frozenset({"command-flags", "dockerfile", "versions"}),
    "prometheus": frozenset({"prometheus"}),
    "promql": frozenset({"promql"}),
    "proto": frozenset({"proto"}),
    "rego": frozenset({"rego"}),
}
# What looks into a configuration of these kinds beside the kind's own check.
BESIDE: Mapping[str, frozenset[str]] = {
    "github-actions": frozenset({"command-flags", "versions"}),
    "gitlab-ci": frozenset({"command-flags", "versions"}),
    "kubernetes": frozenset({"versions"}),
    "crd": frozenset({"versions"}),
}
# The same, where a block names a schema: `data` judges it by that.
SCHEMAS: Mapping[str, frozenset[str]] = {"compose-spec": frozenset({"versions"})}
# The top-level keys by which YAML is known. All of a set must be there; the first that fits counts.
KEYS: tuple[tuple[str, frozenset[str]], ...] = (
    ("github-actions", frozenset({"on", "jobs"})),
    ("prometheus", frozenset({"groups"})),
    ("prometheus", frozenset({"scrape_configs"})),
    ("prometheus", frozenset({"rule_files", "tests"})),
    ("otel-collector", frozenset({"receivers", "service"})),
    ("otel-collector", frozenset({"receivers", "exporters"})),
    ("gitlab-ci", frozenset({"stages"})),
)
NAMES = tuple(sorted({*PLAIN, *(n for n, _ in KEYS), "crd", "grafana", "kubernetes"}))
# The API groups with a dot that the API server itself serves; those without one are all its own.
SERVED = frozenset(
    f"{name}.k8s.io"
    for name in (
        "admissionregistration", "apiextensions", "apiregistration", "authentication",
        "authorization", "certificates", "coordination", "discovery", "events",
        "flowcontrol.apiserver", "internal.apiserver", "networking", "node",
        "rbac.authorization", "resource", "scheduling", "storage", "storagemigration",
    )
)  # fmt: skip
_TOP = re.compile(r"^(?:([\w.-]+)|\"([^\"]+)\"|'([^']+)'):(?=\s|$)", re.MULTILINE)
_API = re.compile(r"^apiVersion:[ \t]*[\"']?([^\s\"'#]*)", re.MULTILINE)
_KIND = re.compile(r"^kind:", re.MULTILINE)
_NEXT = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_SOMETHING = re.compile(r"^\s*[^\s#]", re.MULTILINE)
_SCRIPT = re.compile(r"^[ 	]+script:", re.MULTILINE)


def of(block: Block) -> frozenset[str]:
    """Name the checks that know this configuration; none where nothing is recognised."""
    if block.option("skip"):
        return frozenset()
    named = block.option("kind")
    if named is not None:
        return frozenset() if named in PLAIN else _with(named)
    if block.language in LANGUAGES:
        return LANGUAGES[block.language]
    if block.option("wrap") == "gitlab.job":  # which may call another pipeline, without a script
        return _with("gitlab-ci")
    if block.option("schema") is not None:
        return SCHEMAS.get(block.option("schema") or "", frozenset())
    return _recognised(block.language, yamlwraps.closed(block).text)


def recognisable() -> str:
    """Say which top-level keys make YAML of which kind."""
    found: dict[str, list[str]] = {"kubernetes or crd": ["apiVersion + kind"]}
    for name, keys in (*KEYS, ("gitlab-ci", frozenset({"a job with script"}))):
        found.setdefault(name, []).append(" + ".join(sorted(keys)))
    return "; ".join(f"{name} ({', '.join(ways)})" for name, ways in found.items())


def native(document: str) -> bool:
    """Whether the API server itself serves the group of a manifest."""
    found = _API.search(document)
    group = found[1].rpartition("/")[0] if found else ""
    return "." not in group or group in SERVED


@functools.lru_cache(maxsize=4096)
def _recognised(language: str, text: str) -> frozenset[str]:
    read = {"json": _json, "yaml": _yaml}.get(language)
    return read(text) if read else frozenset()


def _with(name: str) -> frozenset[str]:
    return frozenset({name}) | BESIDE.get(name, frozenset())


def _yaml(text: str) -> frozenset[str]:
    documents = [d for d in _NEXT.split(text) if _SOMETHING.search(d)]
    if any(_API.search(d) and _KIND.search(d) for d in documents):
        # one among manifests that lacks a group is `kubernetes`' to refuse
        names = {"kubernetes" if native(d) else "crd" for d in documents}
        return frozenset().union(*(_with(n) for n in names))
    keys = {next(filter(None, m.groups())) for m in _TOP.finditer(text)}
    for name, wanted in KEYS:
        if wanted <= keys:
            return _with(name)
    return _with("gitlab-ci") if keys - {"jobs"} and _SCRIPT.search(text) else frozenset()


def _json(text: str) -> frozenset[str]:
    try:
        read = json.loads(text)
    except ValueError:  # the check `data` says so
        return frozenset()
    return frozenset({"grafana"}) if isinstance(read, dict) and "panels" in read else frozenset()
