"""What may pass from a client to the kernel: (channel, message type) → the fields that are copied.

- The client is authenticated but not trusted with the kernel's inside: a content is rebuilt as on the way out.
- A type without a row is dropped. `answered` marks what the guard answers itself.
- `metadata` loses all but the cell's id, and a widget protocol's version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.wrapper.rules.comms import CONTROL, WIDGET
from kernel_guard.wrapper.rules.fields import Field, Refused, a_dict, boolean, comm_id, count, one_of

MAX_CODE = 5_000_000
_CELL = re.compile(r"[\w-]{1,64}\Z")
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}\Z")


def _code(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_CODE:
        raise Refused
    return value


def _expressions(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 100:
        raise Refused
    return {str(key)[:200]: str(expression)[:10_000] for key, expression in value.items()}


@dataclass(frozen=True)
class Request:
    """One row: the fields that reach the kernel, or that the guard answers this itself."""

    fields: Mapping[str, Field]
    answered: bool = False


_ANSWERED = Request({}, answered=True)
TABLE: Mapping[tuple[str, str], Request] = {
    ("shell", "execute_request"): Request(
        {
            "code": Field(_code),
            "silent": Field(boolean, False),
            "store_history": Field(boolean, False),
            "user_expressions": Field(_expressions, False),
            "allow_stdin": Field(boolean, False),
            "stop_on_error": Field(boolean, False),
        }
    ),
    ("shell", "complete_request"): Request({"code": Field(_code), "cursor_pos": Field(count)}),
    ("shell", "inspect_request"): Request(
        {"code": Field(_code), "cursor_pos": Field(count), "detail_level": Field(count, False)}
    ),
    ("shell", "is_complete_request"): Request({"code": Field(_code)}),
    ("shell", "comm_open"): Request(
        {
            "comm_id": Field(comm_id),
            "target_name": Field(one_of(WIDGET, CONTROL)),
            "data": Field(a_dict, False),
        }
    ),
    ("shell", "comm_msg"): Request({"comm_id": Field(comm_id), "data": Field(a_dict)}),
    ("shell", "comm_close"): Request({"comm_id": Field(comm_id), "data": Field(a_dict, False)}),
    ("shell", "kernel_info_request"): _ANSWERED,
    ("shell", "comm_info_request"): _ANSWERED,
    ("shell", "history_request"): _ANSWERED,
    ("shell", "connect_request"): _ANSWERED,
    ("shell", "shutdown_request"): _ANSWERED,
    ("control", "kernel_info_request"): _ANSWERED,
    ("control", "comm_info_request"): _ANSWERED,
    ("control", "connect_request"): _ANSWERED,
    ("control", "usage_request"): _ANSWERED,
    ("control", "debug_request"): _ANSWERED,
    ("control", "interrupt_request"): _ANSWERED,
    ("control", "shutdown_request"): _ANSWERED,
    ("control", "create_subshell_request"): Request({}),
    ("control", "delete_subshell_request"): Request({"subshell_id": Field(comm_id)}),
    ("control", "list_subshell_request"): Request({}),
    ("stdin", "input_reply"): Request({"value": Field(_code)}),
}


def kept_metadata(metadata: Any) -> dict[str, str]:
    """Of a client's metadata, what the kernel has a use for."""
    if not isinstance(metadata, dict):
        return {}
    kept = {}
    for key, form in (("cellId", _CELL), ("version", _VERSION)):
        value = metadata.get(key)
        if isinstance(value, str) and form.match(value):
            kept[key] = value
    return kept
