"""Ways to damage a valid configuration: each must be noticed by the check that judges it.

An operator takes a text and yields edits; what an edit leaves is wrong for the software that the
configuration is written for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay import yamltree


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str

    def on(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


Operator = Callable[[str], Iterator[Edit]]
# Below these keys the names are the author's own: nothing can be misspelt.
COMMON = ["labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData", "env"]
MANIFESTS = [*COMMON, "selector", "limits", "requests", "hard", "capacity", "default", "max", "min",
             "defaultRequest", "parameters"]  # fmt: skip
WORKFLOWS = [*COMMON, "with", "outputs", "secrets", "jobs", "services", "inputs", "matrix"]
JOBS = [*COMMON, "variables", "services", "matrix", ""]
COLLECTORS = ["receivers", "processors", "exporters", "extensions", "connectors", "pipelines",
              "headers"]  # fmt: skip
RULES = [*COMMON, "external_labels"]
COMPOSE = [*COMMON, "services", "networks", "volumes", "environment", "configs", "secrets"]
ENUMS = frozenset([
    "restartPolicy", "pathType", "protocol", "operator", "concurrencyPolicy", "imagePullPolicy",
    "action", "policy", "failurePolicy", "sideEffects", "matchPolicy", "whenUnsatisfiable",
    "selectPolicy", "podManagementPolicy", "reclaimPolicy", "volumeBindingMode",
    "preemptionPolicy", "scope",
])  # fmt: skip
QUANTITIES = frozenset(["cpu", "memory", "storage", "averageValue", "ephemeral-storage"])
PORTS = frozenset(["port", "targetPort", "containerPort", "nodePort", "number"])
_WORD = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True)
class Field:
    """A key with its value, and the keys above it."""

    path: tuple[str, ...]
    key: Any
    value: Any

    @property
    def name(self) -> str:
        return str(self.key.value)

    @property
    def scalar(self) -> bool:
        return bool(self.value.id == "scalar")


def _walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[Field]:
    if node.id == "mapping":
        for key, value in node.value:
            yield Field(path, key, value)
            yield from _walk(value, (*path, str(key.value)))
    elif node.id == "sequence":
        for item in node.value:
            yield from _walk(item, path)


def fields(text: str) -> Iterator[Field]:
    """Every key of a YAML or JSON text; none of a text in another language."""
    try:
        documents = yamltree.documents(text)
    except yamltree.YAMLError:
        return
    for document in documents:
        yield from _walk(document.node)


def _span(node: Any) -> tuple[int, int]:
    return int(node.start_mark.index), int(node.end_mark.index)


def misspelt(free: Iterable[str]) -> Operator:
    """Misspell a key; below the keys `free` ('' for the top) names are the author's own."""
    left = frozenset(free)

    def operator(text: str) -> Iterator[Edit]:
        for field in fields(text):
            above = field.path[-1] if field.path else ""
            if above not in left and len(field.name) > 3 and field.name[1:].isidentifier():
                start, end = _span(field.key)
                middle = start + (2 if text[start] in "\"'" else 1)
                yield Edit(middle, end, f"x{text[middle:end]}")

    return operator


def wrong_enum(text: str) -> Iterator[Edit]:
    for field in fields(text):
        if field.name in ENUMS and field.scalar and _WORD.fullmatch(field.value.value):
            yield Edit(*_span(field.value), field.value.value[:-1] + "zz")


