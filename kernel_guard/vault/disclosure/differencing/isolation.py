"""Sum auditing: can released numbers be combined so that only a few patients remain?

Released sets S₁ … Sₘ split the patients into atoms (patients who are in the same sets). A reader who adds and subtracts
released numbers gets Σ cⱼ·xⱼ, a number about the patients on whom Σ cⱼ·1(Sⱼ) is not zero. It isolates when these are
fewer than the threshold.

- A combination is constant on every group of patients that it cannot tell apart. A group of at least the threshold must
  cancel, which is an equation on the coefficients; what is known of some coefficients makes groups larger.
- The combinations are found by propagation (`combinations`); what is left of them lives on small groups only.
- A space of one dimension is decided by its support. A larger one is shown safe by finding `least` disjoint sets of
  patients each of which pins every combination down: then no combination can vanish on all but fewer than `least`.
  What cannot be shown safe counts as isolating. What exceeds the bounds is `TOO_LARGE`: never a silent pass.
- Cost: linear in the number of (element, set) memberships, and quadratic in the number of free parameters.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kernel_guard.vault.disclosure.differencing.algebra import Matrix, mod, null_space, reduced
from kernel_guard.vault.disclosure.differencing.combinations import combinations

MOST_SETS = 30_000
MOST_RANK = 96
MOST_ORDERS = 32
Codes = npt.NDArray[np.uint32]


class Verdict(enum.Enum):
    SAFE = "safe"
    ISOLATES = "isolates"
    TOO_LARGE = "too large"


@dataclass(frozen=True)
class Finding:
    """`old`, `new`: indices of the sets that take part; `elements`: those on which something remains."""

    verdict: Verdict
    old: tuple[int, ...] = ()
    new: tuple[int, ...] = ()
    elements: Codes | None = None
    exhausted: bool = False  # the sets add up exactly, so that nothing remains


def find(
    old: Sequence[Codes], new: Sequence[Codes], least: int, owners: Callable[[Codes], Codes] | None = None
) -> Finding:
    """Whether a combination that includes a new set is about 1 to `least` − 1 patients.

    `owners` gives the patient of each element where elements are rows.
    """
    kept = _distinct(old, new)
    if not kept or kept[-1][0] == "old":
        return Finding(Verdict.SAFE)
    if len(kept) > MOST_SETS:
        return Finding(Verdict.TOO_LARGE)
    sets = [(old if side == "old" else new)[i] for side, i in kept]
    atoms = _Atoms.of(sets, owners)
    is_new = np.array([side == "new" for side, _ in kept])
    space = combinations(atoms.sets_of, atoms.atoms_of, atoms.patients, is_new, least, additive=owners is None)
    if space is None:
        return Finding(Verdict.TOO_LARGE)
    if not space[is_new].any():
        return Finding(Verdict.SAFE)
    left = mod(atoms.sets_of @ space)
    touched = np.asarray(left.any(axis=1))
    if touched.any():
        verdict = _judge(left[touched], atoms.patients[touched], least)
        if verdict is not Verdict.SAFE:
            return _finding(verdict, kept, space, atoms, touched)
    return Finding(Verdict.SAFE, exhausted=_has_relation(left, space, is_new))


def _finding(
    verdict: Verdict, kept: list[tuple[str, int]], space: Matrix, atoms: _Atoms, touched: npt.NDArray[np.bool_]
) -> Finding:
    used = [key for key, row in zip(kept, space, strict=True) if row.any()]
    sides = {side: tuple(i for s, i in used if s == side) for side in ("old", "new")}
    return Finding(verdict, sides["old"], sides["new"], atoms.elements(touched))


def _distinct(old: Sequence[Codes], new: Sequence[Codes]) -> list[tuple[str, int]]:
    """Sets that say something of their own: not empty, and each once, old ones first."""
    seen: set[tuple[int, int]] = set()
    kept = []
    for side, sets in (("old", old), ("new", new)):
        for i, codes in enumerate(sets):
            key = (len(codes), hash(codes.tobytes()))
            if len(codes) and key not in seen:
                seen.add(key)
                kept.append((side, i))
    return kept


@dataclass(frozen=True)
class _Atoms:
    """`sets_of[atom, set]` is 1 where the set holds the atom, and `atoms_of` the same by sets; `patients` are distinct
    patients per atom."""

    sets_of: sparse.csr_matrix
    atoms_of: sparse.csc_matrix
    patients: npt.NDArray[np.int64]
    of_element: npt.NDArray[np.int64]

    @classmethod
    def of(cls, sets: Sequence[Codes], owners: Callable[[Codes], Codes] | None) -> _Atoms:
        size = 1 + max(int(codes.max()) for codes in sets)
        random = np.random.default_rng().integers(1, 2**63, len(sets), dtype=np.uint64)
        sign = np.zeros(size, np.uint64)  # elements in the same sets get the same 64 bits, and others do not
        for codes, bits in zip(sets, random, strict=True):
            sign[codes] ^= bits
        present = np.flatnonzero(sign)
        _, first, atom, number = np.unique(sign[present], return_index=True, return_inverse=True, return_counts=True)
        of_element = np.full(size, -1, np.int64)
        of_element[present] = atom
        speaks = np.zeros(size, bool)  # one element of each atom answers for it
        speaks[present[first]] = True
        held = [of_element[codes[speaks[codes]]] for codes in sets]
        lengths = np.cumsum([0, *map(len, held)])
        members = sparse.csr_matrix(
            (np.ones(lengths[-1]), np.concatenate(held), lengths), shape=(len(sets), len(first))
        )
        patients = number if owners is None else _owners_per_atom(atom, owners(present.astype(np.uint32)), len(first))
        return cls(members.T.tocsr(), members.T, patients, of_element)

    def elements(self, chosen: npt.NDArray[np.bool_]) -> Codes:
        """The elements of the chosen atoms."""
        inside = self.of_element >= 0
        inside[inside] = chosen[self.of_element[inside]]
        return np.flatnonzero(inside).astype(np.uint32)


def _owners_per_atom(atom: npt.NDArray[np.int64], owner: Codes, atoms: int) -> npt.NDArray[np.int64]:
    pairs = np.unique(atom.astype(np.uint64) << np.uint64(32) | owner.astype(np.uint64))
    return np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=atoms)


def _judge(left: Matrix, patients: npt.NDArray[np.int64], least: int) -> Verdict:
    """Whether every combination in the row space of `left` (small atoms × parameters) is about enough patients."""
    basis = reduced(left.T)[0]
    rank = len(basis)
    if rank == 1:
        return Verdict.SAFE if patients.sum() >= least else Verdict.ISOLATES
    if rank > MOST_RANK or len(left) * rank * rank > 2e9:
        return Verdict.TOO_LARGE
    # Which sets are found depends on the order in which patients are taken: some orders fail where others do not.
    random = np.random.default_rng(0)
    orders = max(1, min(MOST_ORDERS, int(1e8 // (len(left) * rank * rank))))
    found = any(_has_packing(basis.T, patients, least, random.permutation(len(left))) for _ in range(orders))
    return Verdict.SAFE if found else Verdict.ISOLATES


def _has_packing(rows: Matrix, patients: npt.NDArray[np.int64], least: int, order: npt.NDArray[np.int64]) -> bool:
    """Whether `least` disjoint sets of patients are found, each of which pins every combination down."""
    remaining = patients.copy()
    for _ in range(least):
        chosen = order[np.argsort(-remaining[order], kind="stable")]
        chosen = chosen[remaining[chosen] > 0]
        pinned = reduced(rows[chosen].T)[1]
        if len(pinned) < rows.shape[1]:
            return False
        remaining[chosen[pinned]] -= 1
    return True


def _has_relation(left: Matrix, space: Matrix, is_new: npt.NDArray[np.bool_]) -> bool:
    """Whether new sets and others add up with nothing left over."""
    left = left[left.any(axis=1)]
    nothing = null_space(reduced(left)[0]) if left.size else np.eye(space.shape[1])
    return bool(nothing.size and mod(space[is_new] @ nothing).any())
