"""Masked numbers: a suppressed cell is a value of its own kind, with its reason. It is not 0, not NaN, and not text.

- Whatever is computed from a masked number is masked: sums, means and differences too, not only element by element.
- It has no truth value and no float: what would need one says why there is none.
- A column of a release that holds masks is a `GuardedArray`; pandas shows, stores and writes it with the reasons.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype, register_extension_dtype, take


class Masked:
    """A number that is not told, and why."""

    __slots__ = ("reason",)
    __array_priority__ = 1000

    def __init__(self, reason: str = "masked") -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return self.reason

    def __format__(self, _spec: str) -> str:
        return self.reason

    def _same(self, *_: object) -> Masked:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __divmod__ = _same
    __neg__ = __pos__ = __abs__ = __round__ = _same
    __lt__ = __le__ = __gt__ = __ge__ = _same

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masked) and other.reason == self.reason

    def __hash__(self) -> int:
        return hash((Masked, self.reason))

    def __float__(self) -> float:
        raise TypeError(f"This number is not told ({self.reason}); leave it out, or ask with .release(epsilon=…).")

    __int__ = __index__ = __float__

    def __bool__(self) -> bool:
        raise TypeError(f"This number is not told ({self.reason}), so nothing can depend on it.")


def _any(values: Sequence[object]) -> bool:
    return any(isinstance(v, Masked) for v in values)


ABSENT = Masked("no value")  # what pandas puts where it lays a table out and there is no cell


@register_extension_dtype
class GuardedDtype(ExtensionDtype):
    """Numbers of which some are masked."""

    name = "guarded"
    type = object
    kind = "O"
    na_value = ABSENT

    @property
    def _is_numeric(self) -> bool:
        return True

    @classmethod
    def construct_array_type(cls) -> Any:
        return GuardedArray

    @classmethod
    def construct_from_string(cls, string: str) -> GuardedDtype:
        if string == cls.name:
            return cls()
        raise TypeError(f"Cannot construct a 'GuardedDtype' from {string!r}")


class GuardedArray(ExtensionArray):
    """Numbers and masks, side by side."""

    def __init__(self, values: Sequence[object] | np.ndarray[Any, Any]) -> None:
        self._values = np.empty(len(values), object)
        self._values[:] = list(values)

    @classmethod
    def of(cls, values: Sequence[object], reasons: Sequence[object]) -> GuardedArray:
        """Numbers, and for those that are missing the reason."""
        return cls([
            Masked(str(why or "masked")) if v is None or v != v else v for v, why in zip(values, reasons, strict=True)
        ])  # fmt: skip

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: object = None, copy: bool = False) -> GuardedArray:
        missing = [v is None or (not isinstance(v, Masked) and v != v) for v in scalars]
        return cls([ABSENT if gone else v for v, gone in zip(scalars, missing, strict=True)])

    @classmethod
    def _from_factorized(cls, values: Any, original: GuardedArray) -> GuardedArray:
        return cls(values)

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[GuardedArray]) -> GuardedArray:
        return cls(np.concatenate([a._values for a in to_concat]))

    @property
    def dtype(self) -> GuardedDtype:
        return GuardedDtype()

    @property
    def nbytes(self) -> int:
        return int(self._values.nbytes)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, item: Any) -> Any:
        item = pd.api.indexers.check_array_indexer(self, item)
        found = self._values[item]
        return GuardedArray(found) if isinstance(found, np.ndarray) else found

    def __setitem__(self, key: Any, value: Any) -> None:
        self._values[pd.api.indexers.check_array_indexer(self, key)] = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return self._values.copy() if dtype in (None, object, np.dtype(object)) else self._values.astype(dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """numpy's functions, element by element; a mask stays one."""
        if method != "__call__" or options or ufunc.nout != 1:
            return NotImplemented
        columns = [i._values if isinstance(i, GuardedArray) else np.broadcast_to(i, len(self)) for i in inputs]
        return GuardedArray([
            next(v for v in row if isinstance(v, Masked)) if _any(row) else ufunc(*map(float, row))
            for row in zip(*columns, strict=True)
        ])  # fmt: skip

    def _where(self, mask: Any, value: Any) -> GuardedArray:
        """What `.where()` and `.clip()` come to: whether a masked number is within limits is not told either."""
        others = value if isinstance(value, (GuardedArray, np.ndarray, list)) else [value] * len(self)
        kept = [isinstance(v, Masked) or bool(m) for v, m in zip(self._values, mask, strict=True)]
        return GuardedArray([v if k else o for v, k, o in zip(self._values, kept, others, strict=True)])

    def __neg__(self) -> GuardedArray:
        return GuardedArray([-v for v in self._values])

    def __pos__(self) -> GuardedArray:
        return self.copy()

    def __abs__(self) -> GuardedArray:
        return GuardedArray([abs(v) for v in self._values])

    def __arrow_array__(self, type: Any = None) -> Any:
        """Each cell as its number, and the reason where it has none."""
        import pyarrow as pa

        shape = pa.struct([("value", pa.float64()), ("masked", pa.string())])
        told = [None if isinstance(v, Masked) else float(v) for v in self._values]
        why = [v.reason if isinstance(v, Masked) else None for v in self._values]
        return pa.array([{"value": v, "masked": w} for v, w in zip(told, why, strict=True)], type=shape)

    def isna(self) -> np.ndarray[Any, Any]:
        """A masked number is there, and not told; only where pandas found no cell at all is it missing."""
        return np.array([v is ABSENT for v in self._values], bool)

    def is_masked(self) -> np.ndarray[Any, Any]:
        """Where a number is not told."""
        return np.array([isinstance(v, Masked) for v in self._values], bool)

    def with_gaps(self) -> np.ndarray[Any, Any]:
        """Floats for a chart, which leaves a gap at a mask."""
        return np.array([np.nan if isinstance(v, Masked) else float(v) for v in self._values], float)

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> GuardedArray:
        fill = ABSENT if fill_value is None or fill_value is pd.NA else fill_value
        found: Any = take(self._values, indices, fill_value=fill, allow_fill=allow_fill)
        return GuardedArray(found)

    def copy(self) -> GuardedArray:
        return GuardedArray(self._values)

    def equals(self, other: object) -> bool:
        return (
            isinstance(other, GuardedArray)
            and len(self) == len(other)
            and all(a == b for a, b in zip(self._values, other._values, strict=True))
        )

    def _formatter(self, boxed: bool = False) -> Callable[[Any], str]:
        return str

    def _values_for_factorize(self) -> tuple[np.ndarray[Any, Any], Any]:
        return self._values, ABSENT

    def _reduce(self, name: str, *, skipna: bool = True, keepdims: bool = False, **options: Any) -> Any:
        """Whatever pandas is told of missing values: a number made from masked ones is masked."""
        masks = [v for v in self._values if isinstance(v, Masked)]
        found: Any = masks[0] if masks else getattr(pd.Series(self._values.astype(float)), name)(**options)
        return GuardedArray([found]) if keepdims else found

    def _accumulate(self, name: str, *, skipna: bool = True, **options: Any) -> GuardedArray:
        """Running sums and the like: masked from the first mask on."""
        found = getattr(pd.Series(self.with_gaps()), name)(skipna=False).tolist()
        first = next((v for v in self._values if isinstance(v, Masked)), ABSENT)
        return GuardedArray([first if v != v else v for v in found])


