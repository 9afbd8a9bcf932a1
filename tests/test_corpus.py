"""No false alarm on valid configurations, and hardly a fault planted in them goes unnoticed.

`make mutate` plants more of them and writes docs/checks/mutations.md; here each operator damages
each document once.
"""

from __future__ import annotations

import pytest

from damage import OPERATORS
from mutate_configs import BAR, GOOD, documents, explained, judged, mutants, survivors

CHECKS = sorted(OPERATORS)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_valid_documents_have_no_finding(check: str) -> None:
    texts = [(d.suffix, d.read_text(encoding="utf-8")) for d in documents(check)]
    assert judged(check, texts) == {}


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_planted_faults_are_noticed(check: str) -> None:
    every, left = survivors(check, edits=1)
    assert 1 - len(left) / len(every) >= BAR, [m.name for m in left]


def test_the_corpus_is_what_it_is_said_to_be() -> None:
    assert {p.name for p in GOOD.iterdir()} == set(OPERATORS)
    assert sum(len(documents(c)) for c in CHECKS) >= 120
    assert len({m.operator for c in CHECKS for m in mutants(c)}) >= 12


def test_every_operator_finds_a_place() -> None:
    for check in CHECKS:
        tried = {m.operator for m in mutants(check)}
        assert tried == set(OPERATORS[check]), f"{check}: an operator that changes nothing"


def test_explanations_are_of_planted_faults() -> None:
    names = {m.name for c in CHECKS for m in mutants(c)}
    assert set(explained()) <= names, "an explanation without its fault; run make mutate"
