"""Every mechanism has its proof beside it, and the page says the same."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from kernel_guard.plan import aggregates as agg
from kernel_guard.vault.mechanisms.proofs import LABELS, PROVED, fields, page

DOCS = Path(__file__).parents[4] / "docs" / "mechanisms.md"


def test_every_measure_has_a_proof() -> None:
    assert set(PROVED) == set(typing.get_args(agg.Measure))


@pytest.mark.parametrize("measure", PROVED)
def test_a_proof_states_all_its_parts(measure: type) -> None:
    found = fields(PROVED[measure])
    assert tuple(found) == LABELS and all(len(text) > 15 for text in found.values())
    assert "`make_" in found["OpenDP"]


def test_the_page_is_made_from_the_docstrings() -> None:
    assert DOCS.read_text() == page()