def wrong_indent(text: str) -> Iterator[Edit]:
    """One line of a block mapping, with siblings on both sides, one blank deeper."""
    lines = text.splitlines(keepends=True)
    at = 0
    for number, line in enumerate(lines):
        if 0 < number < len(lines) - 1:
            same = [_indent(lines[n]) == _indent(line) for n in (number - 1, number + 1)]
            if all(same) and _indent(line) and re.match(r" +[\w.-]+: \S", line):
                yield Edit(at, at, " ")
        at += len(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def wrong_version(text: str) -> Iterator[Edit]:
    for field in fields(text):
        if field.name == "apiVersion" and field.scalar and not field.path:
            yield Edit(*_span(field.value), field.value.value + "beta9")


def duplicate_key(text: str) -> Iterator[Edit]:
    at = 0
    for line in text.splitlines(keepends=True):
        if re.match(r" *[\w.-]+: [^\s|>&*{\[#-][^#{\[]*\n", line):
            yield Edit(at, at, line)
        at += len(line)


def bad_quantity(text: str) -> Iterator[Edit]:
    for field in fields(text):
        if field.name in QUANTITIES and field.scalar and field.value.value[:1].isdigit():
            yield Edit(*_span(field.value), field.value.value + " each")


def wrong_port(text: str) -> Iterator[Edit]:
    for field in fields(text):
        if field.name in PORTS and field.scalar and field.value.value.isdigit():
            yield Edit(*_span(field.value), "70080")


def dropped(*names: str) -> Operator:
    """Take out a field that must be there."""

    def operator(text: str) -> Iterator[Edit]:
        for field in fields(text):
            start, end = _span(field.key)[0], _span(field.value)[1]
            line = text.rfind("\n", 0, start) + 1
            if field.name in names and not text[line:start].strip():
                stop = text.find("\n", end if text[end - 1] != "\n" else end - 1) + 1
                yield Edit(line, stop or len(text), "")

    return operator


def wrong_value(*names: str, to: str) -> Operator:
    """Give a field's scalar (or a list's scalars) a value that nothing else on the page has."""

    def operator(text: str) -> Iterator[Edit]:
        for field in fields(text):
            if field.name in names and field.value.id != "mapping":
                nodes = [field.value] if field.scalar else field.value.value
                yield from (Edit(*_span(n), to) for n in nodes if n.id == "scalar")

    return operator


def swapped_selector(text: str) -> Iterator[Edit]:
    for document in yamltree.documents(text):
        kind = document.data.get("kind") if isinstance(document.data, dict) else None
        if kind not in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"):
            continue
        for field in _walk(document.node):
            if field.path[-1:] == ("matchLabels",) and len(field.path) == 3 and field.scalar:
                yield Edit(*_span(field.value), field.value.value + "-other")


def pattern(regex: str, replacement: str, flags: int = re.MULTILINE) -> Operator:
    """Edit what a regular expression finds; `\\1` and the like name its groups."""
    compiled = re.compile(regex, flags)

    def operator(text: str) -> Iterator[Edit]:
        for match in compiled.finditer(text):
            yield Edit(*match.span(), match.expand(replacement))

    return operator


def yaml(free: Iterable[str]) -> Mapping[str, Operator]:
    """What is tried on every YAML."""
    return {
        "misspelt field": misspelt(free),
        "wrong indent": wrong_indent,
        "duplicate key": duplicate_key,
    }


MANIFEST: Mapping[str, Operator] = {
    **yaml(MANIFESTS),
    "wrong enum": wrong_enum,
    "wrong version": wrong_version,
    "wrong kind": pattern(r"^(kind: \w+)$", r"\1x"),
    "wrong type": wrong_value("replicas", "minReplicas", "maxReplicas", "weight", to="several"),
    "negative number": wrong_value("replicas", "minReplicas", "maxReplicas", to="-1"),
    "bad quantity": bad_quantity,
    "wrong port": wrong_port,
}
SYNTAX: Mapping[str, Operator] = {
    "bracket dropped": pattern(r"[)}\]]", ""),
    "quote dropped": pattern(r"\"(?=[^\"\n]*\"[^\"\n]*$)", ""),
}
PROMQL: Mapping[str, Operator] = {
    "range dropped": pattern(r"(?<=[}\w])\[[0-9]+[smhd]\]", ""),
    "unknown function": pattern(
        r"\b(rate|increase|histogram_quantile|sum|avg|irate)\b(?=[ (])", r"\1x"
    ),
    "wrong duration": pattern(r"\[(\d+)([smhd])\]", r"[\1 \2in]"),
    "bracket dropped": pattern(r"\)", ""),
    "operator dropped": pattern(r" (?:/|>|<) ", " "),
}
# By check: what is tried on its corpus.
OPERATORS: Mapping[str, Mapping[str, Operator]] = {
    "kubernetes": {
        **MANIFEST,
        "dropped required field": dropped(
            "image",
            "scaleTargetRef",
            "maxReplicas",
            "schedule",
            "roleRef",
            "pathType",
            "provisioner",
        ),
        "swapped selector": swapped_selector,
        "bad name": pattern(r"^(  name: [a-z][a-z0-9-]*)$", r"\1_X"),
    },
    "crd": {
        **MANIFEST,
        # `mode` and `interval` elsewhere, and `action` of Istio, have a default
        "dropped required field": dropped(
            "scaleTargetRef",
            "sourceRef",
            "destination",
            "project",
            "gatewayClassName",
            "selector",
        ),
    },
    "github-actions": {
        **yaml(WORKFLOWS),
        "dropped required field": dropped("runs-on"),
        "wrong reference": wrong_value("needs", to="nobody"),
        "wrong version": pattern(r"(uses: actions/[\w-]+@)v\d+", r"\1v1"),
        "wrong enum": pattern(r"^(  )(push|pull_request|schedule|workflow_dispatch):", r"\1\2ed:"),
        "wrong runner": pattern(r"(runs-on: )ubuntu-[\d.]+", r"\1ubuntu-18.04"),
        "bad expression": pattern(r"\$\{\{ *(\w+)\.", r"${{ \1s."),
        "bracket dropped": pattern(r"(\$\{\{[^}]*\})\}", r"\1"),
    },
    "gitlab-ci": {
        **yaml(JOBS),
        "dropped required field": dropped("script"),
        "wrong reference": wrong_value("stage", "needs", "extends", "dependencies", to="nobody"),
        "removed branch": pattern(r"^stages:\n(?: *- .*\n)*?( *- .*\n)(?! *- )", "stages: []\n"),
        "wrong enum": wrong_value("when", to="sometimes"),
        "wrong type": wrong_value("retry", "parallel", "interruptible", to="several"),
    },
    "dockerfile": {
        "unknown instruction": pattern(r"^(FROM|RUN|COPY|WORKDIR|USER|ENV|EXPOSE)\b", r"\1X"),
        "unknown flag": pattern(r"^(COPY|RUN|FROM) --([a-z]+)=", r"\1 --\2x="),
        "wrong reference": pattern(r"(COPY --from=)([a-z]+) ", r"\1\2x "),
        "wrong version": pattern(r"(FROM (?:--platform=\S+ )?golang:)[\d.]+", r"\g<1>1.19"),
        "dropped required field": pattern(
            r"^(?:ENTRYPOINT|CMD) .*\n(?!(?:.*\n)*(?:ENTRYPOINT|CMD))", ""
        ),
        "wrong port": pattern(r"^(EXPOSE) \d+", r"\1 70080"),
        "bad value": pattern(r"^(HEALTHCHECK .*--interval=)\d+s", r"\1soon"),
        "root user": pattern(r"^USER .*\n(?!(?:.*\n)*(?:USER|FROM) )", "USER root\n"),
    },
    "prometheus": {
        **yaml(RULES),
        **PROMQL,
        "dropped required field": dropped("expr"),
        "bad quantity": pattern(
            r"^( +(?:for|interval|scrape_interval|keep_firing_for): )\d+[smh]", r"\1soon"
        ),
        "wrong reference": pattern(r"\{\{ *\$(value|labels)", r"{{ $\1x"),
        "wrong enum": pattern(r"^(# TYPE \S+ (?:counter|gauge|histogram|summary))$", r"\1s"),
        "wrong type": pattern(r"^([a-z_]+(?:\{[^}]*\})? )[\d.]+$", r"\1many"),
    },
    "promql": PROMQL,
    "grafana": {
        "misspelt field": misspelt(COMMON),
        "duplicate key": pattern(r"^( *\"(?:title|type|uid|expr|refId)\": [^{\[\n]*,\n)", r"\1\1"),
        "bracket dropped": pattern(r"[}\]](?=,?\n)", ""),
        "wrong type": pattern(r"^( *\"(?:w|h|x|y|id|schemaVersion)\": )\d+", r'\1"many"'),
        "wrong enum": pattern(
            r"^( *\"type\": \")(timeseries|stat|table|gauge|bargauge|heatmap)\"", r'\1\2s"'
        ),
        **{name: PROMQL[name] for name in ("range dropped", "unknown function")},
    },
    "otel-collector": {
        **yaml(COLLECTORS),
        "wrong reference": wrong_value("receivers", "exporters", "processors", to="nobody"),
        "bad quantity": pattern(
            r"^( +(?:timeout|check_interval|initial_interval|max_elapsed_time): )\d+m?[smh]",
            r"\1soon",
        ),
        "wrong kind": pattern(
            r"^(  )(otlp|batch|debug|memory_limiter|otlphttp)(\b.*):", r"\1\2x\3:"
        ),
        "dropped required field": dropped("service", "exporters"),
    },
    "rego": {
        **SYNTAX,
        "removed branch": pattern(r" if \{", " {"),
        "unknown function": pattern(
            r"\b(count|startswith|endswith|contains|concat|sprintf|lower|split)\(", r"\1x("
        ),
        "unsafe variable": pattern(r"\b(some \w+ in )\w+", r"\1nothing_known"),
        "wrong reference": pattern(r"^import rego\.v1|^import data\.(\w+)", r"import rego.v9"),
        "dropped required field": pattern(r"^package .*\n", ""),
    },
    "proto": {
        "bracket dropped": pattern(r"^\}", ""),
        "semicolon dropped": pattern(r";(?=\s*$)", ""),
        "wrong kind": pattern(
            r"^( +(?:repeated |optional )?)(string|int64|int32|bool|bytes) ", r"\1\2x "
        ),
        "duplicate number": pattern(
            r"^( +(?:repeated |optional )?[\w.]+ )(\w+)( = \d+;)", r"\1\2\3\n\1\2_again\3"
        ),
        "wrong reference": pattern(
            r"^import \"google/protobuf/(\w+)\.proto\"", r'import "google/protobuf/\1x.proto"'
        ),
        "wrong version": pattern(r"^syntax = .*", 'syntax = "proto9";'),
        "dropped required field": pattern(r"^package .*\n", ""),
    },
    "shell": {
        "quote dropped": pattern(r"\"(?=\n)", ""),
        "removed branch": pattern(r"^\s*(?:then|fi|done|do|esac)$", ""),
        "bracket dropped": pattern(r" \]\]?(?=;| |\n)", ""),
        "unquoted": pattern(r"(rm|cp|mv|mkdir|cd)( [^\n\"]*)\"(\$\{?\w+\}?)\"", r"\1\2\3"),
    },
    "command-flags": {
        "unknown flag": pattern(r" (--?[a-z][a-z-]{2,})\b(?=[ =])", r" \1xx"),
        "unknown subcommand": pattern(
            r"(?<=\$ )(go|git|docker|kubectl|opa|promtool|cosign) ([a-z]+)\b", r"\1 \2xx"
        ),
    },
    "data": {
        **yaml(COMPOSE),
        "wrong type": wrong_value(
            "ports", "replicas", "restart", "interval", "retries", to="{a: 1}"
        ),
        "bracket dropped": SYNTAX["bracket dropped"],
    },
}
