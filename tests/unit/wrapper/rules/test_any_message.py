"""Whatever a kernel sends, only what the table lists comes out, in the form that it lists.

Every string of a generated message carries a mark of the place that it stands in; the test looks for the marks in the
bytes that leave. A mark in a place that the table does not open is a hole.
"""

from __future__ import annotations

import json
import random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel_guard.wrapper.frames import DELIMITER, pack
from kernel_guard.wrapper.rules.table import TABLE
from tests.lib.guarded import INNER, Guarded

TYPES = sorted(TABLE)
OTHERS = ["custom", "kernel_info_reply", "history_reply", "debug_event", "iopub_welcome", "shutdown_reply", "", "\x00"]
MARK = "qzmark"
# Text in these places is the kernel's to choose; in every other place no text of it may come out.
OPEN = {
    ("stream", "text"), ("error", "evalue"), ("error", "traceback"), ("error", "ename"),
    ("complete_reply", "matches"), ("input_request", "prompt"), ("inspect_reply", "data"),
}  # fmt: skip

WORDS = st.sampled_from(
    ["busy", "idle", "stdout", "stderr", "ok", "error", "aborted", "complete", "jupyter.widget", "page"]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 2**40), st.just(MARK), WORDS, st.just("a" * 32))
KEYS = st.sampled_from(
    "text/plain text/html image/png application/json application/x-unknown display_id status ename evalue traceback "
    "state method content outputs buffer_paths _model_module _model_name value source data text type secret".split()
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
WIDGET = {
    "_model_module": "@jupyter-widgets/controls", "_model_name": "LabelModel", "value": MARK, "secret key": MARK,
    "_view_module": MARK, "layout": MARK, "_dom_classes": [MARK, "jp-" + MARK],
}  # fmt: skip
BUNDLE = {"text/plain": MARK, "text/html": f"<p title={MARK}>{MARK}", "application/x": MARK, "application/json": [MARK]}
# A value for each field that its row would take, with marks wherever a kernel could put them.
PLAUSIBLE: dict[str, list[Any]] = {
    "execution_state": ["busy", "idle"], "name": ["stdout", "stderr"], "text": [MARK], "evalue": [MARK],
    "ename": ["ValueError", MARK], "traceback": [[MARK]], "wait": [True, False],
    "data": [BUNDLE, {"state": WIDGET}, {"method": "update", "state": WIDGET, "secret": MARK}],
    "metadata": [{"secret": MARK, "image/png": {"width": 4}}],
    "transient": [{"display_id": MARK, "secret": MARK}], "execution_count": [3], "comm_id": ["a" * 32],
    "target_name": ["jupyter.widget"], "target_module": [None], "matches": [[MARK]], "cursor_start": [0],
    "payload": [[{"source": "page", "data": {"text/plain": MARK, "text/html": MARK}, "secret": MARK}]],
    "user_expressions": [{"asked": {"status": "ok", "data": BUNDLE, "metadata": {"secret": MARK}}, MARK: {}}],
    "cursor_end": [1], "found": [True], "indent": ["  "], "subshell_id": ["c" * 32, ["c" * 32]], "prompt": [MARK],
    "password": [False],
}  # fmt: skip


def contents(msg_type: str, channel: str) -> st.SearchStrategy[dict[str, Any]]:
    """Contents of a type: mostly plausible fields, some of any value, some missing, always one that does not exist."""
    fields = TABLE[channel, msg_type].fields if (channel, msg_type) in TABLE else {}
    drawn = {name: st.sampled_from(PLAUSIBLE[name]) | st.sampled_from(PLAUSIBLE[name]) | VALUES for name in fields}
    status = st.sampled_from(["ok", "ok", "ok", "error", "aborted", MARK])
    fixed = {"secret": st.just(MARK), **({"status": status} if msg_type.endswith("_reply") else {})}
    errors = {name: st.sampled_from(PLAUSIBLE[name]) for name in ("ename", "evalue", "traceback")}
    return st.fixed_dictionaries(fixed, optional={**errors, **drawn}) | st.fixed_dictionaries({**fixed, **drawn})


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A signed message of any type, with any of the known fields and some unknown ones."""
    other = st.tuples(st.sampled_from(["iopub", "shell"]), st.sampled_from(OTHERS))
    channel, msg_type = draw(st.sampled_from(TYPES) | other)
    content = draw(contents(msg_type, channel))
    metadata = draw(st.dictionaries(st.sampled_from(["version", "secret", "text/plain"]), VALUES, max_size=3))
    buffers = draw(st.lists(st.just(MARK.encode()), max_size=2))
    header = {name: MARK for name in ("msg_id", "session", "username", "date", "version", "secret")}
    return channel, pack(INNER, {**header, "msg_type": msg_type}, parent_of(msg_type), metadata, content, buffers)


def parent_of(msg_type: str) -> dict[str, str]:
    answered = msg_type.replace("_reply", "_request") if msg_type.endswith("_reply") else "execute_request"
    return {"msg_id": answered, "session": MARK, "secret": MARK}


def plausible(channel: str, msg_type: str, choice: int) -> list[bytes]:
    """A signed message whose fields are all of the kind that the table expects."""
    fields = TABLE[channel, msg_type].fields
    content = {name: PLAUSIBLE[name][min(choice, len(PLAUSIBLE[name]) - 1)] for name in fields} | {"secret": MARK}
    if msg_type.endswith("_reply"):
        content["status"] = "complete" if msg_type == "is_complete_reply" else "ok"
    header = {"msg_type": msg_type, "secret": MARK}
    return pack(INNER, header, parent_of(msg_type), {"secret": MARK}, content)


@given(st.lists(messages(), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_only_listed_fields_come_out(sent: list[tuple[str, list[bytes]]]) -> None:
    guarded = Guarded()
    for channel, frames in sent:
        for message in split(guarded.hear(channel, frames)):
            check(message)


def test_each_row_lets_a_plausible_message_through() -> None:
    """So that the property above is about messages that pass."""
    passed = set()
    for channel, msg_type in TYPES:
        for choice in range(3):
            guarded = Guarded()
            if msg_type in ("comm_msg", "comm_close"):
                guarded.hear("iopub", plausible("iopub", "comm_open", 1))
            if msg_type == "update_display_data":
                guarded.hear("iopub", plausible("iopub", "display_data", 0))
            sent = split(guarded.hear(channel, plausible(channel, msg_type, choice)))
            passed |= {message["header"]["msg_type"] for message in sent}
    assert passed >= {msg_type for _, msg_type in TYPES}


def split(frames: list[bytes]) -> list[dict[str, Any]]:
    """The messages among the frames, each as its parts."""
    found = []
    for at, frame in enumerate(frames):
        if frame == DELIMITER:
            header, parent, metadata, content = map(orjson.loads, frames[at + 2 : at + 6])
            found.append(
                {"before": frames[at - 1], "header": header, "parent": parent, "metadata": metadata, "content": content}
            )
    return found


def check(message: dict[str, Any]) -> None:
    msg_type = message["header"]["msg_type"]
    assert set(message["header"]) == {"msg_id", "msg_type", "username", "session", "date", "version"}
    for part in ("before", "header", "parent", "metadata"):
        assert MARK not in str(message[part]), part
    channel = {one: channel for channel, one in TYPES}.get(msg_type)
    assert channel, f"{msg_type} has no row"
    for field, value in message["content"].items():
        if MARK in json.dumps(value) and (msg_type, field) not in OPEN:
            assert (msg_type, field) in MIME and marks_are_in_values(value), (msg_type, field, value)
    assert set(message["content"]) <= set(TABLE[channel, msg_type].fields) | ADDED.get(msg_type, set()), message[
        "content"
    ]


# A bundle's values may hold the kernel's text; its keys, metadata and everything around them may not.
MIME = {
    ("display_data", "data"), ("execute_result", "data"), ("update_display_data", "data"),
    ("execute_reply", "user_expressions"), ("execute_reply", "payload"), ("comm_open", "data"), ("comm_msg", "data"),
}  # fmt: skip
_REPLY = {
    "status",
    "ename",
    "evalue",
    "traceback",
    "execution_count",
    "payload",
    "user_expressions",
    "metadata",
    "data",
}
ADDED = {
    **{msg_type: _REPLY for _, msg_type in TYPES if msg_type.endswith("_reply")},
    "execute_input": {"code"},
    "display_data": {"data", "metadata", "transient"},
    "execute_result": {"transient"},
}
OPEN |= {
    (msg_type, field) for _, msg_type in TYPES for field in ("evalue", "traceback", "ename") if "reply" in msg_type
}


def marks_are_in_values(value: Any) -> bool:
    """No key of a structure is the kernel's own, but the keys of a JSON output."""
    if isinstance(value, dict):
        return all(
            key == "application/json" or (MARK not in key and marks_are_in_values(item)) for key, item in value.items()
        )
    return all(map(marks_are_in_values, value)) if isinstance(value, list) else True


def fuzzed(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    """Frames with some bytes, or some frames, changed; half of the time signed again, so that they are read."""
    changed = [bytearray(frame) for frame in frames]
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        frame = changed[-1] if chance.random() < 0.6 else chance.choice(changed)
        match chance.choice((0, 0, 0, 1, 1, 2, 3, 4, 5)):
            case 0 if frame:
                frame[chance.randrange(len(frame))] = chance.randrange(256)
            case 1:
                frame[chance.randint(0, len(frame)) : 0] = bytes(chance.choice(PIECES), "utf-8", "surrogatepass")
            case 2 if frame:
                del frame[chance.randrange(len(frame)) :]
            case 3:
                changed.insert(chance.randint(0, len(changed)), bytearray(chance.choice(changed)))
            case 4 if len(changed) > 1:
                changed.pop(chance.randrange(len(changed)))
            case _:
                chance.shuffle(changed)
    result = [bytes(frame) for frame in changed]
    if chance.random() < 0.9 and len(result) >= 6:
        parts = result[2:6]
        result = [DELIMITER, INNER.sign(parts), *parts, *result[6:]]
    return result


PIECES = [
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    "1e999",
    "NaN",
    "null",
    "\ufeff",
    "\x00",
    "9" * 400,
    "[" * 500,
]


def run_fuzz(rounds: int, seed: int) -> int:
    """Gives how many messages came out of the changed ones."""
    chance, out = random.Random(seed), 0
    for number in range(rounds):
        if number % 50 == 0:
            guarded = Guarded()
        channel, msg_type = chance.choice(TYPES)
        frames = fuzzed(chance, plausible(channel, msg_type, chance.randint(0, 2)))
        for message in split(guarded.hear(channel, frames)):
            check(message)
            out += 1
    return out


def test_a_short_fuzz_run_finds_no_crash_and_no_hole() -> None:
    assert run_fuzz(10_000, seed=1) > 1_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 8))
def test_a_long_fuzz_run_finds_no_crash_and_no_hole(seed: int) -> None:
    assert run_fuzz(100_000, seed) > 10_000
