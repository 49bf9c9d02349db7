"""Which coefficients make the released sets cancel on every large group of patients.

- An atom with one unknown coefficient says what it must be, if enough patients are in the same case: the same unknown
  set, and the same sum of what is known. Where no atom does, a coefficient becomes a free parameter.
- When all are known, each group of patients with the same sum must have the sum 0 if it is large; that may restrict the
  parameters, and so merge groups, until nothing changes.
- Known sums are compared by three random projections modulo a prime, some 51 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kernel_guard.vault.disclosure.differencing.algebra import PRIME, Matrix, mod, null_space

MOST_PARAMETERS = 400
MOST_WORK = 60_000_000  # atoms looked at, all rounds together
_PROBES = 3
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def combinations(
    sets_of: sparse.csr_matrix, patients: Integers, wanted: Flags, least: int, *, additive: bool
) -> Matrix | None:
    """A basis (columns) of the coefficients; None when it has too many parameters.

    `wanted` sets matter: once their coefficients are known to be 0 the rest need not be found. `additive`: atoms have
    no patients in common, so that their numbers add up.
    """
    state = _State.of(sets_of, patients, least, additive)
    work = 0
    while not state.known.all():
        ready = np.flatnonzero(state.unknown == 1)
        work += len(ready)
        if state.parameters == MOST_PARAMETERS or work > MOST_WORK:
            return None
        if not state.determine(ready, wanted):
            state.free_one()
        if state.known[wanted].all() and not state.space[wanted].any():
            return np.zeros((len(wanted), 0))
    return state.restricted()


@dataclass
class _State:
    """`unknown`: how many coefficients an atom lacks; `which`: their indices, exclusive-or; `value`: projections of
    the sum of those that it knows."""

    sets_of: sparse.csr_matrix
    atoms_of: sparse.csc_matrix
    patients: Integers
    least: int
    additive: bool
    unknown: Integers
    which: Integers
    value: Integers
    known: Flags
    space: Matrix
    probes: Matrix
    parameters: int = 0

    @classmethod
    def of(cls, sets_of: sparse.csr_matrix, patients: Integers, least: int, additive: bool) -> _State:
        atoms, sets = sets_of.shape
        unknown = np.diff(sets_of.indptr).astype(np.int64)
        which = np.bitwise_xor.reduceat(sets_of.indices.astype(np.int64), sets_of.indptr[:-1])
        probes = np.random.default_rng().integers(1, PRIME, (MOST_PARAMETERS, _PROBES)).astype(float)
        return cls(
            sets_of, sets_of.tocsc(), patients, least, additive, unknown, which,
            np.zeros((atoms, _PROBES), np.int64), np.zeros(sets, bool), np.zeros((sets, MOST_PARAMETERS)), probes,
        )  # fmt: skip

    def determine(self, ready: Integers, wanted: Flags) -> bool:
        """Settle every set that a large enough group of atoms pins down."""
        large = self._large_groups(ready, self.which[ready])
        settled = False
        # Wanted sets first: when all of them are settled at 0 the rest does not matter.
        large = large[np.argsort(~wanted[self.which[large]], kind="stable")]
        for atom in large:
            if self.known[wanted].all() and not self.space[wanted].any():
                return True
            j = int(self.which[atom])
            if self.known[j] or self.unknown[atom] != 1:
                continue
            inside = self.sets_of.indices[self.sets_of.indptr[atom] : self.sets_of.indptr[atom + 1]]
            self.space[j] = mod(-self.space[inside[inside != j]].sum(axis=0))
            self._settle(j)
            settled = True
        return settled

    def free_one(self) -> None:
        """Make the unknown set with the most patients a parameter."""
        sizes = np.where(self.known, -1, self.sets_of.T @ self.patients)
        j = int(np.argmax(sizes))
        self.space[j, self.parameters] = 1.0
        self.parameters += 1
        self._settle(j)

    def restricted(self) -> Matrix:
        """The space in which every large group cancels."""
        space = self.space[:, : self.parameters]
        while space.shape[1]:
            probes = self.probes[: space.shape[1]]
            self.value = mod(self.sets_of @ mod(space @ probes)).astype(np.int64)
            open_atoms = np.flatnonzero(self.value.any(axis=1))
            large = self._large_groups(open_atoms, np.zeros(len(open_atoms), np.int64))
            if not len(large):
                break
            some = np.random.default_rng().permutation(large)[: 2 * space.shape[1]]
            space = mod(space @ null_space(mod(self.sets_of[some] @ space)))
        return space

    def _settle(self, j: int) -> None:
        self.known[j] = True
        holding = self.atoms_of.indices[self.atoms_of.indptr[j] : self.atoms_of.indptr[j + 1]]
        self.unknown[holding] -= 1
        self.which[holding] ^= j
        if self.space[j].any():
            self.value[holding] += mod(self.space[j] @ self.probes).astype(np.int64)

    def _large_groups(self, atoms: Integers, which: Integers) -> Integers:
        """One atom of each group of atoms with the same `which` and value that has enough patients."""
        if not len(atoms):
            return atoms
        value = self.value[atoms] % PRIME
        key = value[:, 0] + PRIME * (value[:, 1] + PRIME * value[:, 2])
        order = np.lexsort((key, which))
        atoms, key, which = atoms[order], key[order], which[order]
        starts = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]) | (which[1:] != which[:-1])])
        gather = np.add if self.additive else np.maximum
        return atoms[starts[gather.reduceat(self.patients[atoms], starts) >= self.least]]
