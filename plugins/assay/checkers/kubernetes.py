"""Kubernetes manifests, judged by the API server's own validation; unknown kinds fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay import gohelper, kinds, manifests, yamltree
from assay.bench import Bench
from assay.model import Finding, Unit

NAME = "kubernetes"
PROGRAMS = ("kubecheck",)


def claims(unit: Unit) -> bool:
    """YAML with apiVersion and kind of a group of Kubernetes' own, or kind="kubernetes"."""
    return unit.kind == "block" and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The Kubernetes release whose validation is built in, and the program around it."""
    release = gohelper.required("kubecheck", "k8s.io/kubernetes").removeprefix("v")
    return {"kubernetes": release, "kubecheck": gohelper.pin("kubecheck")}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what the server would refuse, at the field's own line."""
    block = unit.block
    for document in yamltree.documents(block.text):
        text = document.source(block.text)
        if block.option("kind") is None and not kinds.native(text):
            continue  # the check `crd` judges it
        found = bench.judge("kubecheck", {"text": text})["faults"]
        for fault in found:
            line, column = document.place(fault["path"], key=fault["key"])
            yield Finding(block.at(line, column), NAME, fault["message"])
        if not found:
            for path, message, key in manifests.faults(document.data):
                yield Finding(block.at(*document.place(path, key=key)), NAME, message)
