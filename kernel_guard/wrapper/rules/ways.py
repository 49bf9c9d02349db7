"""Every way in which a kernel could carry something out, and what becomes of it: one row each.

- The rows of messages name a channel, a message type and a field as `table.TABLE` has them; a test fails when a field
  may pass and has no row here, or when a row has no attack that tries it.
- `docs/ways-out.md` is this table; a test fails when they differ.
- What has no row does not pass: an unknown type, field or parent is dropped and counted.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One way out. `channel` is a socket, `any` for all of them, or `outside` for what is not a message."""

    channel: str
    message: str
    field: str
    rule: str

    @property
    def id(self) -> str:
        return f"{self.channel}/{self.message}/{self.field}"


_DISPLAY = (
    ("data", "each MIME type through the allow-list; the rest dropped, with a notice"),
    ("metadata", "a picture's width and height; the guard's own signed label"),
    ("transient", "only `display_id`, replaced by a keyed digest of it"),
)
_ERROR = (
    ("ename", "a Python name of up to 100 characters, else `Error`"),
    ("evalue", "text without control sequences, up to 10,000 characters"),
    ("traceback", "up to 200 such texts"),
)


def _rows(channel: str, message: str, *fields: tuple[str, str]) -> tuple[Way, ...]:
    return tuple(Way(channel, message, field, rule) for field, rule in fields)


WAYS: tuple[Way, ...] = (
    *_rows(
        "any",
        "any",
        ("route and topic", "made here: the route of the client that asked, the message's type as the topic"),
        ("header", "made here, with the guard's own session and counter"),
        ("parent_header", "only `msg_id` is read; the client's own header is sent back. An unknown one drops it all"),
        ("metadata", "dropped, but for a widget's protocol version"),
        ("buffers", "dropped, but for pictures of an Image widget, encoded again, and approved scripts"),
        ("frames", "checked for size, number and signature before they are parsed; made anew before they are sent"),
        ("unknown type", "dropped and counted"),
        ("unknown field", "not copied"),
        ("malformed value", "the message is dropped; a reply becomes an error reply, so that nobody waits"),
        ("message of a request that has ended", "passed for an hour, marked late in its signed label; then dropped"),
        ("another cell's parent", "passed as that cell's late output, with that cell's code in its label"),
        ("a flood", "20 MB and 20,000 messages for each cell, then one notice"),
        ("a giant message", "10 MB of content; above it the content is not parsed and a notice takes its place"),
    ),
    *_rows("iopub", "stream", ("name", "`stdout` or `stderr`"), ("text", "text without control sequences")),
    *_rows("iopub", "display_data", *_DISPLAY),
    *_rows("iopub", "execute_result", *_DISPLAY, ("execution_count", "an integer up to ten million")),
    *_rows("iopub", "update_display_data", *_DISPLAY, ("display_id", "only of a display that was shown before")),
    *_rows("iopub", "error", *_ERROR),
    *_rows("iopub", "clear_output", ("wait", "true or false")),
    *_rows("iopub", "status", ("execution_state", "`busy` once and `idle` once for each request of a client")),
    *_rows(
        "iopub",
        "execute_input",
        ("code", "the client's own, never the kernel's"),
        ("execution_count", "an integer up to ten million"),
    ),
    *_rows(
        "iopub",
        "comm_open",
        ("comm_id", "a UUID that is not in use"),
        ("target_name", "`jupyter.widget`"),
        ("target_module", "refused: old front ends load the script that it names"),
        ("data", "a model on the list, its state value by value"),
    ),
    *_rows(
        "iopub",
        "comm_msg",
        ("comm_id", "of a comm that was let through"),
        ("data", "state as when it opened; custom messages only to give and take the focus"),
    ),
    *_rows("iopub", "comm_close", ("comm_id", "of a comm that was let through"), ("data", "dropped")),
    *_rows("iopub", "debug_event", ("any", "dropped: it carries variables")),
    *_rows("iopub", "iopub_welcome", ("subscription", "dropped; the guard sends its own")),
    *_rows("iopub", "shutdown_reply", ("any", "dropped; the guard sends its own")),
    *_rows(
        "shell",
        "any reply",
        ("type", "only the reply to what was asked, once"),
        ("ename, evalue, traceback", "as in an error output"),
    ),
    *_rows(
        "shell",
        "execute_reply",
        ("execution_count", "an integer up to ten million"),
        ("payload", "only the pager, as text; `set_next_input` would write a cell into the notebook"),
        ("user_expressions", "only the names that were asked for, through the MIME allow-list"),
    ),
    *_rows(
        "shell",
        "complete_reply",
        ("matches", "up to 2,000 lines of up to 512 characters"),
        ("cursor_start", "an integer up to ten million"),
        ("cursor_end", "an integer up to ten million"),
        ("metadata", "the kinds of the matches, rebuilt"),
    ),
    *_rows("shell", "inspect_reply", ("found", "true or false"), ("data", "plain text only")),
    *_rows("shell", "is_complete_reply", ("status", "one of four words"), ("indent", "up to 32 blanks")),
    *_rows("shell", "history_reply", ("history", "answered by the guard from what clients sent")),
    *_rows("shell", "kernel_info_reply", ("any", "answered by the guard: a constant")),
    *_rows("shell", "comm_info_reply", ("comms", "answered by the guard from the comms that it let through")),
    *_rows("shell", "connect_reply", ("ports", "answered by the guard with the client's own")),
    *_rows("control", "usage_reply", ("any", "answered by the guard, measured from outside")),
    *_rows("control", "debug_reply", ("any", "answered by the guard: there is no debugger")),
    *_rows("control", "interrupt_reply", ("any", "answered by the guard, which signals the kernel itself")),
    *_rows("control", "shutdown_reply", ("any", "answered by the guard, which ends the kernel itself")),
    *_rows("control", "create_subshell_reply", ("subshell_id", "a UUID")),
    *_rows("control", "list_subshell_reply", ("subshell_id", "up to 100 UUIDs")),
    *_rows(
        "stdin",
        "input_request",
        ("prompt", "text, to the client whose running cell may ask"),
        ("password", "true or false"),
    ),
    *_rows("heartbeat", "echo", ("bytes", "the guard echoes the client's bytes; the kernel's are never read")),
    *_rows(
        "outside",
        "process",
        ("file descriptors 1 and 2", "a bounded log for the operator that Jupyter never sees"),
        ("exit code", "0 or 1"),
        ("core dump", "switched off, for core handlers of the host too"),
        ("signals", "a process namespace of its own, or refused"),
    ),
    *_rows(
        "outside",
        "files",
        ("of the host", "an own root with what Python needs, read-only, and a private home and tmp"),
        ("connection file", "not there: the sockets are inherited, the key comes by a pipe"),
        ("secrets", "the environment is an allow-list; the grant's token stays with the wrapper"),
    ),
    *_rows(
        "outside",
        "network",
        ("any", "a network namespace without interfaces, or no sockets at all"),
        ("unix sockets", "none in sight; abstract ones are scoped"),
    ),
    *_rows(
        "outside",
        "vault",
        ("relay", "listed methods and paths only, the wrapper's own token, one request after the other"),
        ("badge", "the guard's own MIME types never pass; a release shows what the vault itself says"),
    ),
    *_rows(
        "outside",
        "time",
        ("busy and idle", "open: when a cell ends can be seen"),
        ("number and length of messages", "open, up to the caps"),
        ("memory and processor use", "open: the status bar shows them"),
    ),
)
OPEN = frozenset(way.id for way in WAYS if way.rule.startswith("open"))
