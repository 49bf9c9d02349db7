"""The allow-list of what a kernel may say: (channel, message type) → fields → rule.

- A row's fields are rebuilt before its rule sees them; what has no row does not exist.
- Replies must answer a request of their own kind, once; outputs must name a request of a client.
- Answered by the guard and so without a row: kernel_info, connect, history, comm_info, usage, debug, interrupt,
  shutdown, iopub_welcome, heartbeat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.wrapper.rules import comms, outputs, replies
from kernel_guard.wrapper.rules.actions import Action, Asked, Case, Drop, View
from kernel_guard.wrapper.rules.fields import (
    ERROR,
    STREAM,
    Field,
    Refused,
    a_dict,
    a_line,
    a_list,
    a_text,
    boolean,
    comm_id,
    count,
    indent,
    one_of,
    rebuild,
)

_DISPLAY = {"data": Field(a_dict), "metadata": Field(a_dict, False), "transient": Field(a_dict, False)}


@dataclass(frozen=True)
class Rule:
    """One row: which fields are read, and what decides on them."""

    fields: Mapping[str, Field]
    decide: Callable[[Case], list[Action]]


TABLE: Mapping[tuple[str, str], Rule] = {
    ("iopub", "status"): Rule({"execution_state": Field(one_of("busy", "idle"))}, outputs.status),
    ("iopub", "execute_input"): Rule({"execution_count": Field(count)}, outputs.execute_input),
    ("iopub", "stream"): Rule(STREAM, outputs.plain),
    ("iopub", "error"): Rule(ERROR, outputs.plain),
    ("iopub", "clear_output"): Rule({"wait": Field(boolean)}, outputs.plain),
    ("iopub", "display_data"): Rule(_DISPLAY, outputs.display),
    ("iopub", "update_display_data"): Rule(_DISPLAY, outputs.display),
    ("iopub", "execute_result"): Rule({**_DISPLAY, "execution_count": Field(count)}, outputs.display),
    ("iopub", "comm_open"): Rule(
        {
            "comm_id": Field(comm_id),
            "target_name": Field(a_line(100)),
            # Read only to refuse it: old front ends load the JavaScript module that it names.
            "target_module": Field(lambda value: value is not None, False),
            "data": Field(a_dict),
        },
        comms.opened,
    ),
    ("iopub", "comm_msg"): Rule({"comm_id": Field(comm_id), "data": Field(a_dict)}, comms.message),
    ("iopub", "comm_close"): Rule({"comm_id": Field(comm_id)}, comms.closed),
    ("shell", "execute_reply"): Rule(
        {
            "execution_count": Field(count, False),
            "payload": Field(a_list(a_dict, 16), False),
            "user_expressions": Field(a_dict, False),
        },
        replies.execute,
    ),
    ("shell", "complete_reply"): Rule(
        {
            "matches": Field(a_list(a_line(512), 2_000)),
            "cursor_start": Field(count),
            "cursor_end": Field(count),
            "metadata": Field(a_dict, False),
        },
        replies.complete,
    ),
    ("shell", "inspect_reply"): Rule({"found": Field(boolean), "data": Field(a_dict)}, replies.inspect),
    ("shell", "is_complete_reply"): Rule({"indent": Field(indent, False)}, replies.is_complete),
    ("control", "create_subshell_reply"): Rule({"subshell_id": Field(comm_id)}, replies.plain),
    ("control", "delete_subshell_reply"): Rule({}, replies.plain),
    ("control", "list_subshell_reply"): Rule({"subshell_id": Field(a_list(comm_id, 100))}, replies.plain),
    ("stdin", "input_request"): Rule(
        {"prompt": Field(a_text(10_000)), "password": Field(boolean, False)}, replies.input_request
    ),
}
REPLIES = frozenset(msg_type for channel, msg_type in TABLE if msg_type.endswith("_reply"))


def judge(
    channel: str,
    msg_type: str,
    content: Any,
    request: Asked,
    view: View,
    metadata: Any = None,
    buffers: tuple[bytes, ...] = (),
) -> list[Action]:
    """Decide on one message of the kernel."""
    rule = TABLE.get((channel, msg_type))
    if rule is None:
        return [Drop("unknown type")]
    if msg_type in REPLIES:
        return _judge_reply(rule, msg_type, content, request, view)
    try:
        fields = rebuild(content, rule.fields)
    except Refused:
        return [Drop("malformed")]
    return rule.decide(Case(msg_type, fields, request, view, metadata if isinstance(metadata, dict) else {}, buffers))


def _judge_reply(rule: Rule, msg_type: str, content: Any, request: Asked, view: View) -> list[Action]:
    if request.replied or msg_type != request.msg_type.replace("_request", "_reply"):
        return [Drop("not an answer")]
    status = content.get("status") if isinstance(content, dict) else None
    if status == "aborted":
        return [replies.aborted(msg_type)]
    try:
        if status == "error":
            return [replies.failed(msg_type, rebuild(content, ERROR), content)]
        fields = rebuild(content, rule.fields)
    except Refused:
        # The client waits for an answer: silence would hang it.
        return [replies.unreadable(msg_type)]
    if msg_type == "is_complete_reply":
        fields["status"] = status
    return rule.decide(Case(msg_type, fields, request, view))
