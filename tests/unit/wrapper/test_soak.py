"""Eight hours' worth of cells, and more, leave the wrapper's memory where it was once its tables were full."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.wrapper.frames import pack
from kernel_guard.wrapper.session import MAX_REQUESTS
from tests.lib.guarded import INNER, Guarded

_CELLS_OF_EIGHT_HOURS = 28_800  # one a second
_GROWTH = 4 << 20


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def one_cell(guarded: Guarded, number: int) -> None:
    """A cell with each kind of output, a widget that opens and closes, a display that is updated."""
    name = f"cell-{number}"
    request = guarded.ask("execute_request", shown_bytes=0)
    request.msg_id, request.code = name, f"print({number})" * 20
    guarded.session.add_request(request)
    comm = f"{number:032x}"
    state = {"_model_module": "@jupyter-widgets/controls", "_model_name": "LabelModel", "value": name}
    shown = {"data": {"text/plain": name * 20}, "metadata": {}, "transient": {"display_id": name}}
    for msg_type, content in (
        ("stream", {"name": "stdout", "text": name + "\n"}),
        ("display_data", shown),
        ("update_display_data", shown),
        ("comm_open", {"comm_id": comm, "target_name": "jupyter.widget", "data": {"state": state}}),
        ("comm_close", {"comm_id": comm, "data": {}}),
        ("error", {"ename": "E", "evalue": name, "traceback": [name]}),
        ("custom", {"secret": name}),
        ("status", {"execution_state": "idle"}),
    ):
        send(guarded, msg_type, name, content)
    guarded.session.log_input(request.code)
    guarded.publisher.seal_all()


def send(guarded: Guarded, msg_type: str, parent: str, content: dict[str, Any]) -> None:
    guarded.hear("iopub", pack(INNER, {"msg_type": msg_type, "msg_id": parent}, {"msg_id": parent}, {}, content))


@pytest.mark.slow
def test_memory_stays_flat() -> None:
    guarded = Guarded()
    filled = max(MAX_REQUESTS, 50_000) + 2_000  # the largest table is that of displays
    for number in range(filled):
        one_cell(guarded, number)
    before = resident()
    for number in range(filled, filled + _CELLS_OF_EIGHT_HOURS):
        one_cell(guarded, number)
    assert resident() - before < _GROWTH