def _compare(op: Callable[[Any, Any], Any]) -> Callable[[GuardedArray, Any], Any]:
    def compared(self: GuardedArray, other: Any) -> Any:
        """Booleans, missing where a mask takes part."""
        others = other if isinstance(other, (GuardedArray, np.ndarray, list, pd.Series)) else [other] * len(self)
        answers = [
            pd.NA if isinstance(a, Masked) or isinstance(b, Masked) else bool(op(a, b))
            for a, b in zip(self._values, others, strict=True)
        ]
        return pd.array(answers, dtype="boolean")

    return compared


def _compute(op: Callable[[Any, Any], Any], *, turned: bool = False) -> Callable[[GuardedArray, Any], Any]:
    def computed(self: GuardedArray, other: Any) -> Any:
        """Element by element; a mask stays one."""
        if isinstance(other, (pd.Series, pd.Index, pd.DataFrame)):
            return NotImplemented  # pandas lines the two up and comes back
        others = other if isinstance(other, (GuardedArray, ExtensionArray, np.ndarray, list)) else [other] * len(self)
        pairs = zip(others, self._values, strict=True) if turned else zip(self._values, others, strict=True)
        return GuardedArray._from_sequence([op(a, b) for a, b in pairs])

    return computed


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(GuardedArray, f"__{_name}__", _compute(getattr(operator, _name)))
    setattr(GuardedArray, f"__r{_name}__", _compute(getattr(operator, _name), turned=True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(GuardedArray, f"__{_name}__", _compare(getattr(operator, _name)))
