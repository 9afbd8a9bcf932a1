"""Kubernetes manifests, judged by the API server's own validation; unknown kinds fail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay import gohelper, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "kubernetes"
PROGRAMS = ("kubecheck",)
MANIFEST = re.compile(r"^apiVersion:.*$(?s:.*)^kind:|^kind:.*$(?s:.*)^apiVersion:", re.MULTILINE)


def claims(unit: Unit) -> bool:
    """YAML with apiVersion and kind, or kind="kubernetes"."""
    fits = unit.kind == "block" and unit.block.language == "yaml"
    kind = unit.block.option("kind") if fits else ""
    return kind == NAME or (kind is None and bool(MANIFEST.search(unit.block.text)))


def tools() -> Mapping[str, str]:
    """The Kubernetes release whose validation is built in, and the program around it."""
    release = gohelper.required("kubecheck", "k8s.io/kubernetes").removeprefix("v")
    return {"kubernetes": release, "kubecheck": gohelper.pin("kubecheck")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what the server would refuse, at the field's own line."""
    block = unit.block
    documents = tuple(yamltree.documents(block.text))
    texts = [d.source(block.text) for d in documents]
    answer = bench.judge("kubecheck", {"documents": texts})
    for document, faults in zip(documents, answer["faults"], strict=True):
        for fault in faults:
            line, column = document.place(fault["path"], key=fault["key"])
            yield Finding(block.at(line, column), NAME, fault["message"])
