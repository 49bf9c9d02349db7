"""Class disclosure: a group of whom nobody, or everybody, has a property tells about each of its members.

- Nobody: an empty cell, which `minimum` masks where the pack says so.
- Everybody: a cell that holds all patients of its line while the other categories are empty. That the others are there
  at all is declared, so an absent category counts as an empty one.
"""

from __future__ import annotations

import numpy as np

from kernel_guard.vault.disclosure.layout import Layout
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import Integers

NAME = "class disclosure"


def full(layout: Layout, patients: Integers, pack: RulePack) -> Mask:
    """Cells with everybody of one of their lines in them."""
    found = np.zeros(len(patients), bool)
    if not pack.zeros_masked:
        return found
    grid = patients[: layout.inner].reshape(layout.shape)
    for axis, size in enumerate(layout.shape):
        if size > 1:
            whole = grid.sum(axis=axis, keepdims=True)
            found[: layout.inner] |= ((grid == whole) & (grid > 0)).ravel()
    return found


def detail(pack: RulePack) -> str:
    return "no cell holds everybody of its line" if pack.zeros_masked else "cells that hold everybody are shown"
