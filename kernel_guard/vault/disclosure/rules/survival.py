"""Survival curves: each step is a patient, so steps are put together until enough patients stand behind each.

- Neighbouring intervals are merged until each has the pack's number of leavers (events and censored together), none
  or enough of either kind, and enough patients at risk at its start; what remains at the end joins the last step.
- The curve is then computed from the merged intervals alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernel_guard.vault.disclosure.pack import RulePack

NAME = "survival steps"


def merge(at_risk: int, events: Sequence[int], censored: Sequence[int], pack: RulePack) -> list[tuple[int, int]]:
    """Intervals [start, end) of the input to report, in order; empty where even the whole curve is about too few."""
    least = pack.survival
    spans: list[tuple[int, int]] = []
    start = died = left = 0
    for i, (d, c) in enumerate(zip(events, censored, strict=True)):
        died, left = died + d, left + c
        gone = sum(events[: i + 1]) + sum(censored[: i + 1])
        if _enough(died, left, least) and (at_risk - gone == 0 or at_risk - gone >= least):
            spans.append((start, i + 1))
            start, died, left = i + 1, 0, 0
    if start < len(events):
        first = spans.pop()[0] if spans else 0
        spans.append((first, len(events)))
        if not _enough(sum(events[first:]), sum(censored[first:]), least):
            return _shorter(at_risk, events, censored, spans, pack)
    return spans if at_risk >= least else []


def _enough(died: int, left: int, least: int) -> bool:
    return died + left >= least and all(n == 0 or n >= least for n in (died, left))


def _shorter(
    at_risk: int, events: Sequence[int], censored: Sequence[int], spans: list[tuple[int, int]], pack: RulePack
) -> list[tuple[int, int]]:
    """The last step joined to the one before, until it is large enough."""
    while len(spans) > 1:
        (first, _), (_, end) = spans[-2], spans[-1]
        spans[-2:] = [(first, end)]
        if _enough(sum(events[first:end]), sum(censored[first:end]), pack.survival):
            return spans
    (first, end) = spans[0]
    return spans if _enough(sum(events[first:end]), sum(censored[first:end]), pack.survival) else []


def detail(pack: RulePack) -> str:
    return f"each step stands for at least {pack.survival} patients, and as many are at risk"
