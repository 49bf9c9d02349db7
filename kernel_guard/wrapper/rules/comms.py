"""Comms: the channel of ipywidgets, and nothing else.

- Targets: `jupyter.widget` (a model) and `jupyter.widget.control` (the state of all models). No other target, and no
  `target_module`: old front ends load the script it names.
- A model must be on the list in `widgets`; a refused one is remembered, so that its later messages say nothing more.
- Buffers pass only where a widget has a use for bytes and `widgets` could look into them.
"""

from __future__ import annotations

import re
from typing import Any

from kernel_guard.wrapper.rules import widgets
from kernel_guard.wrapper.rules.actions import (
    Action,
    Case,
    CloseComm,
    Comm,
    Drop,
    OpenComm,
    RefuseComm,
    Send,
    Withhold,
)

WIDGET = "jupyter.widget"
CONTROL = "jupyter.widget.control"
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}\Z")


def opened(case: Case) -> list[Action]:
    """A new model, if it is one that may be shown."""
    comm_id, data = case.fields["comm_id"], case.fields["data"]
    if case.view.comm(comm_id) is not None:
        return [Drop("comm is open")]
    state = data.get("state")
    module, model = widgets.model_of(state)
    if case.fields["target_name"] != WIDGET or case.fields.get("target_module") or not widgets.may_open(state):
        return [RefuseComm(comm_id), Withhold("widget")]
    comm = Comm(WIDGET, module, model)
    kept = widgets.clean_state(comm, state, _paths(data), case.buffers, case)
    content = {"comm_id": comm_id, "target_name": WIDGET, "data": kept.data}
    opening = OpenComm(comm_id, WIDGET, module, model)
    return [
        opening,
        Send("comm_open", content, "open", {"version": protocol_version(case.metadata)}, kept.buffers),
    ]


def message(case: Case) -> list[Action]:
    """A change of a model, or the state of all models on the control comm."""
    comm_id, data = case.fields["comm_id"], case.fields["data"]
    comm = case.view.comm(comm_id)
    if comm is None or comm.refused:
        return [Drop("comm refused")]
    kept = _states(case, data) if comm.target == CONTROL else _change(case, comm, data)
    if kept is None:
        return [Drop("widget message")]
    return [Send("comm_msg", {"comm_id": comm_id, "data": kept.data}, "open", {}, kept.buffers)]


def closed(case: Case) -> list[Action]:
    """The end of a comm; what the kernel says with it is not passed."""
    comm_id = case.fields["comm_id"]
    comm = case.view.comm(comm_id)
    if comm is None:
        return [Drop("comm refused")]
    ending: list[Action] = [CloseComm(comm_id)]
    return ending if comm.refused else [*ending, Send("comm_close", {"comm_id": comm_id, "data": {}})]


def protocol_version(metadata: dict[str, Any]) -> str:
    """The widget protocol that the kernel speaks."""
    version = metadata.get("version")
    return version if isinstance(version, str) and _VERSION.match(version) else "2.1.0"


def _change(case: Case, comm: Comm, data: dict[str, Any]) -> widgets.Kept | None:
    method = data.get("method")
    if method in ("update", "echo_update") and isinstance(data.get("state"), dict):
        kept = widgets.clean_state(comm, data["state"], _paths(data), case.buffers, case)
        return widgets.Kept({"method": method, **kept.data}, kept.buffers)
    if method == "custom":
        return widgets.clean_custom(comm, data.get("content"), case.buffers)
    return None


def _states(case: Case, data: dict[str, Any]) -> widgets.Kept | None:
    """The answer to `request_states`: each model again through the list, without what was refused when it opened."""
    states = data.get("states")
    if data.get("method") != "update_states" or not isinstance(states, dict):
        return None
    kept: dict[str, Any] = {}
    paths: list[list[str]] = []
    buffers: list[bytes] = []
    for comm_id, entry in list(states.items())[:10_000]:
        comm = case.view.comm(comm_id)
        state = entry.get("state") if isinstance(entry, dict) else None
        if comm is None or comm.refused or not isinstance(state, dict):
            continue
        one = widgets.clean_state(comm, state, *_of_model(comm_id, data, case.buffers), case)
        kept[comm_id] = {
            "model_name": comm.model,
            "model_module": comm.module,
            "model_module_version": widgets.version_of(entry.get("model_module_version")),
            "state": one.data["state"],
        }
        paths += [[comm_id, "state", *path] for path in one.data["buffer_paths"]]
        buffers += one.buffers
    return widgets.Kept({"method": "update_states", "states": kept, "buffer_paths": paths}, tuple(buffers))


def _of_model(comm_id: str, data: dict[str, Any], buffers: tuple[bytes, ...]) -> tuple[list[Any], tuple[bytes, ...]]:
    """The buffers of one model in the control comm's common list."""
    own = [
        (path[2:], buffer)
        for path, buffer in zip(_paths(data), buffers, strict=False)
        if isinstance(path, list) and path[:2] == [comm_id, "state"]
    ]
    return [path for path, _ in own], tuple(buffer for _, buffer in own)


def _paths(data: dict[str, Any]) -> list[Any]:
    paths = data.get("buffer_paths")
    return paths[:1_000] if isinstance(paths, list) else []
