"""Sample and aggregate: its sensitivity by trying, its noise by measuring, its errors as promised."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_guard.plan.protected import Output, SampleAndAggregate
from kernel_guard.vault.engine.grids import Bins
from kernel_guard.vault.mechanisms import sample_aggregate as mechanism
from kernel_guard.vault.mechanisms.loss import Loss
from kernel_guard.vault.mechanisms.noise import noise_of
from kernel_guard.vault.mechanisms.quantile import scores

OUTPUT = Output("v", -3.7, 11.9, 0)


def private(epsilon: object = 1, blocks: int = 64, combine: str = "mean", outputs: int = 1) -> SampleAndAggregate:
    named = tuple(Output(f"v{i}", 0, 10, 5) for i in range(outputs))
    return SampleAndAggregate(Fraction(str(epsilon)), blocks, named, combine)  # type: ignore[arg-type]


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_one_block_moves_the_sum_by_no_more_than_the_sensitivity(one: float, other: float) -> None:
    grid = mechanism._grid(OUTPUT)
    assert abs(grid.quantise(one) - grid.quantise(other)) <= 2 * mechanism.HALF


@given(st.lists(st.integers(0, 99), min_size=8, max_size=8), st.integers(0, 7), st.integers(0, 99))
def test_one_block_moves_no_median_score_by_more_than_two(answers: list[int], changed: int, to: int) -> None:
    bins = Bins(0, 100, 1, 100, 0.5, 1)

    def scored(values: list[int]) -> list[int]:
        return scores({v: values.count(v) for v in values}, bins, 0.5).tolist()

    after = [*answers[:changed], to, *answers[changed + 1 :]]
    moved = [abs(a - b) for a, b in zip(scored(answers), scored(after), strict=True)]
    assert max(moved) <= mechanism._MEDIAN_SENSITIVITY


def test_the_noise_has_the_scale_that_is_stated() -> None:
    wanted = private(epsilon=2, blocks=16)
    values = [mechanism.combine(wanted, [[5.0]] * 16)[0].value for _ in range(4_000)]
    expected = 10 / 2 / 16  # (upper − lower)/ε/blocks
    assert np.mean(np.abs(np.array(values) - 5)) == pytest.approx(expected, rel=0.1)


def test_the_scale_covers_all_outputs_together() -> None:
    one, three = private(outputs=1), private(outputs=3)
    scale = [noise_of(mechanism._sum_sensitivity(p), Loss(p.epsilon)).scale for p in (one, three)]
    assert scale[1] == pytest.approx(3 * scale[0], rel=1e-6)
    assert scale[0] >= 2 * mechanism.HALF / 1


def test_the_error_holds_as_often_as_it_says() -> None:
    wanted = private(epsilon=1, blocks=32)
    (stated,) = mechanism.expected_errors(wanted)
    found = [mechanism.combine(wanted, [[4.0]] * 32)[0] for _ in range(2_000)]
    assert all(c.error == stated["error"] for c in found)
    inside = np.mean([abs(c.value - 4) <= stated["error"] for c in found])
    assert 0.93 <= inside <= 0.97


def test_the_median_lies_near_the_middle_block() -> None:
    wanted = private(epsilon=4, blocks=64, combine="median")
    answers = [[i * 10 / 63] for i in range(64)]
    found = [mechanism.combine(wanted, answers)[0].value for _ in range(200)]
    (stated,) = mechanism.expected_errors(wanted)
    assert stated["error"] is None and "of the 64 blocks" in stated["text"]
    beside = int(stated["text"].split()[1])
    within = [abs(v - 5) <= (beside + 1) * 10 / 63 + 0.01 for v in found]
    assert np.mean(within) >= 0.95


def test_an_answer_lies_within_its_bounds() -> None:
    found = [mechanism.combine(private(epsilon="0.01"), [[0.0]] * 64)[0].value for _ in range(200)]
    assert min(found) >= 0 and max(found) <= 10 and len({round(v, 9) for v in found}) > 10


def test_a_missing_block_is_refused() -> None:
    with pytest.raises(ValueError):
        mechanism.combine(private(blocks=8), [[1.0]] * 7)


def test_epsilon_in_one_run_by_counting() -> None:
    """Neighbours: one block at 0 or at 10. The ratio of any event's frequencies stays under e^ε."""
    wanted = private(epsilon=1, blocks=8)
    zero, ten = [[5.0]] * 7 + [[0.0]], [[5.0]] * 7 + [[10.0]]
    low = np.array([mechanism.combine(wanted, zero)[0].value for _ in range(4_000)])
    high = np.array([mechanism.combine(wanted, ten)[0].value for _ in range(4_000)])
    for edge in (2, 4, 5, 6, 8):
        p, q = np.mean(low <= edge), np.mean(high <= edge)
        for one, other in ((p, q), (1 - p, 1 - q)):
            doubt = 4 * math.sqrt((1 - one) / (4_000 * one) + (1 - other) / (4_000 * other))
            assert abs(math.log(one / other)) <= 1 + doubt
