"""Outputs of a cell: what the guard shows of them.

- The code in `execute_input` is the client's own, never what the kernel says it ran.
- A display may refer to a release that this kernel received; the guard then shows the vault's statement and its own
  rendering of it, and nothing that the kernel put beside the reference.
- A display id is replaced: the guard's clients never see the kernel's string, and only ids seen before are updated.
"""

from __future__ import annotations

import re
from typing import Any

from kernel_guard.wrapper.content import mime
from kernel_guard.wrapper.rules.actions import Action, Case, Drop, RememberDisplay, Send, SetState, Withhold
from kernel_guard.wrapper.rules.fields import ERROR, STREAM, Refused, rebuild

_RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\Z")


def plain(case: Case) -> list[Action]:
    """The rebuilt fields are the message."""
    return [Send(case.msg_type, case.fields)]


def status(case: Case) -> list[Action]:
    """Busy and idle pass for requests of a client; `starting` and `dead` are the guard's to say."""
    return [SetState(case.fields["execution_state"])]


def execute_input(case: Case) -> list[Action]:
    """What the client asked to run, with the kernel's cell number."""
    if case.request.msg_type != "execute_request":
        return [Drop("not an execution")]
    number = case.fields["execution_count"] or 0
    return [Send("execute_input", {"code": case.request.code, "execution_count": number})]


def display(case: Case) -> list[Action]:
    """display_data, update_display_data and execute_result."""
    transient, remember = _transient(case)
    if case.msg_type == "update_display_data" and not _is_update(case, transient):
        return [Drop("unknown display")]
    data, metadata, zone, reasons = _contents(case)
    actions: list[Action] = [RememberDisplay(remember)] if remember else []
    if data:
        content: dict[str, Any] = {"data": data, "metadata": metadata, "transient": transient}
        if case.msg_type == "execute_result":
            content["execution_count"] = case.fields["execution_count"] or 0
        actions.append(Send(case.msg_type, content, zone))
    return actions + [Withhold(reason) for reason in sorted(reasons)]


def clean_output(output: Any, case: Case) -> dict[str, Any] | None:
    """One output in the notebook's form, as the Output widget holds them; None where nothing of it may pass."""
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind in ("display_data", "execute_result"):
        bundle = _bundle(output.get("data"), output.get("metadata"), case)
        shown = {"output_type": "display_data", "data": bundle.data, "metadata": bundle.metadata}
        return shown if bundle.data else None
    fields = {"stream": STREAM, "error": ERROR}.get(str(kind))
    try:
        return {"output_type": kind, **rebuild(output, fields)} if fields else None
    except Refused:
        return None


def knows_model(case: Case, model_id: str) -> bool:
    """Does this id belong to a widget that was let through?"""
    comm = case.view.comm(model_id)
    return comm is not None and not comm.refused


def _contents(case: Case) -> tuple[dict[str, Any], dict[str, Any], str, frozenset[str]]:
    data = case.fields["data"]
    if mime.RELEASE_REFERENCE in data:
        return _release(case, data[mime.RELEASE_REFERENCE])
    bundle = _bundle(data, case.fields.get("metadata"), case)
    return bundle.data, bundle.metadata, "open", bundle.dropped


def _bundle(data: Any, metadata: Any, case: Case) -> mime.Bundle:
    return mime.clean_bundle(data, metadata, lambda model: knows_model(case, model), case.view.draw)


def _release(case: Case, reference: Any) -> tuple[dict[str, Any], dict[str, Any], str, frozenset[str]]:
    """The vault's own statement in place of the kernel's reference to it."""
    release_id = reference.get("id") if isinstance(reference, dict) else None
    if not isinstance(release_id, str) or not _RELEASE_ID.match(release_id):
        return {}, {}, "open", frozenset({"unknown_release"})
    shown = case.view.release(release_id)
    if isinstance(shown, str):
        return {}, {}, "open", frozenset({shown})
    return shown, {}, "release", frozenset()


def _transient(case: Case) -> tuple[dict[str, Any], str]:
    given = case.fields.get("transient", {}).get("display_id")
    if not isinstance(given, str) or len(given) > 1_000:
        return {}, ""
    own = case.view.display_id(given)
    return {"display_id": own}, own


def _is_update(case: Case, transient: dict[str, Any]) -> bool:
    return bool(transient) and case.view.knows_display(transient["display_id"])
