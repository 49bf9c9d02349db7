"""The notice in place of an output that is not proven: a constant, so that it needs no proof itself."""

from __future__ import annotations

from typing import Any

from kernel_guard.wrapper.notices import WITHHELD, withheld

REASON = "unsigned"


def replacement() -> dict[str, Any]:
    """The output that a notebook holds in place of an unproven one."""
    return {"output_type": "display_data", "data": withheld(REASON), "metadata": {}}


def is_notice(data: Any) -> bool:
    """Is this exactly the notice?"""
    return isinstance(data, dict) and WITHHELD in data and data == withheld(REASON)
