"""Numbers of patients in bands, so that a checker's screen tells no exact one."""

from __future__ import annotations

BANDS = (2, 5, 10, 50)  # multiples of the threshold at which a band ends


def band(patients: int, threshold: int) -> str:
    """Such as `20-49`: the band that so many patients fall into."""
    if patients < threshold:
        return f"<{threshold}"
    ends = [threshold, *(threshold * b for b in BANDS)]
    for low, high in zip(ends, ends[1:], strict=False):
        if patients < high:
            return f"{low}-{high - 1}"
    return f">={ends[-1]}"


def lower_end(patients: int, threshold: int) -> int:
    """The lower end of the band of so many patients."""
    return max(end for end in (0, threshold, *(threshold * b for b in BANDS)) if end <= patients)
