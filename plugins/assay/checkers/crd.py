"""Custom resources, judged by their real definitions; what has none that is known fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from assay import chaosblade, crds, gohelper, kinds, yamltree
from assay.bench import Bench
from assay.model import Block, Finding, Unit

NAME = "crd"
PROGRAMS = ("kubecheck", crds.NAME)
BLADE = "chaosblade.io/"
# A page shows the templates that these are made of.
CONSTRAINT = "constraints.gatekeeper.sh/"


def claims(unit: Unit) -> bool:
    """YAML with apiVersion and kind of a group that isn't Kubernetes' own, or kind="crd"."""
    return unit.kind == "block" and unit.toolchain is None and NAME in kinds.of(unit.block)


def tools() -> Mapping[str, str]:
    """The release whose machinery judges, the program around it, and the list of definitions."""
    release = gohelper.required("kubecheck", "k8s.io/kubernetes").removeprefix("v")
    return {"kubernetes": release, "kubecheck": gohelper.pin("kubecheck"), "crds": crds.pin()}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield what the server would refuse, at the field's own line."""
    block = unit.block
    earlier = [text for b in unit.before for _, text in _documents(b)]
    for document, text in _documents(block):
        defines = [t for t in earlier if "ConstraintTemplate" in t] if CONSTRAINT in text else []
        earlier.append(text)
        if block.option("kind") is None and kinds.native(text):
            continue  # the check `kubernetes` judges it
        request = {"text": text, "custom": True, "defines": defines}
        found = bench.judge("kubecheck", request)["faults"]
        for fault in found:
            line, column = document.place(fault["path"], key=fault["key"])
            yield Finding(block.at(line, column), NAME, fault["message"])
        if not found and document.data["apiVersion"].startswith(BLADE):
            for path, message in chaosblade.faults(document.data):
                yield Finding(block.at(*document.place(path)), NAME, message)


def _documents(block: Block) -> Iterator[tuple[yamltree.Document, str]]:
    """The documents of a block; none where it isn't YAML, which is said of it elsewhere."""
    with suppress(yamltree.YAMLError):
        for document in yamltree.documents(block.text):
            yield document, document.source(block.text)
