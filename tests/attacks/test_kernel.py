"""Every attack of `kernel/` fails in a guarded kernel; those that can work without a guard do, so they are real.

One file each: IDEA, SOURCE, the WAY that it tries (`kernel_guard.wrapper.rules.ways`), the CODE that a researcher would
run, and what must be ABSENT from every byte that leaves. `python -m pytest tests/attacks` runs them all.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.lib.arena import ATTACKS, Attack, Ring, load

LOADED = [load(path) for path in ATTACKS]
CLOSED = [attack for attack in LOADED if not attack.open]
REAL = [attack for attack in CLOSED if attack.works_unguarded]


def _case(attack: Attack) -> ParameterSet:
    return pytest.param(attack.path, id=attack.path.stem, marks=pytest.mark.slow if attack.slow else ())


@pytest.mark.parametrize("path", map(_case, CLOSED))
def test_nothing_gets_out(guarded_ring: Ring, path: Path) -> None:
    attack = load(path)
    found = guarded_ring.try_out(attack)
    assert not found, f"{attack.idea} Got out: {', '.join(found)}"


@pytest.mark.slow
@pytest.mark.parametrize("path", [attack.path for attack in REAL], ids=lambda path: path.stem)
def test_the_attack_is_real(plain_ring: Ring, path: Path) -> None:
    """The negative control: without a guard it works."""
    assert plain_ring.try_out(load(path))
