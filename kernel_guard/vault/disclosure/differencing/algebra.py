"""Linear algebra modulo a prime: exact, and quick because 64-bit floats hold the numbers exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PRIME = 131_071  # 2¹⁷ − 1: products, and sums of 2¹⁷ of them, stay below 2⁵³
Matrix = npt.NDArray[np.float64]


def reduced(matrix: Matrix) -> tuple[Matrix, list[int]]:
    """Row echelon form modulo the prime: its non-zero rows, and their pivot columns (the earliest possible)."""
    rows = mod(matrix.copy())
    pivots: list[int] = []
    top = 0
    while top < len(rows) and rows.shape[1]:
        filled = np.asarray(rows[top:].any(axis=0))
        column = int(np.argmax(filled))
        if not filled[column]:
            break
        pick = top + int(np.argmax(rows[top:, column] != 0))
        rows[[top, pick]] = rows[[pick, top]]
        rows[top] = mod(rows[top] * pow(int(rows[top, column]), -1, PRIME))
        others = np.flatnonzero(rows[:, column])
        others = others[others != top]
        rows[others] = mod(rows[others] - np.outer(rows[others, column], rows[top]))
        pivots.append(column)
        top += 1
    return rows[:top], pivots


def null_space(matrix: Matrix) -> Matrix:
    """Columns that span {z: matrix · z = 0}."""
    rows, pivots = reduced(matrix)
    free = [c for c in range(matrix.shape[1]) if c not in set(pivots)]
    found = np.zeros((matrix.shape[1], len(free)))
    for i, column in enumerate(free):
        found[column, i] = 1.0
        found[pivots, i] = mod(-rows[:, column])
    return found


def mod(matrix: npt.ArrayLike) -> Matrix:
    return np.mod(np.asarray(matrix, float), PRIME)
