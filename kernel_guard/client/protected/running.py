"""Run a cell's code with frames in its names, and collect what it hands over.

- Frames stand under their table's name; `release(name, obj)` hands over; the last expression is the private answer.
- `imports_of` is what may be loaded before rows are there: whole import statements at the top of the code.
"""

from __future__ import annotations

import ast
import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernel_guard.client.protected.convert import document_of
from kernel_guard.plan.protected import Output

FILENAME = "<protected code>"
_VALUE = "__value__"


def imports_of(tree: ast.Module) -> list[ast.stmt]:
    """The import statements at the top level of the code."""
    return [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]


def warm(code: str) -> None:
    """Load what the code imports, into a namespace that is thrown away; what cannot be loaded fails when it runs."""
    for statement in imports_of(ast.parse(code)):
        with contextlib.suppress(Exception):
            exec(compile(ast.Module([statement], []), FILENAME, "exec"), {"__name__": "__protected__"})


def run(code: str, frames: Mapping[str, Any], hand_over: Callable[[str, Any, Any], None]) -> Any:
    """Run the code; gives the value of its last expression, or None."""
    __tracebackhide__ = True

    def release(name: str, obj: Any, patients: Any = None) -> None:
        """Hand an object over. `patients`: for each row of a table, the patients behind it."""
        hand_over(name, obj, patients)

    namespace: dict[str, Any] = {"__name__": "__protected__", "release": release, **frames}
    tree = ast.parse(code, FILENAME)
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        kept = ast.Assign([ast.Name(_VALUE, ast.Store())], last.value)
        tree.body[-1] = ast.fix_missing_locations(ast.copy_location(kept, last))
    exec(compile(tree, FILENAME, "exec"), namespace)
    return namespace.get(_VALUE)


def private_answer(code: str, frames: Mapping[str, Any], outputs: Sequence[Output]) -> list[float]:
    """The numbers that a block answers with, in the order of the outputs; raises when there are none."""
    __tracebackhide__ = True
    released: dict[str, Any] = {}
    value = run(code, frames, lambda name, obj, _: released.update({name: obj}))
    return numbers(value if value is not None else released, outputs)


def numbers(value: Any, outputs: Sequence[Output]) -> list[float]:
    """One finite number for each output: from a number, a sequence in their order, or a mapping by their names."""
    names = [output.name for output in outputs]
    if hasattr(value, "to_dict") and not hasattr(value, "columns"):
        value = value.to_dict()
    if isinstance(value, Mapping):
        missing = [name for name in names if name not in value]
        if missing:
            raise ValueError(
                f"The code gives no number named {missing[0]!r}: release it, or end with a dict that has it."
            )
        found = [value[name] for name in names]
    else:
        found = list(value) if hasattr(value, "__len__") and not isinstance(value, str) else [value]
    if len(found) != len(names):
        raise ValueError(f"The code gives {len(found)} numbers; {len(names)} are declared: {', '.join(names)}.")
    answer = [float(number) for number in found]
    for name, number in zip(names, answer, strict=True):
        if not math.isfinite(number):
            raise ValueError(f"{name} is {number}, which is not a finite number.")
    return answer


def review_documents(code: str, frames: Mapping[str, Any], keep: Callable[[dict[str, Any]], None]) -> None:
    """Run the code; `keep` gets every object that it hands over, as plain JSON values, at once."""
    __tracebackhide__ = True
    run(code, frames, lambda name, obj, patients: keep(document_of(name, obj, patients)))
