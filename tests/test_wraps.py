"""Every wrapper closes its fragment: it is of the kind that is meant, and found where it stands."""

from __future__ import annotations

import pytest

from assay import kinds, yamltree, yamlwraps
from assay.model import Block, Position

STEP = "- uses: actions/checkout@v5\n- run: go test ./...\n"
JOB = "runs-on: ubuntu-24.04\nsteps:\n  - run: go test ./...\n"
RULE = "- alert: Down\n  expr: up == 0\n"
# A fragment of each, and which check has to know what it becomes.
FRAGMENTS = {
    "cronjob.spec": ("kubernetes", "suspend: true\n"),
    "deployment.spec": ("kubernetes", "replicas: 3\n"),
    "deployment.spec.template": ("kubernetes", "metadata:\n  labels: {app: order}\n"),
    "gitlab.job": ("gitlab-ci", "image: golang:1.27\n"),
    "hpa.spec": ("kubernetes", "minReplicas: 2\n"),
    "hpa.spec.behavior": ("kubernetes", "scaleUp:\n  selectPolicy: Max\n"),
    "hpa.spec.metrics": ("kubernetes", "- type: Resource\n  resource: {name: cpu}\n"),
    "ingress.spec": ("kubernetes", "ingressClassName: nginx\n"),
    "networkpolicy.spec": ("kubernetes", "policyTypes: [Ingress]\n"),
    "otel.service": ("otel-collector", "telemetry:\n  logs: {level: warn}\n"),
    "pod.spec": ("kubernetes", "hostNetwork: false\n"),
    "pod.spec.containers": ("kubernetes", "- name: order\n  image: order:1.4.2\n"),
    "prometheus.groups": ("prometheus", "- name: order\n  rules: []\n"),
    "prometheus.groups.rules": ("prometheus", RULE),
    "prometheus.scrape_configs": ("prometheus", "- job_name: order\n"),
    "service.spec": ("kubernetes", "type: ClusterIP\n"),
    "workflow.jobs": ("github-actions", "build:\n  runs-on: ubuntu-24.04\n"),
    "workflow.jobs.job": ("github-actions", JOB),
    "workflow.jobs.job.steps": ("github-actions", STEP),
}


def block(name: str, text: str) -> Block:
    """A fence on line 10, in a list item, with a fragment in it."""
    count = text.count("\n")
    origins = tuple(Position("docs/p.md", 11 + n, 5) for n in range(count))
    shown = tuple(range(11, 11 + count))
    return Block("docs/p.md", 0, 10, 5, "yaml", (("wrap", name),), text, origins, shown)


def test_every_wrapper_is_tried() -> None:
    assert set(FRAGMENTS) == set(yamlwraps.table())


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_wrapped_fragment_is_of_its_kind_and_keeps_its_places(name: str) -> None:
    kind, text = FRAGMENTS[name]
    given = block(name, text)
    made = yamlwraps.closed(given)
    assert kind in kinds.of(given)
    assert kinds.of(made) == kinds.of(given), "closing twice changes nothing"
    (document,) = yamltree.documents(made.text)
    assert not list(yamltree.duplicates(document.node))
    lines = made.text.splitlines()
    first = len(lines) - text.count("\n") + 1
    for number, line in enumerate(text.splitlines()):
        column = lines[first + number - 1].index(line) + 1
        assert made.at(first + number, column) == Position("docs/p.md", 11 + number, 5)
        assert made.shown[first + number - 1] == 11 + number
    assert {made.at(n, 1) for n in range(1, first)} == {given.header}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_key_that_is_there_twice_is_found_in_the_fragment(name: str) -> None:
    _, text = FRAGMENTS[name]
    last = [n for n in text.splitlines() if ":" in n][-1].replace("- ", "  ")
    made = yamlwraps.closed(block(name, f"{text}{last}\n"))
    (document,) = yamltree.documents(made.text)
    (found,) = yamltree.duplicates(document.node)
    indent = len(last) - len(last.lstrip())
    where = Position("docs/p.md", 11 + text.count("\n"), 5 + indent)
    assert made.at(found.line, found.column) == where


def test_what_the_fragment_has_takes_the_place_of_what_the_wrapper_has() -> None:
    plain = yamlwraps.closed(block("workflow.jobs.job", "timeout-minutes: 5\n"))
    reused = yamlwraps.closed(block("workflow.jobs.job", "uses: ./.github/workflows/go.yml\n"))
    own = yamlwraps.closed(block("workflow.jobs.job", JOB))
    assert plain.text.count("runs-on:") == plain.text.count("steps:") == 1
    assert "runs-on:" not in reused.text
    assert "steps:" not in reused.text
    assert own.text.count("runs-on:") == own.text.count("steps:") == 1


def test_documents_comments_and_indentation() -> None:
    text = "# first\n    replicas: 3\n\n---\n# none\n---\n    paused: true\n"
    made = yamlwraps.closed(block("deployment.spec", text))
    assert [d.data["spec"].get("paused") for d in yamltree.documents(made.text)] == [None, True]
    last = len(made.text.splitlines())
    assert made.at(last, 3) == Position("docs/p.md", 17, 9)


def test_a_name_that_is_unknown_closes_nothing() -> None:
    given = block("nobody", "replicas: 3\n")
    assert yamlwraps.closed(given) is given
