"""`%%together`: all questions of one notebook cell as one release.

    %%together epsilon=1
    sexes = person["sex"].value_counts()
    ages = person.groupby("sex")["age"].mean()

- The cell runs as it stands. Every name in it that is then a question is asked, all of them as one, and the name holds
  its table afterwards.
- Without a cost the answers are exact and checked together. Options are those of `.release(…)`: epsilon, rows, groups.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from kernel_guard.client.query import Query
from kernel_guard.client.together import Together
from kernel_guard.errors import PlanError

if TYPE_CHECKING:
    from kernel_guard.client.released_tables import ReleasedTables

_OPTION = re.compile(r"(epsilon|rows|groups)=([0-9./]+)\Z")


def together(shell: Any, line: str, cell: str) -> ReleasedTables:
    """Run the cell, ask its questions, give each name its table."""
    __tracebackhide__ = True
    options = _options(line)
    names = _assigned(cell)
    shell.ex(cell)
    questions = {name: value for name in names if isinstance(value := shell.user_ns.get(name), Query)}
    if not questions:
        raise PlanError(
            "This cell has no questions with a name.", hint="Write such as: ages = person['age'].hist(), not released."
        )
    released = Together(questions).release(**options)
    shell.user_ns.update(released)
    return released


def _options(line: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word in line.split():
        option = _OPTION.match(word)
        if option is None:
            raise PlanError(f"%%together does not know {word!r}.", hint="Write %%together epsilon=1, or no option.")
        found[option[1]] = option[2] if option[1] == "epsilon" else int(option[2])
    return found


def _assigned(cell: str) -> list[str]:
    """The plain names that the cell assigns at its top level, in order; a fault is told when the cell runs."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:
        return []
    targets = [t for node in body if isinstance(node, ast.Assign) for t in node.targets]
    return list(dict.fromkeys(t.id for t in targets if isinstance(t, ast.Name)))
