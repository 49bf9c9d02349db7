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
Small = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


def combinations(
    sets_of: sparse.csr_matrix, atoms_of: sparse.csc_matrix, patients: Integers, wanted: Flags, least: int, *,
    additive: bool,
) -> Matrix | None:  # fmt: skip
    """A basis (columns) of the coefficients; None when it has too many parameters.

    `sets_of` and `atoms_of` are the same memberships (atoms × sets), by rows and by columns.
    `wanted` sets matter: once their coefficients are known to be 0 the rest need not be found. `additive`: atoms have
    no patients in common, so that their numbers add up.
    """
    state = _State.of(sets_of, atoms_of, patients, least, additive)
    work = 0
    while not state.known.all():
        ready = np.flatnonzero(state.unknown == 1)
        work += len(ready)
        if state.parameters == MOST_PARAMETERS or work > MOST_WORK:
            return None
        if not state.determine(ready, wanted):
            state.free_one()
        if state.decided(wanted):
            return np.zeros((len(wanted), 0))
    return state.restricted()


@dataclass
class _State:
    """`sizes`: patients of each set, atom by atom; `unknown`: how many coefficients an atom lacks; `which`: their
    indices, exclusive-or; `first`, `last`: projections of the sum of those that it knows, two in one number and the
    third (an atom is in fewer than 2¹⁵ sets, so that 32 bits hold the sum of its residues)."""

    sets_of: sparse.csr_matrix
    atoms_of: sparse.csc_matrix
    patients: Integers
    sizes: Integers
    least: int
    additive: bool
    unknown: Small
    which: Small
    first: Integers
    last: Integers
    known: Flags
    space: Matrix
    probes: Matrix
    parameters: int = 0

    @classmethod
    def of(
        cls, sets_of: sparse.csr_matrix, atoms_of: sparse.csc_matrix, patients: Integers, least: int, additive: bool
    ) -> _State:
        atoms, sets = sets_of.shape
        unknown = np.diff(sets_of.indptr).astype(np.int32)
        which = np.bitwise_xor.reduceat(sets_of.indices.astype(np.int32), sets_of.indptr[:-1])
        probes = np.random.default_rng().integers(1, PRIME, (MOST_PARAMETERS, _PROBES)).astype(float)
        return cls(
            sets_of, atoms_of, patients, atoms_of.T @ patients, least, additive, unknown, which,
            np.zeros(atoms, np.int64), np.zeros(atoms, np.int64), np.zeros(sets, bool),
            np.zeros((sets, MOST_PARAMETERS)), probes,
        )  # fmt: skip

    def determine(self, ready: Integers, wanted: Flags) -> bool:
        """Settle every set that a large enough group of atoms pins down."""
        large = self._large_groups(ready, self.which[ready])
        settled = False
        # Wanted sets first: when all of them are settled at 0 the rest does not matter.
        large = large[np.argsort(~wanted[self.which[large]], kind="stable")]
        for atom in large:
            j = int(self.which[atom])
            if self.known[j] or self.unknown[atom] != 1:
                continue
            inside = self.sets_of.indices[self.sets_of.indptr[atom] : self.sets_of.indptr[atom + 1]]
            if self.parameters:
                used = slice(0, self.parameters)
                self.space[j, used] = mod(-self.space[inside[inside != j], used].sum(axis=0))
            self._settle(j)
            settled = True
            if wanted[j] and self.decided(wanted):
                break
        return settled

    def decided(self, wanted: Flags) -> bool:
        """Whether all that matter are known to be 0."""
        return bool(self.known[wanted].all()) and not self.space[wanted, : self.parameters].any()

    def free_one(self) -> None:
        """Make the unknown set with the most patients a parameter."""
        j = int(np.argmax(np.where(self.known, -1, self.sizes)))
        self.space[j, self.parameters] = 1.0
        self.parameters += 1
        self._settle(j)

    def restricted(self) -> Matrix:
        """The space in which every large group cancels."""
        space = self.space[:, : self.parameters]
        while space.shape[1]:
            probes = self.probes[: space.shape[1]]
            one, two, three = mod(self.sets_of @ mod(space @ probes)).astype(np.int64).T
            self.first, self.last = one + (two << 32), three
            open_atoms = np.flatnonzero(self.first | self.last)
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
        if self.space[j, : self.parameters].any():
            one, two, three = mod(self.space[j] @ self.probes).astype(np.int64)
            self.first[holding] += one + (two << 32)
            self.last[holding] += three

    def _large_groups(self, atoms: Integers, which: Integers | Small) -> Integers:
        """One atom of each group of atoms with the same `which` and value that has enough patients."""
        if not len(atoms):
            return atoms
        pair, last = self.first[atoms], self.last[atoms] % PRIME
        key = pair % 2**32 % PRIME + PRIME * ((pair >> 32) % 2**32 % PRIME + PRIME * last)
        order = np.lexsort((key, which))
        atoms, key, which = atoms[order], key[order], which[order]
        starts = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]) | (which[1:] != which[:-1])])
        gather = np.add if self.additive else np.maximum
        return atoms[starts[gather.reduceat(self.patients[atoms], starts) >= self.least]]
