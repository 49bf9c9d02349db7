"""The workflow's diagram and tables in words, made from the tables that decide."""

from __future__ import annotations

from kernel_guard.review.permissions import Standing, allowed
from kernel_guard.review.states import OWNERS, TRANSITIONS, Action, State

_EVERYWHERE = (Action.VIEW, Action.COMMENT, Action.EXPIRE, Action.WITHDRAW)


def mermaid() -> str:
    """States and the actions that lead from one to another; what is possible in every open state is left out."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    for (state, action), to in TRANSITIONS.items():
        if action not in _EVERYWHERE:
            lines.append(f"    {state.value} --> {to.value}: {action.value}")
    lines += [f"    {state.value} --> [*]" for state, owner in OWNERS.items() if owner.value == "nobody"]
    return "\n".join(lines)


def table() -> str:
    """Who may do what in which state, as a Markdown table; empty where it is impossible."""
    lines = ["| state (whose move) | " + " | ".join(a.value for a in Action) + " |"]
    lines.append("|---" * (len(Action) + 1) + "|")
    for state in State:
        cells = [_initials(allowed(state, action)) for action in Action]
        lines.append(f"| {state.value} ({OWNERS[state].value}) | " + " | ".join(cells) + " |")
    legend = ", ".join(f"{_LETTER[s]} {s.value}" for s in Standing)
    return "\n".join([*lines, "", f"{legend}."])


_LETTER = {
    Standing.AUTHOR: "A", Standing.RESEARCHER: "R", Standing.CHECKER: "C", Standing.STEWARD: "S",
    Standing.AUDITOR: "U", Standing.ADMINISTRATOR: "M", Standing.SYSTEM: "V",
}  # fmt: skip


def _initials(found: frozenset[Standing]) -> str:
    return " ".join(_LETTER[s] for s in Standing if s in found)
