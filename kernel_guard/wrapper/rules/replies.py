"""Replies of the kernel to a client's request.

- Of an execute_reply's payloads only the pager passes, as text: `set_next_input` would write a cell into the
  researcher's notebook.
- Values of user expressions pass only under the names that the client asked for, through the same MIME rules.
- A reply that cannot be read becomes an error reply, so that the client does not wait for ever.
"""

from __future__ import annotations

import re
from typing import Any

from kernel_guard.wrapper.content import mime
from kernel_guard.wrapper.rules.actions import Action, Case, Drop, Json, Send
from kernel_guard.wrapper.rules.fields import Refused, a_line, a_text, count, name

_COMPLETIONS = "_jupyter_types_experimental"
_KIND = re.compile(r"[a-z<>_ ]{1,32}\Z")
_IS_COMPLETE = ("complete", "incomplete", "invalid", "unknown")


def reply_type(msg_type: str) -> str:
    """The message type that answers a request's."""
    return msg_type.replace("_request", "_reply")


def plain(case: Case) -> list[Action]:
    """The rebuilt fields are the reply."""
    return [Send(case.msg_type, {"status": "ok", **case.fields})]


def execute(case: Case) -> list[Action]:
    """execute_reply of a cell that ended well."""
    content = {
        "status": "ok",
        "execution_count": case.fields.get("execution_count") or 0,
        "payload": [page for given in case.fields.get("payload", []) if (page := _page(given))],
        "user_expressions": _expressions(case),
    }
    return [Send(case.msg_type, content)]


def complete(case: Case) -> list[Action]:
    """Completions as short lines; the kinds that the completer shows as icons."""
    kinds = case.fields.pop("metadata", {}).get(_COMPLETIONS)
    typed = [row for given in kinds[:2_000] if (row := _completion(given))] if isinstance(kinds, list) else []
    content = {"status": "ok", **case.fields, "metadata": {_COMPLETIONS: typed} if typed else {}}
    return [Send(case.msg_type, content)]


def inspect(case: Case) -> list[Action]:
    """Documentation of a name, as plain text."""
    plain_text = case.fields["data"].get("text/plain")
    data = {"text/plain": a_text(200_000)(plain_text)} if isinstance(plain_text, str) else {}
    return [Send(case.msg_type, {"status": "ok", "found": case.fields["found"], "data": data, "metadata": {}})]


def is_complete(case: Case) -> list[Action]:
    """Whether the code is a whole statement."""
    status = case.fields.pop("status")
    if status not in _IS_COMPLETE:
        status = "unknown"
    return [Send(case.msg_type, {"status": status, **(case.fields if status == "incomplete" else {})})]


def input_request(case: Case) -> list[Action]:
    """A question of the running cell to its own client, where that client can answer."""
    if not (case.request.allow_stdin and case.request.busy):
        return [Drop("input not allowed")]
    content = {"prompt": case.fields["prompt"], "password": case.fields.get("password", False)}
    return [Send(case.msg_type, content)]


def aborted(msg_type: str) -> Send:
    """The kernel did not run it, because an earlier cell failed."""
    return Send(msg_type, {"status": "aborted"})


def failed(msg_type: str, error: Json, content: Json) -> Send:
    """An error reply with the rebuilt error."""
    reply = {"status": "error", **error}
    if msg_type == "execute_reply":
        reply |= {"execution_count": _number(content), "payload": [], "user_expressions": {}}
    return Send(msg_type, reply)


def unreadable(msg_type: str) -> Send:
    """Stands in for a reply that breaks the rules."""
    if msg_type == "is_complete_reply":
        return Send(msg_type, {"status": "unknown"})
    error = {
        "ename": "ReplyWithheld",
        "evalue": "The guard could not read the kernel's reply.",
        "traceback": [],
    }
    return failed(msg_type, error, {})


def _number(content: Json) -> int:
    try:
        return count(content.get("execution_count")) or 0
    except Refused:
        return 0


def _page(payload: Json) -> Json | None:
    data = payload.get("data")
    shown = data.get("text/plain") if isinstance(data, dict) else None
    if payload.get("source") != "page" or not isinstance(shown, str):
        return None
    return {"source": "page", "data": {"text/plain": a_text(200_000)(shown)}, "start": 0}


def _expressions(case: Case) -> Json:
    given = case.fields.get("user_expressions", {})
    return {key: _expression(given[key]) for key in case.request.expressions if isinstance(given.get(key), dict)}


def _expression(value: Json) -> Json:
    if value.get("status") == "ok":
        return {"status": "ok", "data": mime.clean_bundle(value.get("data")).data, "metadata": {}}
    try:
        evalue = a_text(2_000)(value.get("evalue"))
    except Refused:
        evalue = ""
    return {"status": "error", "ename": name(value.get("ename")), "evalue": evalue, "traceback": []}


def _completion(given: Any) -> Json | None:
    if not isinstance(given, dict):
        return None
    try:
        row: Json = {
            "text": a_line(512)(given.get("text")),
            "start": count(given.get("start")),
            "end": count(given.get("end")),
        }
        kind = given.get("type")
        row["type"] = kind if isinstance(kind, str) and _KIND.match(kind) else ""
        if isinstance(given.get("signature"), str):
            row["signature"] = a_line(512)(given["signature"])
    except Refused:
        return None
    return row
